import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ProblemError, problem, problemBody } from './problem.js';

/**
 * Answers a connection whose request Node.js gives up, and ends it: one that did not come in whole in time, such as an
 * upload that stalls, or that is no HTTP. Nothing is kept for it.
 */
export function endBadConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const answer = answerFor(error.code);
  const body = JSON.stringify(problemBody(answer, ''));
  const head = [
    `HTTP/1.1 ${answer.statusCode} ${STATUS_CODES[answer.statusCode]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

function answerFor(code: string | undefined): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return problem(408, 'request_timeout', 'the request did not come in whole in time: send it again, without a pause');
  }
  if (code === 'HPE_HEADER_OVERFLOW') return problem(431, 'headers_too_large', 'the headers are too long');
  return problem(400, 'not_http', 'this is not a request of HTTP/1.1');
}
