import { isOfFuture, MAX_AHEAD_MS } from '../../model/time/trust.js';
import { policyOf } from '../model/class.js';
import type { Shelving } from '../model/state.js';
import type { Occasion } from '../store/event-record.js';
import type { AlarmEngine } from './engine.js';
import type { Watch } from './watch/watch.js';

/** What happens to alarms by the mere passing of time, looked at once a second; `now` is epoch milliseconds. */
export function passTime(engine: AlarmEngine, now: number): void {
  const occasion: Occasion = { cause: 'time', at: now, receivedAt: now };
  for (const watch of [...engine.record.kept.values()]) {
    const due = dueAction(watch, now);
    if (due !== null) engine.record.apply(watch, { kind: due }, occasion);
  }
  engine.tellLags(now);
  engine.endOfDelays(now);
  engine.endOfSchedules(now);
  engine.causes.tick(now);
}

/** The one thing that is due for an alarm; another waits for the next look. */
function dueAction(watch: Watch, now: number): 'unshelve' | 're_alarm' | 'acknowledge' | null {
  const { state, alarm } = watch;
  const { shelved, byDesign, outOfService } = state.suppression;
  const { reAlarmS, autoAcknowledgeS, maxShelveS } = policyOf(watch.rule.alarmClass);
  if (shelved !== null && (now >= shelved.until || lastsTooLong(shelved, maxShelveS, now))) return 'unshelve';
  if (alarm === null || shelved !== null || byDesign !== null || outOfService !== null) return null;
  if (state.active) return !state.unacknowledged && isOver(alarm.acknowledgedAt, reAlarmS, now) ? 're_alarm' : null;
  if (!state.unacknowledged || state.latched) return null;
  return isOver(alarm.clearedAt, autoAcknowledgeS, now) ? 'acknowledge' : null;
}

/** Whether so long has passed since; what began in the future, by more than clocks are put right by, is over. */
function isOver(since: number | null, forS: number | null, now: number): boolean {
  if (since === null || forS === null) return false;
  return now - since >= forS * 1_000 || since - now > MAX_AHEAD_MS;
}

/** Whether the clock was set back since, so that a shelving would last longer than any may. */
function lastsTooLong({ at, until }: Shelving, maxShelveS: number, now: number): boolean {
  return isOfFuture(at, now) && until - now > maxShelveS * 1_000 + MAX_AHEAD_MS;
}
