import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, type ZodFastifySchemaValidationError } from 'fastify-type-provider-zod';
import { HistorianUnavailable, ResultTooLarge } from '../historian/port.js';
import { JournalFull } from '../journal/port.js';
import type { Audit } from '../registry/audit/port.js';
import { RegistryError } from '../registry/port.js';
import { StorageUnavailable } from '../state/port.js';
import { type FieldError, invalidFields, Problem, problem, problemBody } from './problem.js';

const REGISTRY_STATUS = { missing: 404, conflict: 409, invalid: 422 } as const;

/** Codes of what Fastify refuses by itself. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  404: 'not_found',
  413: 'body_too_large',
  414: 'path_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** Answers every error as a problem, and puts 401, 403 and what was asked outside a scope in the audit. */
export function handleErrors(app: FastifyInstance, audit: Pick<Audit, 'record'>): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = toProblem(error);
    if (answer.statusCode >= 500) request.log.error({ err: error }, 'request failed');
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
export function send(reply: FastifyReply, request: FastifyRequest, answer: Problem): FastifyReply {
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

function toProblem(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    return invalidFields(error.validation.flatMap((issue) => fieldErrors(error.validationContext ?? 'request', issue)));
  }
  if (error instanceof RegistryError) {
    const { kind, code, message, field } = error;
    return problem(
      REGISTRY_STATUS[kind],
      code,
      message,
      field === null ? {} : { errors: [{ field: `body.${field}`, expected: message }] },
    );
  }
  if (error instanceof ResultTooLarge) {
    return problem(422, 'result_too_large', `${error.message}, the bound of one answer; ask for less`, {
      limit: error.limit,
    });
  }
  if (error instanceof StorageUnavailable) {
    return problem(
      503,
      'storage_unavailable',
      error instanceof JournalFull
        ? 'the journal is full until the historian has caught up; nothing was stored'
        : 'the disk is full or failing; nothing was stored',
      {},
      { 'retry-after': '5' },
    );
  }
  if (error instanceof HistorianUnavailable) {
    const detail = 'history cannot be read just now; try again shortly';
    return problem(503, 'historian_unavailable', detail, {}, { 'retry-after': '1' });
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return problem(status, FRAMEWORK_CODES[status] ?? 'bad_request', error.message);
  return problem(500, 'internal_error', 'something went wrong here; the log of the service says what');
}

function fieldErrors(context: string, issue: ZodFastifySchemaValidationError): FieldError[] {
  const place = context === 'querystring' ? 'query' : context;
  const field = [place, ...issue.instancePath.split('/').filter((part) => part !== '')].join('.');
  const unknown = issue.keyword === 'unrecognized_keys' ? issue.params.keys : undefined;
  if (Array.isArray(unknown)) {
    return unknown.map((key) => ({ field: `${field}.${String(key)}`, expected: 'is not a field of this request' }));
  }
  return [{ field, expected: issue.message ?? 'another value' }];
}

function recordRefusal(audit: Pick<Audit, 'record'>, request: FastifyRequest, answer: Problem): void {
  audit.record({
    who: request.principal?.id ?? `address:${request.ip}`,
    action: `${request.method} ${request.routeOptions.url ?? '(no route)'}`,
    target: pathOf(request),
    outcome: 'refused',
    detail: { status: answer.statusCode, code: answer.outOfScope ? 'out_of_scope' : answer.code },
  });
}
