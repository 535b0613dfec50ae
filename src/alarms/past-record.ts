import { policyOf } from '../domain/alarm/class.js';
import { staysNormal, weigh } from '../domain/alarm/evidence.js';
import type { Arrival } from '../domain/alarm/judge.js';
import { type Holding, isOpen, NO_PAST, type PastOutcome, takeLate, takeLive } from '../domain/alarm/past.js';
import type { AlarmRule } from '../domain/alarm/rule.js';
import { holds } from '../domain/alarm/schedule.js';
import type { Reading } from '../domain/reading.js';
import { eventTime, isLate } from '../domain/time-trust.js';
import type { TimeZone } from '../domain/time-zone.js';
import type { EventRecord } from './record.js';
import type { Watch } from './watch.js';

/**
 * What came too late to be live is recorded as of the past; only for values, for what else signals measure depends on
 * the order. What a standing alarm is about already, and what comes twice within the live window, is nothing new.
 */
export function judgePast(
  record: EventRecord,
  watch: Watch,
  reading: Reading,
  { receivedAt, lagMs }: Arrival,
  outdated: boolean,
  zone: TimeZone,
): void {
  const { rule } = watch;
  const at = eventTime(reading.ts, receivedAt);
  const { level, since } = watch.condition;
  if (level > 0 && !(since !== null && at < since)) return;
  const past = watch.past ?? NO_PAST;
  const isNormal = staysNormal(rule, reading);
  if (outdated ? isLate(reading.ts, receivedAt) || policyOf(rule.alarmClass).latching : lagMs === null) {
    if (isNormal && !isOpen(past)) return;
    const weight = weigh(rule.evidence, reading);
    const measure = weight === 'none' ? null : reading.value;
    const inSchedule = isInSchedule(rule, at, zone);
    const seen = { at, measure, mayEnd: weight === 'full', lagMs: 0, inSchedule, gapMs: watch.gapMs };
    const normalAt = outdated && watch.normal && watch.lastTs > at ? watch.lastTs : null;
    // What came between it and the newest is not known any more.
    const heldUntil = outdated ? at + (watch.intervalMs ?? 0) : null;
    const later = { normalAt, heldUntil };
    takePast(record, watch, takeLate(holdingOf(watch, zone), past, seen, later, receivedAt), receivedAt);
  } else if (!outdated && isOpen(past)) {
    takePast(record, watch, takeLive(holdingOf(watch, zone), past, at, isNormal, receivedAt), receivedAt);
  }
}

/** What the past of the watch depends on. */
export function holdingOf(watch: Watch, zone: TimeZone): Holding {
  const { rule } = watch;
  return { rule, gapMs: watch.gapMs, inSchedule: (at) => isInSchedule(rule, at, zone) };
}

const isInSchedule = ({ schedule }: AlarmRule, at: number, zone: TimeZone) =>
  schedule === null || holds(schedule, at, zone);

export function takePast(record: EventRecord, watch: Watch, { past, events }: PastOutcome, receivedAt: number): void {
  if (past === (watch.past ?? NO_PAST)) return;
  watch.past = past;
  for (const event of events) record.noteLate(watch, event, receivedAt);
  record.touch(watch);
}
