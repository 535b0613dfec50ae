import type { Period } from '../../../model/time/windows.js';
import { decimalOf } from '../rounding/decimal.js';
import { tallyFigure, type Weighting } from '../statistics/figure.js';
import type { ManualSample } from '../statistics/substitutes.js';
import type { Tally } from '../statistics/tally.js';
import { entersStatistics, type JudgedValue } from '../validity/judge.js';
import type { ValidityRules } from '../validity/rules.js';
import type { ComparedMean } from './episode.js';

/** A tally with its time. */
export interface TimedTally extends Period {
  readonly tally: Tally;
}

/** Hourly or daily means that may be compared with a limit: effective ones; substitutes are never compared. */
export function comparedMeans(times: Iterable<TimedTally>, weighting: Weighting, minShare: number): ComparedMean[] {
  const found: ComparedMean[] = [];
  for (const { from, to, tally } of times) {
    const { mean, effectiveness } = tallyFigure(tally, weighting, to - from, minShare);
    if (effectiveness !== 'effective' || mean === null) continue;
    const volume = tally.unknownSlots > 0 ? null : tally.volume;
    found.push({ from, to, mean, volume, isSuspect: tally.suspect > 0, isSample: false });
  }
  return found;
}

/** Single values of an analyser that may be compared: each holds for its interval, and tells nothing of a mass. */
export function comparedValues(values: Iterable<JudgedValue>, everyMs: number, rules: ValidityRules): ComparedMean[] {
  const counted = Array.from(values).filter((value) => entersStatistics(value, rules));
  return counted.map(({ ts, value, intervalMs, verdict }) => ({
    ...{ from: ts, to: ts + (intervalMs ?? everyMs), mean: decimalOf(value), volume: null },
    ...{ isSuspect: verdict === 'suspect', isSample: false },
  }));
}

/** Manual samples as values that may be compared. They have no length of time. */
export const comparedSamples = (samples: Iterable<ManualSample>): ComparedMean[] =>
  Array.from(samples, ({ ts, value }) => ({
    ...{ from: ts, to: ts, mean: decimalOf(value), volume: null, isSuspect: false, isSample: true },
  }));
