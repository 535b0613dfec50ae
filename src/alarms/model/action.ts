import { isOfFuture, MAX_AHEAD_MS } from '../../model/time/trust.js';
import type { Alarm } from './alarm.js';
import { type AlarmClass, classPolicyOf } from './class.js';
import type { Transition } from './judge/evaluate.js';
import type { AlarmState, Shelving } from './state.js';

/** The action that follows a change of the condition. */
export const ACTION_OF = {
  raised: 'begin',
  level_raised: 'level_up',
  level_lowered: 'level_down',
  cleared: 'end',
} as const satisfies Record<Transition['kind'], string>;

/** The action due for an alarm by time alone; a second one waits for the next tick. */
export function dueAction(
  { active, unacknowledged, latched, suppression }: AlarmState,
  alarm: Pick<Alarm, 'acknowledgedAt' | 'clearedAt'> | null,
  alarmClass: AlarmClass,
  now: number,
): 'unshelve' | 're_alarm' | 'acknowledge' | null {
  const { shelved, byDesign, outOfService } = suppression;
  const { reAlarmS, autoAcknowledgeS, maxShelveS } = classPolicyOf(alarmClass);
  if (shelved !== null && (now >= shelved.until || lastsTooLong(shelved, maxShelveS, now))) return 'unshelve';
  if (alarm === null || shelved !== null || byDesign !== null || outOfService !== null) return null;
  if (active) return !unacknowledged && isOver(alarm.acknowledgedAt, reAlarmS, now) ? 're_alarm' : null;
  if (!unacknowledged || latched) return null;
  return isOver(alarm.clearedAt, autoAcknowledgeS, now) ? 'acknowledge' : null;
}

/** Whether that time has passed; a begin in the future, beyond the tolerance for clocks, counts as passed. */
function isOver(since: number | null, forS: number | null, now: number): boolean {
  if (since === null || forS === null) return false;
  return now - since >= forS * 1_000 || since - now > MAX_AHEAD_MS;
}

/** Whether the clock was set back since, so that a shelving would last longer than its class allows. */
function lastsTooLong({ at, until }: Shelving, maxShelveS: number, now: number): boolean {
  return isOfFuture(at, now) && until - now > maxShelveS * 1_000 + MAX_AHEAD_MS;
}

/** Why the class does not allow shelving until then, with a sentence for people; null: allowed. */
export function shelvingRefusal(alarmClass: AlarmClass, until: number, now: number) {
  const { maxShelveS } = classPolicyOf(alarmClass);
  if (maxShelveS === 0) {
    const why = `alarms of class ${alarmClass} cannot be shelved; for work on a detector take it out of service`;
    return { code: 'not_shelvable', why } as const;
  }
  if (until - now <= maxShelveS * 1_000) return null;
  const why = `alarms of class ${alarmClass} can be shelved for ${maxShelveS} s at most`;
  return { code: 'shelved_too_long', why } as const;
}
