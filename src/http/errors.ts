import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../registry/audit/port.js';
import { type ProblemError, problemBody } from './problem.js';
import { toProblem } from './to-problem.js';

/** Answers every error as a problem, and puts 401, 403 and what was asked outside a scope in the audit. */
export function handleErrors(app: FastifyInstance, audit: Pick<Audit, 'record'>): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = toProblem(error);
    if (answer.statusCode >= 500) request.log.error({ component: 'http', err: error }, 'request failed');
    if (answer.statusCode === 401 || answer.statusCode === 403 || answer.outOfScope)
      recordRefusal(audit, request, answer);
    return send(reply, request, answer);
  });
}

/** For Fastify's option of this name: what its router refuses, before any of the hooks, is a problem too. */
export function frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  send(reply, request, toProblem(error));
}

/** Sends a problem as the answer. */
export function send(reply: FastifyReply, request: FastifyRequest, answer: ProblemError): FastifyReply {
  const text = JSON.stringify(problemBody(answer, pathOf(request)));
  return reply
    .code(answer.statusCode)
    .headers(answer.headers)
    .type('application/problem+json')
    .serializer(String)
    .send(text);
}

/** The path without its query, which may hold a ticket. */
export function pathOf(request: FastifyRequest): string {
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
