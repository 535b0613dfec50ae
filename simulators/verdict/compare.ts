import { alarmId } from '../../src/alarms/model/alarm.js';
import type { AlarmEventName } from '../../src/alarms/model/transition.js';
import type { ExpectedAlarm, ExpectedEvent } from './expected.js';
import type { RecordedEvent } from './recorded.js';

/**
 * How the record differs from the truth. `wrong_time`: the event happened outside its allowed time. `out_of_order`: it
 * happened in time, but out of its order.
 */
const DIFFERENCES = ['missing', 'unexpected', 'twice', 'out_of_order', 'wrong_time'] as const;
export interface Difference {
  readonly kind: (typeof DIFFERENCES)[number];
  readonly alarm: string;
  /** Text for people. */
  readonly what: string;
}

/** Events that readings cause; scenarios cause none that people, time or notification do. */
const PROCESS_EVENTS: ReadonlySet<string> = new Set<AlarmEventName>([
  'raised',
  'level_raised',
  'level_lowered',
  'cleared',
  'condition_began',
  'condition_ended',
]);

/** Compares the process events of the record with the truth, alarm by alarm. Empty: no difference. */
export function compareAlarms(
  expected: readonly ExpectedAlarm[],
  recorded: readonly RecordedEvent[],
): readonly Difference[] {
  const truth = new Map(expected.map((alarm) => [alarmId(alarm.rule, alarm.device), alarm]));
  const record = new Map<string, RecordedEvent[]>([...truth.keys()].map((id) => [id, []]));
  for (const event of recorded.toSorted((a, b) => a.seq - b.seq)) {
    if (!PROCESS_EVENTS.has(event.event)) continue;
    const known = record.get(event.alarm.id);
    if (known) known.push(event);
    else record.set(event.alarm.id, [event]);
  }
  return [...record]
    .filter(([id, events]) => truth.has(id) || !isEffect(events, truth))
    .flatMap(([id, events]) => compareOne(id, truth.get(id), events));
}

/** Whether an alarm of the truth silenced these events from begin to end: correct, and no operator was notified. */
function isEffect([first, ...rest]: readonly RecordedEvent[], truth: ReadonlyMap<string, ExpectedAlarm>): boolean {
  if (first?.event !== 'condition_began' || first.alarm.cause == null || !truth.has(first.alarm.cause)) return false;
  return rest.every(({ event }) => event === 'condition_began' || event === 'condition_ended');
}

function compareOne(id: string, expected: ExpectedAlarm | undefined, recorded: readonly RecordedEvent[]): Difference[] {
  const [events, repeated] = withoutRepeats(recorded);
  const differences: Difference[] = repeated.map((event) => ({ kind: 'twice', alarm: id, what: told(event) }));
  if (expected?.events === null) return differences;
  const truth = expected?.events ?? [];
  const matched = align(truth, events);
  const left = truth.filter((_, n) => !matched.some(([one]) => one === n));
  for (const event of events.filter((_, n) => !matched.some(([, other]) => other === n))) {
    const at = left.findIndex((one) => isSame(one, event));
    const [meant] = at < 0 ? [] : left.splice(at, 1);
    const kind = meant === undefined ? 'unexpected' : isInTime(meant, event) ? 'out_of_order' : 'wrong_time';
    const instead = kind === 'wrong_time' ? ` instead of ${between(meant!)}` : '';
    differences.push({ kind, alarm: id, what: `${told(event)}${instead}` });
  }
  for (const one of left) {
    differences.push({ kind: 'missing', alarm: id, what: `${one.event} (${one.level}) ${between(one)}` });
  }
  return differences;
}

/** An occurrence ends before the next begins: the same event at the same instant is a repeat in the record. */
function withoutRepeats(recorded: readonly RecordedEvent[]): [RecordedEvent[], RecordedEvent[]] {
  const seen = new Set<string>();
  const [first, repeated]: [RecordedEvent[], RecordedEvent[]] = [[], []];
  for (const event of recorded) {
    const key = `${event.event} ${event.alarm.level} ${event.at}`;
    (seen.has(key) ? repeated : first).push(event);
    seen.add(key);
  }
  return [first, repeated];
}

/** Index pairs of the longest common subsequence, in time and in order. */
function align(truth: readonly ExpectedEvent[], events: readonly RecordedEvent[]): [number, number][] {
  const lengths = Array.from({ length: truth.length + 1 }, () => new Array<number>(events.length + 1).fill(0));
  const fits = (i: number, j: number) => isSame(truth[i]!, events[j]!) && isInTime(truth[i]!, events[j]!);
  for (let i = truth.length - 1; i >= 0; i -= 1) {
    for (let j = events.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] = fits(i, j) ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const matched: [number, number][] = [];
  for (let i = 0, j = 0; i < truth.length && j < events.length; ) {
    if (fits(i, j)) matched.push([i++, j++]);
    else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i += 1;
    else j += 1;
  }
  return matched;
}

const isSame = (one: ExpectedEvent, { event, alarm }: RecordedEvent) =>
  one.event === event && one.level === alarm.level;

function isInTime({ earliest, latest }: ExpectedEvent, { at }: RecordedEvent): boolean {
  const instant = Date.parse(at);
  return instant >= earliest && instant <= latest;
}

const told = ({ seq, event, at, alarm }: RecordedEvent) => `${event} (${alarm.level}) at ${at}, event ${seq}`;

const between = ({ earliest, latest }: ExpectedEvent) =>
  `between ${new Date(earliest).toISOString()} and ${new Date(latest).toISOString()}`;
