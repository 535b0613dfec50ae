import { NotifyError } from '../../alarms/notify/port.js';
import { problem } from '../../http/problem.js';

const STATUS = { missing: 404, conflict: 409, invalid: 422 } as const;

/**
 * Runs `work` and answers what it refuses.
 * @throws Problem 404, 409, or 422 that names the fields
 */
export function orProblem<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refused(error);
  }
}

/** The Problem that a refusal is answered with; any other error as it is. */
export function refused(error: unknown): unknown {
  if (!(error instanceof NotifyError)) return error;
  const errors = error.fields.map(({ field, expected }) => ({ field: `body.${field}`, expected }));
  return problem(STATUS[error.kind], error.code, error.message, errors.length > 0 ? { errors } : {});
}
