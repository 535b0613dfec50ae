import { HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { type GapRule, RESTS_ON, ruleAt } from './gaps.js';
import { type Increment, quantitiesBetween, type Row } from './increment.js';
import { type Checkpoint, type MeterContext, MeterEvaluation, type RegisterReading } from './meter.js';
import { type Finding, sameRegisterCarry } from './register.js';

/** A stretch of a meter's readings, such as a day's, all of them as they are now. */
export interface Chunk {
  /** Epoch ms, a whole hour; every reading is before it. */
  readonly to: number;
  /** Rising in time, those of the chunk before excepted. */
  readonly readings: Iterable<RegisterReading>;
}

/** What has to be written after a change, and nothing else. */
interface Reevaluation {
  /** The hours of UTC whose rows may differ: from the last reading before the change to where all is as it was. */
  readonly touched: Period;
  /** Increments of at least the touched hours. */
  readonly increments: readonly Increment[];
  /** They take the place of the stored checkpoints of the same times. */
  readonly checkpoints: readonly Checkpoint[];
  readonly findings: readonly Finding[];
}

const hourBefore = (ts: number): number => Math.floor(ts / HOUR_MS) * HOUR_MS;
const hourAfter = (ts: number): number => Math.ceil(ts / HOUR_MS) * HOUR_MS;

/**
 * The checkpoint to go on from after a change at `ts`: the hours that it may touch lie behind it wholly, so each of their
 * rows is written as a whole.
 * @param checkpoints rising in time; the first is the meter's beginning
 */
export function restartFrom(checkpoints: readonly [Checkpoint, ...Checkpoint[]], ts: number): Checkpoint {
  const [first] = checkpoints;
  const latest = checkpoints.findLast(({ at }) => at <= ts) ?? first;
  if (latest.readAt === null) return first;
  const hour = hourBefore(latest.readAt);
  return checkpoints.findLast(({ at, readAt }) => at <= hour && readAt !== null) ?? first;
}

/**
 * Counts a meter again after readings, swaps or voids of a time have changed, from a checkpoint of `restartFrom` on until
 * nothing differs any more. It takes no more chunks than it needs.
 * @param changed the times (epoch ms, `from <= ts <= to`) of what was added, changed or taken away
 * @param chunks adjacent, from `start.at` on; where they end, what is known of the meter ends
 * @param stored the checkpoint of a chunk's end before the change, where there is one
 */
export function reevaluate(
  start: Checkpoint,
  changed: Period,
  chunks: Iterable<Chunk>,
  stored: (at: number) => Checkpoint | undefined,
  context: MeterContext,
): Reevaluation {
  const evaluation = new MeterEvaluation(start, context);
  const checkpoints: Checkpoint[] = [];
  let from: number | null = null;
  let settledAt: number | null = null;
  let [end, isCovered] = [start.at, false];
  for (const { to, readings } of chunks) {
    for (const reading of readings) {
      if (reading.ts >= changed.from) from ??= evaluation.readBefore(changed.from);
      evaluation.push(reading);
    }
    if (to > changed.from) from ??= evaluation.readBefore(changed.from);
    const checkpoint = evaluation.checkpoint(to);
    end = to;
    if (settledAt === null) {
      checkpoints.push(checkpoint);
      const before = stored(to);
      const isPast = checkpoint.readAt !== null && checkpoint.readAt > changed.to;
      if (isPast && before !== undefined && sameRegisterCarry(before, checkpoint)) settledAt = checkpoint.readAt;
    }
    isCovered = settledAt !== null && checkpoint.readAt !== null && checkpoint.readAt >= hourAfter(settledAt);
    if (isCovered) break;
  }
  if (!isCovered) evaluation.finish(end);
  const touched = { from: hourBefore(from ?? changed.from), to: hourAfter(settledAt ?? end) };
  return { touched, increments: evaluation.increments, checkpoints, findings: evaluation.findings };
}

/** The rows of the touched hours, to take the place of those stored. */
export function hourRows({ increments, touched: { from, to } }: Pick<Reevaluation, 'increments' | 'touched'>): Row[] {
  const edges: number[] = [];
  for (let hour = from; hour <= to; hour += HOUR_MS) edges.push(hour);
  return quantitiesBetween(increments, edges).map((quantity, i) => ({ from: edges[i]!, to: edges[i + 1]!, quantity }));
}

/** Where gaps may have been filled from hours that were touched; null where no rule fills so. */
export function fillsRestingOn(touched: Period, rules: readonly GapRule[]): Period | null {
  const span = { from: touched.from + RESTS_ON.from - HOUR_MS, to: touched.to + RESTS_ON.to + HOUR_MS };
  const atStart = ruleAt(rules, span.from);
  const inForce = [atStart, ...rules.filter(({ from }) => from > span.from && from < span.to)];
  return inForce.some(({ method }) => method === 'same_hours_before') ? span : null;
}
