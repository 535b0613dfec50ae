import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/** Answers with a status, and what else is given. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** A robot's answer. */
export const errcode = (code: number, errmsg = 'x') =>
  answer(200, { 'content-type': 'application/json' }, JSON.stringify({ errcode: code, errmsg }));

/**
 * A real HTTP server on a free port that gives the answers in turn, the last one for ever, and keeps what it received.
 */
export async function startReceiver(...answers: Answer[]) {
  const received: Received[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    collect(request).then(
      (body) => {
        const one = { path: request.url ?? '', headers: request.headers, body };
        received.push(one);
        const next = left.length > 1 ? left.shift() : left[0];
        (next ?? answer(204))(response, one);
      },
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Answers this way from now on. */
    answerWith(next: Answer): void {
      left.splice(0, left.length, next);
    },
    /** Nobody listens any more. */
    stop(): Promise<void> {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function collect(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
