import type { AveragingBasis, DischargeLimit } from '../../../model/limits/discharge/limit.js';
import type { Period } from '../../../model/time/windows.js';
import { type ComparisonMethod, type LimitSide, sideBeyond } from '../rounding/comparison.js';
import { compareDecimals, type Decimal, divideHalfEven, parseDecimal } from '../rounding/decimal.js';

/** A value or a mean that is compared with its limit: only what is valid, and effective, is given here. */
export interface ComparedMean extends Period {
  readonly mean: Decimal;
  /** mL that flowed in the time; null where it is unknown or means nothing. */
  readonly volume: bigint | null;
  readonly isSuspect: boolean;
  /** A sample that was taken on the spot, by hand. */
  readonly isSample: boolean;
}

/** `warning`: an instantaneous value, or a mean on a basis that the standard does not judge by. `formal`: one that it does. */
export type ExceedanceKind = 'warning' | 'formal';

/** Consecutive times beyond one limit. */
export interface ExceedanceEpisode extends Period {
  readonly basis: AveragingBasis;
  readonly kind: ExceedanceKind;
  readonly side: LimitSide;
  /** Names the standard and its version. */
  readonly limit: DischargeLimit;
  readonly method: ComparisonMethod;
  /** The value farthest beyond, and the beginning of its time. */
  readonly peak: Decimal;
  readonly peakAt: number;
  /** Peak ÷ limit − 1, to six places; null below a range and for pH, where it means nothing. */
  readonly factor: Decimal | null;
  /** Times beyond the limit, and how long they last together, ms. */
  readonly count: number;
  readonly durationMs: number;
  /** Σ (value − limit) · volume, 10⁻¹⁷ kg; null where it means nothing, or a volume is unknown. */
  readonly excess: bigint | null;
  /** A suspect value is among them. */
  readonly isProvisional: boolean;
}

const FACTOR_DIGITS = 6;

/**
 * Episodes of exceedance on one basis, rising: unbroken times beyond one side of one limit. A time that complies, that is
 * not valid or without discharge ends an episode, and so does another limit. In any order, with duplicates.
 */
export function exceedanceEpisodes(
  means: Iterable<ComparedMean>,
  limitAt: (instant: number) => DischargeLimit | null,
  basis: AveragingBasis,
  method: ComparisonMethod,
): ExceedanceEpisode[] {
  const episodes: ExceedanceEpisode[] = [];
  for (const mean of risingMeans(means)) {
    const limit = limitAt(mean.from);
    const side = limit === null ? null : sideBeyond(mean.mean, limit, method);
    if (limit === null || side === null) continue;
    const one = episodeOf(mean, limit, side, basis, method);
    const last = episodes.at(-1);
    if (last !== undefined && continues(last, one)) episodes[episodes.length - 1] = joined(last, one);
    else episodes.push(one);
  }
  return episodes;
}

/** Samples and automatic values of one time stay apart. */
function risingMeans(means: Iterable<ComparedMean>): ComparedMean[] {
  const found = new Map(Array.from(means, (mean) => [`${mean.from}/${mean.to}/${mean.isSample}`, mean] as const));
  return [...found.values()].sort((a, b) => a.from - b.from || a.to - b.to || Number(a.isSample) - Number(b.isSample));
}

function episodeOf(
  { from, to, mean, volume, isSuspect, isSample }: ComparedMean,
  limit: DischargeLimit,
  side: LimitSide,
  basis: AveragingBasis,
  method: ComparisonMethod,
): ExceedanceEpisode {
  const isRange = limit.min !== null;
  const beyond = parseDecimal(limit.max);
  return {
    ...{ from, to, basis, side, limit, method, peak: mean, peakAt: from, count: 1, durationMs: to - from },
    kind: kindOf(basis, limit, isSample),
    factor: isRange ? null : factorOver(mean, beyond),
    excess: isRange || volume === null ? null : excessMass(mean, beyond, volume),
    isProvisional: isSuspect,
  };
}

/** One sample taken on the spot may be judged where the standard says so (GB 21900-2008, 6.2); an analyser's value warns. */
function kindOf(basis: AveragingBasis, { column }: DischargeLimit, isSample: boolean): ExceedanceKind {
  const isJudged = column.bases[basis] !== undefined && (basis !== 'instant' || isSample);
  return isJudged ? 'formal' : 'warning';
}

function continues(last: ExceedanceEpisode, next: ExceedanceEpisode): boolean {
  return last.to === next.from && last.limit.id === next.limit.id && last.side === next.side && last.kind === next.kind;
}

function joined(last: ExceedanceEpisode, next: ExceedanceEpisode): ExceedanceEpisode {
  const order = compareDecimals(next.peak, last.peak);
  const isFarther = last.side === 'above' ? order > 0 : order < 0;
  const { peak, peakAt, factor } = isFarther ? next : last;
  return {
    ...{ ...last, peak, peakAt, factor, to: next.to, count: last.count + next.count },
    durationMs: last.durationMs + next.durationMs,
    excess: last.excess === null || next.excess === null ? null : last.excess + next.excess,
    isProvisional: last.isProvisional || next.isProvisional,
  };
}

/** value ÷ limit − 1, half to even. */
function factorOver(value: Decimal, limit: Decimal): Decimal {
  const digits = Math.max(value.digits, limit.digits);
  const scaled = (one: Decimal) => one.unscaled * 10n ** BigInt(digits - one.digits);
  const over = (scaled(value) - scaled(limit)) * 10n ** BigInt(FACTOR_DIGITS);
  return { unscaled: divideHalfEven(over, scaled(limit)), digits: FACTOR_DIGITS };
}

/** Digits of a mass beyond those of a concentration: mg/L × mL is µg, 10⁻⁹ kg, kept to 10⁻¹⁷. */
const GRID_DIGITS = 8;

function excessMass(value: Decimal, limit: Decimal, volume: bigint): bigint {
  const digits = Math.max(value.digits, limit.digits, GRID_DIGITS);
  const scaled = (one: Decimal) => one.unscaled * 10n ** BigInt(digits - one.digits);
  return divideHalfEven((scaled(value) - scaled(limit)) * volume, 10n ** BigInt(digits - GRID_DIGITS));
}
