import type { Period } from '../../../model/time/windows.js';
import type { Alarm, AlarmEvent, EventCause } from '../alarm.js';
import type { AlarmRule } from '../rule/rule.js';
import type { Findings, FoundTransition } from './findings.js';

/** `stood`: it had been raised before the period. `not_evaluated`: no rule was in force, or there was nothing to judge. */
export type ExplanationVerdict = 'raised' | 'suppressed' | 'stood' | 'not_raised' | 'not_evaluated';

const BEGINS: readonly AlarmEvent['event'][] = ['raised', 'condition_began'];

/** Adds the stored raise where the replay does not find one. */
export function withStoredRaise(findings: Findings, events: readonly AlarmEvent[]): Findings {
  const begun = events.find(({ event, cause }) => BEGINS.includes(event) && cause !== 'operator' && cause !== 'time');
  if (begun === undefined || findings.transitions.some(({ kind }) => kind === 'raised')) return findings;
  const { value, setpoint, level: name, since, raisedAt, ruleVersion } = begun.alarm;
  if (value === null || since === null || raisedAt === null || raisedAt !== begun.at) return findings;
  const { at, receivedAt } = begun;
  const raised: FoundTransition = {
    ...{ kind: 'raised', level: 1, at, since, value, name, setpoint, ruleVersion, receivedAt, bySchedule: false },
  };
  return { ...findings, transitions: [raised, ...findings.transitions] };
}

/** The alarm's result in a period. `raisedUnder`: the suppression at each raise of the replay. */
export function verdictOf(
  { transitions, inputs }: Findings,
  before: Alarm | null,
  raisedUnder: readonly (string | null)[],
  events: readonly AlarmEvent[],
  rule: AlarmRule | null,
  wasReplayed: boolean,
): ExplanationVerdict {
  if (rule === null) return 'not_evaluated';
  const raised = events.some(({ event }) => event === 'raised') || raisedUnder.includes(null);
  if (raised) return 'raised';
  if (raisedUnder.length > 0 || events.some(({ event }) => event === 'condition_began')) return 'suppressed';
  if (before?.active) return before.suppression === null ? 'stood' : 'suppressed';
  if (transitions.some(({ kind }) => kind === 'raised')) return 'raised';
  return wasReplayed && inputs > 0 ? 'not_raised' : 'not_evaluated';
}

/** Effect of a stored event, or of a transition of a replay, on the process. */
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

/** Whether stored events that readings caused differ from those of the replay. */
export function differs(
  found: readonly FoundTransition[],
  events: readonly AlarmEvent[],
  { from, to }: Period,
): boolean {
  const recordedBy = (causes: readonly EventCause[]) =>
    events
      .filter(({ cause, at }) => causes.includes(cause) && at >= from && at < to)
      .flatMap(({ event, at }) => (RECORDED[event] === undefined ? [] : [`${RECORDED[event]}@${at}`]));
  // An end by schedule is stored with the time at which the service noticed it.
  const replayed = found.filter(({ bySchedule }) => !bySchedule);
  const again = replayed.map(({ kind, at }) => `${REPLAYED[kind]}@${at}`);
  // An end by delay has the stored cause `time`, as a shelving has.
  const known = recordedBy(['reading', 'time']);
  return recordedBy(['reading']).some((turn) => !again.includes(turn)) || again.some((turn) => !known.includes(turn));
}
