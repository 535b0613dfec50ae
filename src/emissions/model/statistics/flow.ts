import { MINUTE_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { entersStatistics, type JudgedValue } from '../validity/judge.js';
import type { ValidityRules } from '../validity/rules.js';
import { millilitresOfFlow, toMillilitres } from './amounts.js';

export const SLOT_MS = 10 * MINUTE_MS;

/**
 * Where the volume of ten minutes comes from: the logger's own count, mean flow, or a totaliser's difference that was
 * spread over time without flow. `unknown`: nothing says, which is not 0.
 */
export const VOLUME_SOURCES = ['logger', 'flow', 'totaliser', 'unknown'] as const;
export type VolumeSource = (typeof VOLUME_SOURCES)[number];

/** What flowed in ten minutes. */
export interface FlowSlot {
  /** mL; null where it is unknown. */
  readonly volume: bigint | null;
  readonly source: VolumeSource;
}

/** What a totaliser rose by from one good reading to the next, m³; resets and exchanges are already taken out. */
export interface TotaliserRise extends Period {
  readonly m3: number;
}

/** How much flowed in each ten minutes of a day. */
export function flowSlots(
  day: Period,
  flow: readonly JudgedValue[],
  rises: readonly TotaliserRise[],
  rules: ValidityRules,
): FlowSlot[] {
  const slots = Math.round((day.to - day.from) / SLOT_MS);
  const counted = flow.filter((value) => entersStatistics(value, rules));
  const readings = Array.from({ length: slots }, (): { sum: number; count: number } => ({ sum: 0, count: 0 }));
  const logged = new Array<bigint | null>(slots).fill(null);
  for (const value of counted) {
    const first = Math.floor((value.ts - day.from) / SLOT_MS);
    const covered = value.intervalMs === undefined ? 1 : Math.max(1, Math.round(value.intervalMs / SLOT_MS));
    const amount = value.volume === undefined ? null : toMillilitres(value.volume);
    for (let at = 0; at < covered; at++) {
      const slot = readings[first + at];
      if (slot === undefined) continue;
      if (amount !== null) logged[first + at] = partOf(amount, at, covered);
      slot.sum += value.value;
      slot.count += 1;
    }
  }
  const known = readings.map(({ sum, count }, at): FlowSlot => {
    const own = logged[at] ?? null;
    if (own !== null) return { volume: own, source: 'logger' };
    if (count === 0) return { volume: null, source: 'unknown' };
    return { volume: millilitresOfFlow(sum / count, SLOT_MS), source: 'flow' };
  });
  return rises.reduce((found, rise) => filled(found, day, rise), known);
}

/** Part `at` of `parts` equal ones; all of them add up to the whole. */
function partOf(whole: bigint, at: number, parts: number): bigint {
  const upTo = (n: number) => (whole * BigInt(n)) / BigInt(parts);
  return upTo(at + 1) - upTo(at);
}

/** Spreads what a totaliser counted beyond the known slots evenly over the unknown ones between its two readings. */
function filled(slots: readonly FlowSlot[], day: Period, { from, to, m3 }: TotaliserRise): FlowSlot[] {
  const within = slots.map((_, at) => day.from + at * SLOT_MS >= from && day.from + (at + 1) * SLOT_MS <= to);
  const holes = slots.flatMap(({ volume }, at) => (within[at] && volume === null ? [at] : []));
  if (holes.length === 0) return [...slots];
  // What flowed before and after the day is not known here: a rise across its ends is shared out by time.
  const inside = within.filter(Boolean).length * SLOT_MS;
  const whole = toMillilitres(m3 * (inside / (to - from)));
  const known = slots.reduce((sum, { volume }, at) => (within[at] && volume !== null ? sum + volume : sum), 0n);
  const rest = whole > known ? whole - known : 0n;
  return slots.map((slot, at) => {
    const hole = holes.indexOf(at);
    return hole < 0 ? slot : { volume: partOf(rest, hole, holes.length), source: 'totaliser' };
  });
}
