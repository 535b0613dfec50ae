/** Acknowledges every PUBLISH and does nothing else: shows what a load process can send. Sends its port to its parent, and ends with it. */
import { createServer, type Socket } from 'node:net';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/** Length of the fixed header and of the rest of the packet at `at`; null while it is not all there. */
function packetAt(bytes: Buffer, at: number): { readonly header: number; readonly rest: number } | null {
  let rest = 0;
  for (let i = 0; i < 4; i += 1) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return null;
    rest += (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return at + 2 + i + rest <= bytes.length ? { header: 2 + i, rest } : null;
  }
  return null;
}

function acknowledgeAll(socket: Socket): void {
  let left = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
    const acks = Buffer.allocUnsafe(4 * Math.ceil(bytes.length / 8));
    let end = 0;
    let at = 0;
    for (let packet = packetAt(bytes, at); packet; packet = packetAt(bytes, at)) {
      const type = (bytes[at] as number) >> 4;
      if (type === 1) socket.write(CONNACK);
      if (type === 3) {
        const idAt = at + packet.header + 2 + bytes.readUInt16BE(at + packet.header);
        end = acks.writeUInt16BE(0x4002, end);
        end += bytes.copy(acks, end, idAt, idAt + 2);
      }
      at += packet.header + packet.rest;
    }
    left = Buffer.from(bytes.subarray(at));
    if (end > 0) socket.write(acks.subarray(0, end));
  });
}

const server = createServer(acknowledgeAll);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') process.send?.({ port: address.port });
});
process.once('disconnect', () => process.exit(0));
