import { ReplayRefused } from '../../alarms/replay/port.js';
import { RuleRefused } from '../../alarms/rules/port.js';
import { invalidFields, problem } from '../../http/problem.js';
import { asProblem } from '../readings/refusals.js';

const STATUS = { missing: 404, conflict: 409, invalid: 422 } as const;

/** The problem a refused change is answered with; `place` is where the rule is in the request. */
export function ruleProblem(error: unknown, place: string): unknown {
  if (!(error instanceof RuleRefused)) return error;
  const { kind, code, message, problems, current } = error;
  if (kind === 'invalid') {
    return invalidFields(problems.map(({ field, expected }) => ({ field: `${place}.${field}`, expected })));
  }
  return problem(STATUS[kind], code, message, current === null ? {} : { current });
}

/** The problem a replay that did not come to its end is answered with. */
export function replayProblem(error: unknown): unknown {
  if (!(error instanceof ReplayRefused)) return asProblem(error);
  if (error.code === 'too_many_replays') return problem(503, error.code, error.message, {}, { 'retry-after': '5' });
  return problem(422, error.code, error.message);
}
