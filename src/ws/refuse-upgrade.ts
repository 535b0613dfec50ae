import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const CODES: Readonly<Record<number, string>> = {
  401: 'token_unknown',
  404: 'not_found',
  429: 'too_many_requests',
  503: 'too_many_clients',
};

/** Answers an upgrade request with a problem (RFC 9457) in place of a WebSocket, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, detail: string, path: string, retryAfterS = 5): void {
  const code = CODES[status] ?? 'error';
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: `urn:problem:${code}`, title, status, code, detail, instance: path });
  socket.on('error', () => undefined);
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Connection: close',
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(status === 401 ? ['WWW-Authenticate: Bearer realm="park"'] : []),
      ...(status === 429 || status === 503 ? [`Retry-After: ${retryAfterS}`] : []),
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
