import type { Reading } from '../../../model/reading.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { judgeBacklog } from '../../model/judge/backlog.js';
import { staysNormal, weigh } from '../../model/judge/evidence.js';
import { ended, type Holding, isOpen, NO_PAST, type PastOutcome, takeLive } from '../../model/judge/past.js';
import type { AlarmRule } from '../../model/rule/rule.js';
import { holds } from '../../model/rule/schedule.js';
import type { EventRecord } from '../../store/event-record.js';
import type { Watch } from '../watch/watch.js';
import type { BacklogReading } from './backlog.js';

/** What a live reading says of an exceedance of the past that may be going on. */
export function acceptLive(
  record: EventRecord,
  watch: Watch,
  reading: Reading,
  at: number,
  receivedAt: number,
  zone: TimeZone,
): void {
  const { past, rule } = watch;
  if (past === null || !isOpen(past) || isOfStanding(watch, at)) return;
  const outcome = takeLive(holdingOf(watch, zone), past, at, staysNormal(rule, reading), receivedAt);
  acceptPast(record, watch, outcome, receivedAt);
}

/**
 * What came too late to be live is recorded as of the past; only for values, for what else signals measure depends on
 * the order. What a standing alarm is about already is nothing new.
 */
export function settlePast(
  record: EventRecord,
  watch: Watch,
  all: readonly BacklogReading[],
  { newestAt, heardAt }: { readonly newestAt: number; readonly heardAt: number },
  zone: TimeZone,
): void {
  const { rule, gapMs } = watch;
  const past = watch.past ?? NO_PAST;
  if (!isOpen(past) && all.every(({ reading }) => staysNormal(rule, reading))) return;
  const told = all
    .filter(({ at }) => !isOfStanding(watch, at))
    .map(({ at, reading, late }) => {
      const weight = weigh(rule.evidence, reading);
      const measure = weight === 'none' ? null : reading.value;
      const inSchedule = isInSchedule(rule, at, zone);
      const seen = { at, measure, mayEnd: weight === 'full', lagMs: 0, inSchedule, gapMs };
      return { seen, late, isNormal: staysNormal(rule, reading) };
    });
  const { level, since } = watch.condition;
  // What stands, or may come to stand, began later than what was the newest then.
  const isNormal = watch.normal || (since !== null && newestAt < since);
  const beside = { newestAt, isNormal, intervalMs: watch.intervalMs ?? 0, heardAt };
  const holding = holdingOf(watch, zone);
  const outcome = judgeBacklog(holding, past, told, beside);
  acceptPast(record, watch, outcome, heardAt);
  const { normalAt } = outcome.past;
  if (level > 0 && normalAt !== null && isOpen(outcome.past)) {
    acceptPast(record, watch, ended(holding, outcome.past, normalAt), heardAt);
  }
}

function isOfStanding({ condition: { level, since } }: Watch, at: number): boolean {
  return level > 0 && !(since !== null && at < since);
}

/** What the past of the watch depends on. */
export function holdingOf(watch: Watch, zone: TimeZone): Holding {
  const { rule } = watch;
  return { rule, gapMs: watch.gapMs, inSchedule: (at) => isInSchedule(rule, at, zone) };
}

const isInSchedule = ({ schedule }: AlarmRule, at: number, zone: TimeZone) =>
  schedule === null || holds(schedule, at, zone);

export function acceptPast(record: EventRecord, watch: Watch, { past, events }: PastOutcome, receivedAt: number): void {
  if (past === (watch.past ?? NO_PAST)) return;
  watch.past = past;
  for (const event of events) record.noteLate(watch, event, receivedAt);
  record.addCondition(watch);
}
