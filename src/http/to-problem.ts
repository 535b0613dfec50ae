import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors, type ZodFastifySchemaValidationError } from 'fastify-type-provider-zod';
import { NotifyError } from '../alarms/notify/port.js';
import { ReplayRefusedError } from '../alarms/replay/port.js';
import { RuleRefusedError } from '../alarms/rules/port.js';
import { EmissionsRefusedError } from '../emissions/port.js';
import {
  HistorianUnavailableError,
  QueryTimedOutError,
  ResultTooLargeError,
  TooManyOwnQueriesError,
  TooManyQueriesError,
} from '../historian/port/errors.js';
import { AssessmentComputingError } from '../intensity/assess/port.js';
import { IntensityRefusedError } from '../intensity/port.js';
import { JournalFullError } from '../journal/port.js';
import type { FieldError } from '../model/field-error.js';
import { RegistryError } from '../registry/port.js';
import { StorageUnavailableError } from '../state/port.js';
import { tooManyOwn } from './open-queries.js';
import { invalidFields, MOST_ERRORS, ProblemError, problem } from './problem.js';

/** Status of each kind of refusal. */
const STATUS_OF_KIND = { missing: 404, conflict: 409, invalid: 422 } as const;

/** Codes for refusals by Fastify itself. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  404: 'not_found',
  413: 'body_too_large',
  414: 'path_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** Turns an error of any port into a problem. */
export function toProblem(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const context = error.validationContext ?? 'request';
    // One beyond the bound, so that the answer says that there are more.
    return invalidFields(error.validation.slice(0, MOST_ERRORS + 1).flatMap((issue) => fieldErrors(context, issue)));
  }
  const known = refusalProblem(error) ?? historyProblem(error);
  if (known) return known;
  if (error instanceof StorageUnavailableError) {
    const detail =
      error instanceof JournalFullError
        ? 'the journal is full until the historian has caught up; nothing was stored'
        : 'the disk is full or failing; nothing was stored';
    return problem(503, 'storage_unavailable', detail, {}, { 'retry-after': '5' });
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return problem(status, FRAMEWORK_CODES[status] ?? 'bad_request', error.message);
  return problem(500, 'internal_error', 'something went wrong here; the log of the service says what');
}

/** Turns a refusal by the registry, the alarms or the intensity into a problem. */
function refusalProblem(error: Error): ProblemError | undefined {
  if (error instanceof RegistryError) {
    const { kind, code, message, field } = error;
    const extra = field === null ? {} : { errors: [{ field: `body.${field}`, expected: message }] };
    return problem(STATUS_OF_KIND[kind], code, message, extra);
  }
  if (error instanceof NotifyError) {
    const errors = inBody(error.fields);
    return problem(STATUS_OF_KIND[error.kind], error.code, error.message, errors.length > 0 ? { errors } : {});
  }
  if (error instanceof RuleRefusedError) {
    const { kind, code, message, problems, current } = error;
    if (kind === 'invalid') return invalidFields(inBody(problems));
    return problem(STATUS_OF_KIND[kind], code, message, current === null ? {} : { current });
  }
  if (error instanceof IntensityRefusedError || error instanceof EmissionsRefusedError) {
    if (error.kind === 'invalid') return invalidFields(inBody(error.fields));
    const refusal = problem(STATUS_OF_KIND[error.kind], error.code, error.message);
    if (error instanceof EmissionsRefusedError) refusal.outOfScope = error.outOfScope;
    return refusal;
  }
  if (error instanceof ReplayRefusedError) {
    return error.code === 'too_many_replays'
      ? problem(503, error.code, error.message, {}, { 'retry-after': '5' })
      : problem(422, error.code, error.message);
  }
  return undefined;
}

function historyProblem(error: Error): ProblemError | undefined {
  const busy = (code: string, detail: string) => problem(503, code, detail, {}, { 'retry-after': '1' });
  if (error instanceof ResultTooLargeError) {
    const { limit, message } = error;
    return problem(422, 'result_too_large', `${message}, the bound of one answer; ask for less`, { limit });
  }
  if (error instanceof TooManyOwnQueriesError) return tooManyOwn(error.limit, 'history queries');
  if (error instanceof TooManyQueriesError) {
    return busy('too_many_queries', 'too many history queries at once; try again shortly');
  }
  if (error instanceof QueryTimedOutError) {
    const limitSeconds = error.limit / 1000;
    const detail =
      `the question was worked on for ${limitSeconds} s, the longest there is (PARK_QUERY_TIMEOUT_S): narrow from and ` +
      'to, ask for fewer series, or take longer windows';
    return problem(504, 'query_timed_out', detail, { limitSeconds });
  }
  if (error instanceof AssessmentComputingError) {
    return problem(503, 'computing', error.message, {}, { 'retry-after': '5' });
  }
  if (error instanceof HistorianUnavailableError) {
    return busy('historian_unavailable', 'history cannot be read just now; try again shortly');
  }
  return undefined;
}

const inBody = (errors: readonly FieldError[]) =>
  errors.map(({ field, expected }) => ({ field: `body.${field}`, expected }));

function fieldErrors(context: string, issue: ZodFastifySchemaValidationError): FieldError[] {
  const part = context === 'querystring' ? 'query' : context;
  const field = [part, ...issue.instancePath.split('/').filter((part) => part !== '')].join('.');
  const unknown = issue.keyword === 'unrecognized_keys' ? issue.params.keys : undefined;
  if (Array.isArray(unknown)) {
    return unknown.map((key) => ({ field: `${field}.${String(key)}`, expected: 'is not a field of this request' }));
  }
  return [{ field, expected: issue.message ?? 'another value' }];
}
