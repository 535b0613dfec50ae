import { createServer } from 'node:net';

/** Below the range systems give to outgoing connections (Linux 32768, others 49152), above well-known services. */
const FIRST = 15_000;
const LAST = 31_999;

/**
 * A loopback port that nobody listens on, and that no outgoing connection is given: else a client that knocks while the
 * server is down may be given the very port as its own and connect to itself, and the server could not come back.
 */
export async function quietPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error('no free port found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
