import type { Alarm } from '../../alarms/model/alarm.js';
import { classPolicyOf, mayPerform } from '../../alarms/model/class.js';
import type { ActionRefusedError, OperatorAction } from '../../alarms/port.js';
import { type ProblemError, problem } from '../../http/problem.js';
import type { Principal } from '../../model/access.js';

/** In a bulk answer: the alarm does not exist, or is outside the scope. */
export const UNKNOWN_ALARM = 'unknown_alarm';
export const CHANGED_SINCE = 'changed_since';
export const alarmChangedSince = (alarm: Pick<Alarm, 'id' | 'seq'>, seq: number) =>
  `alarm ${alarm.id} changed with event ${alarm.seq}, after event ${seq}: look at it again`;

/** Why an action was refused, with the alarm's id for the client. */
export const refusalWords = ({ message }: ActionRefusedError, alarm: Alarm, seen: Alarm) =>
  message.replaceAll(alarm.id, seen.id);

/** The answer to a refused action: 404, 409 by the alarm's state, 422 where its class does not allow it. */
export function refusalProblem(
  { code }: ActionRefusedError,
  message: string,
  alarm: Alarm,
  action: OperatorAction,
): ProblemError {
  const { maxShelveS } = classPolicyOf(alarm.alarmClass);
  switch (code) {
    case 'unknown_alarm':
      return problem(404, code, message);
    case 'not_shelvable':
      return problem(422, code, message, { alarmClass: alarm.alarmClass, limit: maxShelveS });
    case 'shelved_too_long': {
      const field = 'until' in action ? 'body.until' : 'body.forS';
      const expected = `at most ${maxShelveS} s from now for alarms of class ${alarm.alarmClass}`;
      return problem(422, code, message, { errors: [{ field, expected }], limit: maxShelveS });
    }
    default:
      return problem(409, code, message, { state: alarm.state, suppression: alarm.suppression });
  }
}

/** @throws ProblemError 403 when the action on alarms of the class requires another role */
export function requireAuthority(who: Principal, { kind }: OperatorAction, { id, alarmClass }: Alarm): void {
  if (mayPerform(who.role, kind, alarmClass)) return;
  throw problem(
    403,
    'role_not_allowed',
    `alarm ${id} is of class ${alarmClass}: taking it out of service needs the role admin; this token has ${who.role}`,
    { role: who.role, allowed: ['admin'] },
  );
}
