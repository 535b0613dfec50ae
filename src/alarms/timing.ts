import { policyOf } from '../domain/alarm/class.js';
import type { AlarmEngine } from './engine.js';
import type { Occasion } from './record.js';
import type { Watch } from './watch.js';

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
  if (shelved !== null && now >= shelved.until) return 'unshelve';
  if (alarm === null || shelved !== null || byDesign !== null || outOfService !== null) return null;
  const { reAlarmS, autoAcknowledgeS } = policyOf(watch.rule.alarmClass);
  if (state.active) {
    const since = alarm.acknowledgedAt;
    const due = reAlarmS !== null && since !== null && now - since >= reAlarmS * 1_000;
    return !state.unacknowledged && due ? 're_alarm' : null;
  }
  if (!state.unacknowledged || state.latched || autoAcknowledgeS === null || alarm.clearedAt === null) return null;
  return now - alarm.clearedAt >= autoAcknowledgeS * 1_000 ? 'acknowledge' : null;
}
