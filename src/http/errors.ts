import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../registry/audit/port.js';
import { type ProblemError, problem, problemBody } from './problem.js';
import { toProblem } from './to-problem.js';

/** Answers every error as a problem, and records 401, 403 and requests outside a scope in the audit. */
export function handleErrors(app: FastifyInstance, audit: Pick<Audit, 'record'>): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = toProblem(error);
    if (answer.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    if (answer.statusCode === 401 || answer.statusCode === 403 || answer.outOfScope)
      recordRefusal(audit, request, answer);
    return send(reply, request, answer);
  });
}

/** For Fastify's option of this name: its router's refusals, which come before all hooks, become problems too. */
export function frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  send(reply, request, toProblem(error));
}

function send(reply: FastifyReply, request: FastifyRequest, answer: ProblemError): FastifyReply {
  const text = JSON.stringify(problemBody(answer, pathOf(request)));
  return reply
    .code(answer.statusCode)
    .headers(answer.headers)
    .type('application/problem+json')
    .serializer(String)
    .send(text);
}

/** The path without its query, which may contain a ticket. */
function pathOf(request: FastifyRequest): string {
  const query = request.url.indexOf('?');
  return query < 0 ? request.url : request.url.slice(0, query);
}

function recordRefusal(audit: Pick<Audit, 'record'>, request: FastifyRequest, answer: ProblemError): void {
  audit.record({
    who: request.principal?.id ?? `address:${request.ip}`,
    action: `${request.method} ${request.routeOptions.url ?? '(no route)'}`,
    target: pathOf(request),
    outcome: 'refused',
    detail: { status: answer.statusCode, code: answer.outOfScope ? 'out_of_scope' : answer.code },
  });
}

/** Answers 404, or 405 with `Allow` if the path has other methods. */
export function handleNotFound(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly parts: readonly string[] }[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ method, parts: partsOf(route.url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const asked = partsOf(path);
    const allowed = new Set(routes.filter(({ parts }) => stands(parts, asked)).map(({ method }) => method));
    if (allowed.size === 0) return send(reply, request, problem(404, 'not_found', `there is nothing at ${path}`));
    const methods = [...allowed].sort();
    const allow = methods.join(', ');
    const detail = `${request.method} is not possible here; ${allow} are`;
    return send(reply, request, problem(405, 'method_not_allowed', detail, { allowed: methods }, { allow }));
  });
}

/** The parts between slashes; an empty last part is dropped. */
function partsOf(path: string): readonly string[] {
  const parts = path.split('/', MOST_PARTS);
  return parts.length > 1 && parts.at(-1) === '' ? parts.slice(0, -1) : parts;
}

const MOST_PARTS = 64;

function stands(route: readonly string[], asked: readonly string[]): boolean {
  const open = route.at(-1) === '*';
  if (open ? asked.length < route.length - 1 : asked.length !== route.length) return false;
  return route.every((part, at) => {
    if (part === '*') return true;
    return part.startsWith(':') ? asked[at] !== '' : asked[at] === part;
  });
}

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
