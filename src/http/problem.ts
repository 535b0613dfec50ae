import { STATUS_CODES } from 'node:http';
import type { FieldError } from '../model/field-error.js';

/** An answer that says what was wrong, RFC 9457. Throw it from a hook or handler. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** Somebody asked for what is not theirs: for the audit alone, the answer does not tell. */
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

/** 422 that names each wrong field; for rules a schema cannot express. */
export function invalidFields(errors: readonly FieldError[]): ProblemError {
  const detail = errors.map((error) => `${error.field}: ${error.expected}`).join('; ');
  return new ProblemError(422, 'invalid_request', detail, { errors });
}

/** The body of `application/problem+json`. `instance` is the path that was asked, without its query. */
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
