import { monthText } from '../statistics/period.js';
import type { AddedValuePair } from '../statistics/value.js';
import { assemble, type FigureOf, type IntensityFigure, pooled, type Thresholds } from './figure.js';
import { isCounted, type Member, type Portion, portionOf } from './portion.js';
import { reason } from './reason.js';

/** Both sides of a member in the months of a figure and in the same months a year before. */
export interface PairedMember extends Omit<Member, 'addedValue'> {
  readonly addedValue: AddedValuePair;
}

/** The same months of two years over the same enterprises: those of this year's set. */
export interface YearComparison {
  readonly current: IntensityFigure;
  /** Last year restated on this year's set. */
  readonly previous: IntensityFigure;
  /** `current / previous − 1`; null where one of them has no value or last year's is 0. */
  readonly change: number | null;
}

/**
 * Compares some months with the same months of last year. A member counts when both sides of both years are whole, else
 * it is in none of the four sums; one that began its business since then counts as 0 before that.
 */
export function compareWithLastYear(
  of: FigureOf,
  members: readonly PairedMember[],
  limits: Thresholds,
): YearComparison {
  const set = of.set ?? [];
  const byId = new Map(members.map((member) => [member.id, member]));
  const pairs = set.flatMap((id) => {
    const member = byId.get(id);
    return member === undefined ? [] : [pairOf(member, of)];
  });
  const counted = pairs.filter(({ now, before }) => isCounted(now) && isCounted(before));
  const leftOut = pairs.filter(({ now, before }) => !isCounted(now) || !isCounted(before));
  const noSet = set.length === 0 ? [reason('set_unknown', { scope: of.scope, period: monthText(of.last) })] : [];
  const side = (months: number, pick: (pair: PortionPair) => Portion) => {
    const without = leftOut.map(pick);
    const nothing = without.filter(({ quantity, addedValue }) => quantity === 0 && addedValue === 0).length;
    const size = { set, unknown: set.length - pairs.length + nothing };
    const span = { ...of, first: monthText(of.first - months), last: monthText(of.last - months) };
    return assemble(span, counted.map(pick), without, size, noSet, limits);
  };
  return between(
    side(0, ({ now }) => now),
    side(12, ({ before }) => before),
  );
}

/** A district or the city: both years Σ ÷ Σ over what its parks count. */
export function pooledComparison(scope: string, parks: readonly YearComparison[], limits: Thresholds): YearComparison {
  return between(
    pooled(
      scope,
      parks.map(({ current }) => current),
      limits,
    ),
    pooled(
      scope,
      parks.map(({ previous }) => previous),
      limits,
    ),
  );
}

interface PortionPair {
  readonly now: Portion;
  readonly before: Portion;
}

function pairOf(member: PairedMember, { first, last }: FigureOf): PortionPair {
  const { current, previous } = member.addedValue;
  return {
    now: portionOf({ ...member, addedValue: current }, first, last),
    before: portionOf({ ...member, addedValue: previous }, first - 12, last - 12),
  };
}

function between(current: IntensityFigure, previous: IntensityFigure): YearComparison {
  const defined = current.value !== null && previous.value !== null && previous.value > 0;
  return { current, previous, change: defined ? Number(current.value) / Number(previous.value) - 1 : null };
}
