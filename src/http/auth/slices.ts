import type { Socket } from 'node:net';

/** A slice holds some 30 of the shortest requests. */
const SLICE_BYTES = 1024;

/**
 * Hands what arrives to the HTTP parser in slices, and nothing more once `ended`. The parser turns all the requests of
 * a chunk into objects before it listens to anybody: 1,700 of the shortest, which cost more than answering one.
 */
export function readInSlices(socket: Socket, ended: () => boolean): void {
  // The parser reads by itself, out of reach, until somebody else listens.
  const nobody = () => undefined;
  socket.on('data', nobody).off('data', nobody);
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null) return push(null);
    let more = false;
    for (let at = 0; at < chunk.length && !ended(); at += SLICE_BYTES) {
      more = push(chunk.subarray(at, at + SLICE_BYTES), encoding);
    }
    return more;
  };
}

/** What is no HTTP any more arrives as it comes. */
export function readWhole(socket: Socket): void {
  Reflect.deleteProperty(socket, 'push');
}
