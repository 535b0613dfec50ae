import type { Alarm } from '../../alarms/model/alarm.js';
import { PRIORITIES } from '../../alarms/model/class.js';
import { ALARM_STATES, SUPPRESSIONS } from '../../alarms/model/state.js';

/** Counts of the alarms that are shown, and of those among `all` that are suppressed. */
export function summarize(all: readonly Alarm[], shown: readonly Alarm[]) {
  return {
    total: shown.length,
    unacknowledged: shown.filter((alarm) => alarm.unacknowledged).length,
    byState: countBy(ALARM_STATES, shown, (alarm) => alarm.state),
    byPriority: countBy(PRIORITIES, shown, (alarm) => alarm.priority),
    suppressed: countBy(SUPPRESSIONS, all, (alarm) => alarm.suppression),
  };
}

function countBy<T extends string>(names: readonly T[], alarms: readonly Alarm[], nameOf: (alarm: Alarm) => T | null) {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
  for (const alarm of alarms) {
    const name = nameOf(alarm);
    if (name !== null) counts[name] += 1;
  }
  return counts;
}
