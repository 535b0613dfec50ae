import type { Duplex } from 'node:stream';

/** The remaining length of an MQTT packet takes one to four bytes, MQTT 3.1.1 section 2.2.3. */
const MAX_LENGTH_BYTES = 4;

/**
 * Watches the bytes that the broker reads from `stream` and calls `onTooLarge` as soon as a packet announces more than
 * `limit` bytes, before any of its body is buffered. The first packet must be a CONNECT within `connectLimit`.
 */
export function guardFrames(
  stream: Duplex,
  limit: number,
  connectLimit: number,
  onTooLarge: (announced: number) => void,
): void {
  const read = stream.read.bind(stream);
  let bodyLeft = 0;
  let lengthBytes = -1;
  let length = 0;
  let bound = connectLimit;
  let refused = false;

  function tooLarge(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const skipped = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at]!;
      at += 1;
      if (lengthBytes < 0) {
        lengthBytes = 0;
        length = 0;
        continue;
      }
      length += (byte & 0x7f) * 128 ** lengthBytes;
      lengthBytes += 1;
      if (length > bound || (byte >= 0x80 && lengthBytes === MAX_LENGTH_BYTES)) return true;
      if (byte < 0x80) {
        bodyLeft = length;
        lengthBytes = -1;
        bound = limit;
      }
    }
    return false;
  }

  stream.read = (size?: number) => {
    if (refused) return null;
    const chunk: Buffer | null = read(size);
    if (chunk === null || !tooLarge(chunk)) return chunk;
    refused = true;
    onTooLarge(length);
    return null;
  };
}
