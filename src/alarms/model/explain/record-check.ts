import type { Period } from '../../../model/time/windows.js';
import type { AlarmEvent, EventCause } from '../alarm.js';
import type { FoundTransition } from './findings.js';

/** What an event of the record, or a transition of a replay, did to the process. */
type Turn = 'up' | 'down' | 'end';

const RECORDED: Partial<Record<AlarmEvent['event'], Turn>> = {
  raised: 'up',
  level_raised: 'up',
  condition_began: 'up',
  level_lowered: 'down',
  cleared: 'end',
  condition_ended: 'end',
};
const REPLAYED: Readonly<Record<FoundTransition['kind'], Turn>> = {
  raised: 'up',
  level_raised: 'up',
  level_lowered: 'down',
  cleared: 'end',
};

/** Whether what readings brought about, by the record, is other than what their replay brought about. */
export function differs(
  found: readonly FoundTransition[],
  events: readonly AlarmEvent[],
  { from, to }: Period,
): boolean {
  const recordedBy = (causes: readonly EventCause[]) =>
    events
      .filter(({ cause, at }) => causes.includes(cause) && at >= from && at < to)
      .flatMap(({ event, at }) => (RECORDED[event] === undefined ? [] : [`${RECORDED[event]}@${at}`]));
  // What the schedule ended is recorded with the time at which the service saw it.
  const replayed = found.filter(({ bySchedule }) => !bySchedule);
  const again = replayed.map(({ kind, at }) => `${REPLAYED[kind]}@${at}`);
  // A delay that ended is recorded as time's doing, but so are shelvings.
  const known = recordedBy(['reading', 'time']);
  return recordedBy(['reading']).some((turn) => !again.includes(turn)) || again.some((turn) => !known.includes(turn));
}
