import { type FieldError, must } from '../../../model/field-error.js';
import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { TimeZone } from '../../../model/time/zone.js';
import type { Thousandths } from './grid.js';
import type { Increment } from './increment.js';
import { type Held, HOLD_MS, held, type RateReading } from './rate.js';
import type { Segment } from './register.js';
import { divide, hoursOf, onGrid, type Weighted } from './slices.js';

/**
 * What is done with the time of a gap.
 * - `none`: nothing. Where readings on both sides say what was consumed, it belongs to the reading that ends the gap.
 * - `linear`: evenly, where readings on both sides say how much; nothing elsewhere.
 * - `same_hours_before`: as in the same hours of the zone's clocks a week before, or else two, three or four weeks
 *   before: of those the latest that the register measured wholly. Where readings on both sides say how much, these
 *   hours give only its shape, and where they are not known it is `linear`. (A method of our own; HJ/T 356-2007 fills
 *   with the mean of the equally long period before, which knows no weekends.)
 */
export const GAP_METHODS = ['none', 'linear', 'same_hours_before'] as const;
export type GapMethod = (typeof GAP_METHODS)[number];

/** What counts as a gap of a meter from `from` on (epoch ms), and what is done with it, as somebody declared. */
export interface GapRule {
  readonly from: number;
  /** Two readings further apart than this, ms, leave a gap; it has to be longer than the meter's interval. */
  readonly longerThanMs: number;
  readonly method: GapMethod;
}

/** Without a declaration: two readings within two hours are close enough, and nothing is filled. */
const NOTHING_DECLARED: GapRule = {
  from: Number.NEGATIVE_INFINITY,
  longerThanMs: 2 * HOUR_MS,
  method: 'none',
};

const WEEKS = [1, 2, 3, 4] as const;
const WEEK_MS = 7 * DAY_MS;

/** How long before a gap, ms, the hours lie that its filling may rest on: from one week to four. */
export const RESTS_ON: Period = { from: WEEKS[0] * WEEK_MS, to: WEEKS[WEEKS.length - 1]! * WEEK_MS };

/** The rule in force at a time (epoch ms): the one that began last. */
export function ruleAt(rules: readonly GapRule[], ts: number): GapRule {
  let latest = NOTHING_DECLARED;
  for (const rule of rules) if (rule.from <= ts && rule.from >= latest.from) latest = rule;
  return latest;
}

/** What is wrong with a rule, by field. */
export const gapRuleErrors = (rule: {
  readonly longerThanMs: number;
  readonly method: string;
}): readonly FieldError[] => [
  ...must(rule.longerThanMs > 0, 'longerThanMs', 'above 0 ms'),
  ...must((GAP_METHODS as readonly string[]).includes(rule.method), 'method', `one of ${GAP_METHODS.join(', ')}`),
];

/** What gaps are filled from, asked only where there is one. */
export interface GapSources {
  readonly zone: TimeZone;
  /** Power or flow of a period, rising in time. */
  readonly rates: (period: Period) => readonly RateReading[];
  /** What the register measured in the hour of UTC that begins at `hour`; null unless it measured all of it. */
  readonly measuredHour: (hour: number) => Thousandths | null;
}

/** A segment as increments: what of it lies in a gap, by which method. */
export function increments(segment: Segment, rule: GapRule, sources: GapSources): readonly Increment[] {
  const { from, to, amount } = segment;
  if (amount === null) return inHole({ from, to }, rule.method, sources);
  if (to - from <= rule.longerThanMs) return [{ from, to, amount, mark: 'measured', metered: false }];
  return inGap({ from, to }, amount, rule.method, sources);
}

/** Readings on both sides say how much: power or flow say when, else the method. */
function inGap(gap: Period, amount: Thousandths, method: GapMethod, sources: GapSources): readonly Increment[] {
  const known = heldIn(gap, sources);
  if (isWhole(known, gap)) {
    const parts = divide({ amount, mark: 'estimated', metered: true }, known.map(weighted));
    if (parts !== null) return parts;
  }
  if (method === 'none') return [{ from: gap.to, to: gap.to, amount, mark: 'measured', metered: false }];
  const filled = { amount, mark: 'filled', metered: true } as const;
  const shape = method === 'same_hours_before' ? hoursOf(gap).map((hour) => before(hour, sources)) : [];
  const isKnown = (one: Weighted | null): one is Weighted => one !== null;
  return (shape.every(isKnown) && divide(filled, shape)) || [{ ...gap, ...filled }];
}

/** Nobody says how much: power or flow where there is any, then the method. */
function inHole(hole: Period, method: GapMethod, sources: GapSources): readonly Increment[] {
  const known = heldIn(hole, sources);
  const estimated = onGrid(known.map(weighted), { mark: 'estimated', metered: false });
  if (method !== 'same_hours_before') return estimated;
  const filled = without(known, hole).flatMap((rest) => {
    const shape = hoursOf(rest).map((hour) => before(hour, sources));
    return onGrid(
      shape.filter((one) => one !== null),
      { mark: 'filled', metered: false },
    );
  });
  return [...estimated, ...filled].sort((a, b) => a.from - b.from);
}

function heldIn({ from, to }: Period, { rates }: GapSources): readonly Held[] {
  return held(rates({ from: from - HOLD_MS, to }), { from, to });
}

const weighted = ({ from, to, thousandths }: Held): Weighted => ({ from, to, weight: thousandths });

function isWhole(parts: readonly Period[], { from, to }: Period): boolean {
  return parts.reduce((ms, part) => ms + part.to - part.from, 0) === to - from;
}

/** What of a period lies between the parts, which rise in time. */
function without(parts: readonly Period[], { from, to }: Period): Period[] {
  const rest: Period[] = [];
  let at = from;
  for (const part of [...parts, { from: to, to }]) {
    if (part.from > at) rest.push({ from: at, to: part.from });
    at = part.to;
  }
  return rest;
}

/** What a part of an hour took some weeks before, at the pace of that hour; null where no such hour was measured. */
function before({ from, to }: Period, { zone, measuredHour }: GapSources): Weighted | null {
  for (const weeks of WEEKS) {
    const then = from - weeks * WEEK_MS;
    const at = then + zone.offsetAt(from) - zone.offsetAt(then);
    const amount = measuredHour(Math.floor(at / HOUR_MS) * HOUR_MS);
    if (amount !== null) return { from, to, weight: (amount * (to - from)) / HOUR_MS };
  }
  return null;
}
