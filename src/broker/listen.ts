import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { EmbeddedBroker } from './broker.js';

/**
 * Connections that may wait for accept: more than all gateways that reconnect together after a restart. The kernel has
 * its own bound (net.core.somaxconn).
 */
const BACKLOG = 4_096;

/** Where MQTT listens; `tls` adds a second, encrypted port. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly port: number; readonly certFile: string; readonly keyFile: string };
}

/** MQTT listeners over TCP and TLS. */
export interface Listeners {
  readonly mqtt: string;
  readonly mqtts: string | null;
  close(): Promise<void>;
}

/** @throws the listener's error, such as EADDRINUSE, or a file error naming the certificate or key */
export async function listen(broker: EmbeddedBroker, options: ListenOptions): Promise<Listeners> {
  const open = new Set<net.Socket>();
  const accept = (socket: net.Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    // An error before the broker adds its listener would end the process.
    socket.on('error', () => undefined);
    broker.accept(socket, socket.remoteAddress ?? '');
  };
  const plain = net.createServer(accept);
  await listening(plain, options.port, options.host);
  let secure: tls.Server | null = null;
  if (options.tls !== undefined) {
    const { certFile, keyFile, port } = options.tls;
    secure = tls.createServer(
      { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2', handshakeTimeout: 10_000 },
      accept,
    );
    await listening(secure, port, options.host);
  }
  return {
    mqtt: addressOf('mqtt', plain),
    mqtts: secure && addressOf('mqtts', secure),
    async close() {
      const closed = [plain, secure].map((server) => server && new Promise((done) => server.close(done)));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function listening(server: net.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(scheme: string, server: net.Server): string {
  const { address, port, family } = server.address() as net.AddressInfo;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
