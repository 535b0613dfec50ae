import { STATUS_CODES } from 'node:http';
import type { FieldError } from '../model/field-error.js';

/** An error answer after RFC 9457. Throw it from a hook or handler. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** The request was for something out of scope: only the audit records it, the answer does not tell. */
  outOfScope = false;
  constructor(
    readonly statusCode: number,
    /** Stable, snake_case, for programs. */
    readonly code: string,
    detail: string,
    /** Further members of the body, such as `errors`. */
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** `throw problem(404, 'unknown_park', 'there is no park x')` */
export function problem(
  status: number,
  code: string,
  detail: string,
  extra?: ProblemError['extra'],
  headers?: ProblemError['headers'],
): ProblemError {
  return new ProblemError(status, code, detail, extra, headers);
}

/** Most wrong fields that one answer names. */
export const MOST_ERRORS = 100;

/** 422 with each wrong field, the first `MOST_ERRORS` of them; for rules that a schema cannot express. */
export function invalidFields(errors: readonly FieldError[]): ProblemError {
  const named = errors.slice(0, MOST_ERRORS);
  const detail = named.map((error) => `${error.field}: ${error.expected}`).join('; ');
  const more = errors.length > named.length ? `; only the first ${MOST_ERRORS} are named` : '';
  return new ProblemError(422, 'invalid_request', `${detail}${more}`, { errors: named });
}

/** 422 with one wrong field. */
export const invalidField = (field: string, expected: string): ProblemError => invalidFields([{ field, expected }]);

/** The body of `application/problem+json`. `instance` is the requested path without its query. */
export function problemBody(given: ProblemError, path: string): Record<string, unknown> {
  return {
    type: `urn:problem:${given.code}`,
    title: STATUS_CODES[given.statusCode] ?? 'Error',
    status: given.statusCode,
    code: given.code,
    detail: given.message,
    instance: path,
    ...given.extra,
  };
}
