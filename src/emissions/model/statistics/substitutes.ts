import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { divideHalfEven } from '../rounding/decimal.js';
import { toGrid } from './amounts.js';

/** A sample taken by hand and analysed in a laboratory. */
export interface ManualSample {
  /** Epoch ms at which it was taken. */
  readonly ts: number;
  /** In the catalogue's unit. */
  readonly value: number;
}

/** A former day as far as substitutes need it. */
export interface EffectiveDay {
  /** Epoch ms of its beginning. */
  readonly from: number;
  /** Daily mean, on the grid. */
  readonly mean: bigint;
  /** Mean volume of ten minutes with discharge, mL. */
  readonly meanSlot: bigint;
}

/** What stands in for values of a day that are not valid. */
export interface Substitutes {
  /** On the grid; null: nothing to stand in. */
  readonly concentration: bigint | null;
  /** Volume of ten minutes, mL. */
  readonly slot: bigint | null;
  readonly samples: readonly ManualSample[];
}

/** Four samples a day, HJ 356-2019 from memory: one stands for six hours at most. */
export const SAMPLE_HOLDS_MS = 6 * HOUR_MS;
/** How far back effective days are used where no calibration is known. */
export const LOOK_BACK_MS = 30 * DAY_MS;

/**
 * Mean of the effective daily means since the last calibration that was passed (HJ 356-2019, from memory); of the last
 * thirty days where none is known, or none of them is effective.
 * @param day the day to be filled; days from it on do not count
 */
export function substitutesFor(
  day: Period,
  effective: readonly EffectiveDay[],
  calibrations: readonly number[],
  samples: readonly ManualSample[],
): Substitutes {
  const near = effective.filter(({ from }) => from < day.from && from >= day.from - LOOK_BACK_MS);
  const passed = Math.max(Number.NEGATIVE_INFINITY, ...calibrations.filter((ts) => ts < day.from));
  const since = near.filter(({ from }) => from + DAY_MS > passed);
  const used = since.length > 0 ? since : near;
  const mean = (pick: (one: EffectiveDay) => bigint) =>
    used.length === 0
      ? null
      : divideHalfEven(
          used.reduce((sum, one) => sum + pick(one), 0n),
          BigInt(used.length),
        );
  return { concentration: mean((one) => one.mean), slot: mean((one) => one.meanSlot), samples };
}

/** The sample nearest to the middle of an interval that is near enough, on the grid; of two equally near the later. */
export function sampleFor({ from, to }: Period, samples: readonly ManualSample[]): bigint | null {
  const middle = (from + to) / 2;
  let best: ManualSample | null = null;
  for (const sample of samples) {
    const distance = Math.abs(sample.ts - middle);
    if (distance > SAMPLE_HOLDS_MS) continue;
    const bestDistance = best === null ? Number.POSITIVE_INFINITY : Math.abs(best.ts - middle);
    if (distance < bestDistance || (distance === bestDistance && sample.ts > best!.ts)) best = sample;
  }
  return best === null ? null : toGrid(best.value);
}
