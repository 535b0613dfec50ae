import { connect, type Socket } from 'node:net';
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { onTestFinished } from 'vitest';

/** MQTT as bytes on a socket, where a client library would keep to its own order. */
export interface RawClient {
  readonly socket: Socket;
  /** All packets that came, in order. */
  readonly heard: Packet[];
  /** Resolves once `enough` is true of what came; rejects when the connection ends before. */
  until(enough: (heard: readonly Packet[]) => boolean): Promise<void>;
  readonly closed: Promise<void>;
}

export function rawClient(url: string): RawClient {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  onTestFinished(() => void socket.destroy());
  const heard: Packet[] = [];
  const waiting = new Set<() => void>();
  const read = parser();
  read.on('packet', (packet: Packet) => heard.push(packet));
  let isClosed = false;
  const changed = () => {
    for (const look of waiting) look();
  };
  socket.on('data', (bytes) => {
    read.parse(bytes);
    changed();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      changed();
      resolve();
    });
  });
  const until: RawClient['until'] = (enough) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (enough(heard)) resolve();
        else if (isClosed) reject(new Error(`closed after ${heard.map((one) => one.cmd).join(' ')}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { socket, heard, until, closed };
}

export function connectPacket(login: { username: string; password: string }, more: Partial<IConnectPacket> = {}) {
  const { username, password } = login;
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'raw',
    clean: true,
    keepalive: 0,
    username,
    password: Buffer.from(password),
    ...more,
  });
}

export function publishPacket(
  topic: string,
  payload: string | Buffer,
  more: Partial<Pick<IPublishPacket, 'qos' | 'messageId' | 'dup' | 'retain'>> = {},
): Buffer {
  return generate({ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false, ...more });
}

/** Sends `bytes` as one segment after another, cut at `cuts`, each handed to the system before the next. */
export async function sendCut(socket: Socket, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b).concat(bytes.length);
  let from = 0;
  for (const end of ends) {
    const part = bytes.subarray(from, end);
    from = end;
    if (part.length === 0) continue;
    await new Promise<void>((resolve) => socket.write(part, () => setImmediate(resolve)));
  }
}
