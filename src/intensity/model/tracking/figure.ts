import { type Applied, distinct } from '../conversion/convert.js';
import { type Month, monthText } from '../statistics/period.js';
import { isAtLeast } from './path.js';
import type { Policy } from './policy.js';
import { isCounted, type Member, mean, type Portion, portionOf, sumOver } from './portion.js';
import { type Reason, reason } from './reason.js';

/** tce or t per 10⁴ CNY. */
export type TrackedUnit = 'tce' | 't';

/**
 * How far the two sides cover the counted set. Firms that have only one side are in neither sum; what they have is in
 * `quantityKnown` or `addedValueKnown`, so that one big firm weighs more than many small ones.
 */
interface Coverage {
  readonly total: number;
  readonly counted: number;
  readonly quantityKnown: number;
  readonly addedValueKnown: number;
  /** Members of which neither side is known. */
  readonly unknown: number;
  /** The smaller of both sides' counted shares × the share of members of which anything is known. */
  readonly share: number;
}

/** Intensity of one scope over some months, with everything it is made of. */
export interface IntensityFigure {
  readonly scope: string;
  /** Of the quantity; the intensity is in this unit per 10⁴ CNY at prices of the base year. */
  readonly unit: TrackedUnit;
  /** First and last month, `YYYY-MM`. */
  readonly first: string;
  readonly last: string;
  /** Σ quantity ÷ Σ added value of the counted members; null where there is no added value. */
  readonly value: number | null;
  readonly quantity: number;
  /** 10⁴ CNY. */
  readonly addedValue: number;
  /** Share of the time that was measured, members weighted by their added value. */
  readonly completeness: number;
  readonly estimatedShare: number;
  readonly filledShare: number;
  /** Of the quantity that a utility billed before there were meters. */
  readonly billedShare: number;
  /** Periods whose added value is preliminary, each once. */
  readonly preliminary: readonly string[];
  readonly coefficients: readonly Applied[];
  readonly coverage: Coverage;
  /** The members that should count. */
  readonly set: readonly string[];
  /** What is in the sums, by member. */
  readonly parts: readonly Portion[];
  /** Members of the set that are in neither sum, with what they lack. */
  readonly leftOut: readonly Portion[];
  /** Why it is not assessable; empty when it is. The value beside it is then for information. */
  readonly blocks: readonly Reason[];
  /** What a reader has to know beside it. */
  readonly notes: readonly Reason[];
}

/** Which intensity is asked for: of which scope, months and members. */
export interface FigureOf {
  readonly scope: string;
  readonly unit: TrackedUnit;
  readonly first: Month;
  readonly last: Month;
  /** Ids of the members that count; null when the set of this year is not recorded. */
  readonly set: readonly string[] | null;
}

/** Thresholds under which a figure is not assessable. */
export type Thresholds = Pick<Policy, 'minCompleteness' | 'minCoverage'>;

/** The intensity of a scope: only members of the set, and only those of which both sides are whole. */
export function intensityOf(of: FigureOf, members: readonly Member[], thresholds: Thresholds): IntensityFigure {
  const byId = new Map(members.map((member) => [member.id, member]));
  const inSet = (of.set ?? []).flatMap((id) => byId.get(id) ?? []);
  return figureOf(
    of,
    inSet.map((member) => portionOf(member, of.first, of.last)),
    of.set,
    thresholds,
  );
}

/**
 * A district or the city: Σ quantity ÷ Σ added value over all that its parks count, never a mean of their intensities.
 * The parks' figures have to be of the same months.
 */
export function pooled(scope: string, parks: readonly IntensityFigure[], thresholds: Thresholds): IntensityFigure {
  const [one] = parks;
  if (one === undefined) throw new RangeError('a pool needs at least one figure');
  if (parks.some(({ first, last, unit }) => first !== one.first || last !== one.last || unit !== one.unit)) {
    throw new RangeError('the figures of a pool have to be of the same months and unit');
  }
  const parts = parks.flatMap((park) => park.parts);
  const leftOut = parks.flatMap((park) => park.leftOut);
  const sum = (of: (coverage: Coverage) => number) => sumOver(parks, ({ coverage }) => of(coverage));
  const noSet = parks.flatMap(({ blocks }) => blocks.filter(({ code }) => code === 'set_unknown'));
  const size = { set: parks.flatMap(({ set }) => set), unknown: sum((c) => c.unknown) };
  return assemble({ ...one, scope }, parts, leftOut, size, noSet, thresholds);
}

function figureOf(
  { scope, unit, first, last }: FigureOf,
  portions: readonly Portion[],
  set: readonly string[] | null,
  thresholds: Thresholds,
): IntensityFigure {
  const span = { scope, unit, first: monthText(first), last: monthText(last) };
  const parts = portions.filter(isCounted);
  const leftOut = portions.filter((portion) => !isCounted(portion));
  const members = set ?? [];
  const nothing = leftOut.filter(({ quantity, addedValue }) => quantity === 0 && addedValue === 0).length;
  const noSet = members.length === 0 ? [reason('set_unknown', { scope, period: spanText(span) })] : [];
  const size = { set: members, unknown: members.length - portions.length + nothing };
  return assemble(span, parts, leftOut, size, noSet, thresholds);
}

/** The members that should count, and how many of them nothing is known of. */
interface Size {
  readonly set: readonly string[];
  readonly unknown: number;
}
type Span = Pick<IntensityFigure, 'scope' | 'unit' | 'first' | 'last'>;

/** One figure from portions; also that of two years compared, which choose their portions together. */
export function assemble(
  { scope, unit, first, last }: Span,
  parts: readonly Portion[],
  leftOut: readonly Portion[],
  { set, unknown }: Size,
  noSet: readonly Reason[],
  thresholds: Thresholds,
): IntensityFigure {
  const quantity = sumOver(parts, (part) => part.quantity);
  const addedValue = sumOver(parts, (part) => part.addedValue);
  const coverage = coverageOf(quantity, addedValue, parts, leftOut, { total: set.length, unknown });
  const completeness = mean(
    parts,
    (part) => part.addedValue,
    (part) => part.completeness,
  );
  const share = (of: (part: Portion) => number) => mean(parts, (part) => Math.abs(part.quantity), of);
  const figure = {
    ...{ scope, unit, first, last, quantity, addedValue, coverage, completeness, set, parts, leftOut },
    value: addedValue > 0 ? quantity / addedValue : null,
    estimatedShare: share((part) => part.estimatedShare),
    filledShare: share((part) => part.filledShare),
    billedShare: share((part) => part.billedShare),
    preliminary: preliminaryOf(parts),
    coefficients: coefficientsOf(parts),
  };
  return { ...figure, ...reasonsOf(figure, noSet, thresholds) };
}

function coverageOf(
  quantity: number,
  addedValue: number,
  parts: readonly Portion[],
  leftOut: readonly Portion[],
  { total: all, unknown }: Pick<Coverage, 'total' | 'unknown'>,
): Coverage {
  const quantityKnown = quantity + sumOver(leftOut, (part) => part.quantity);
  const addedValueKnown = addedValue + sumOver(leftOut, (part) => part.addedValue);
  const counted = parts.length;
  const ofSide = (side: number, known: number) => (known > 0 ? side / known : counted > 0 ? 1 : 0);
  const known = all > 0 ? (all - unknown) / all : 0;
  const share = Math.min(ofSide(quantity, quantityKnown), ofSide(addedValue, addedValueKnown)) * known;
  return { total: all, counted, quantityKnown, addedValueKnown, unknown, share };
}

type Unjudged = Omit<IntensityFigure, 'blocks' | 'notes'>;

function reasonsOf(figure: Unjudged, noSet: readonly Reason[], { minCompleteness, minCoverage }: Thresholds) {
  const { coverage, completeness, leftOut } = figure;
  const period = spanText(figure);
  const lacking = lacks(leftOut);
  const isCovered = isAtLeast(coverage.share, minCoverage);
  const blocks = [...noSet];
  if (noSet.length === 0 && !isCovered) {
    const { share, total: all, counted } = coverage;
    blocks.push(...lacking, reason('coverage_below', { period, share, total: all, counted, threshold: minCoverage }));
  }
  if (figure.value === null) blocks.push(reason('nothing_counted', { period }));
  else if (!isAtLeast(completeness, minCompleteness)) {
    blocks.push(reason('completeness_below', { period, completeness, threshold: minCompleteness }));
  }
  const notes = isCovered ? [...lacking] : [];
  if (figure.preliminary.length > 0) notes.push(reason('preliminary', { list: figure.preliminary }));
  if (figure.estimatedShare > 0) notes.push(reason('estimated', { share: figure.estimatedShare }));
  if (figure.filledShare > 0) notes.push(reason('filled', { share: figure.filledShare }));
  if (figure.billedShare > 0) notes.push(reason('billed', { share: figure.billedShare }));
  return { blocks, notes };
}

/** What the members lack that are in neither sum. */
function lacks(leftOut: readonly Portion[]): Reason[] {
  const list = (of: (portion: Portion) => readonly string[]) =>
    leftOut.flatMap((portion) => of(portion).map((text) => `${portion.member.id} ${text}`));
  const found: [Reason['code'], readonly string[]][] = [
    ['added_value_missing', list((portion) => portion.addedValueMissing)],
    ['quantity_missing', list((portion) => portion.quantityMissing)],
    ['not_converted', list((portion) => portion.notConverted)],
    ['sets_differ', leftOut.filter((portion) => portion.setsDiffer).map((portion) => portion.member.id)],
  ];
  return found.filter(([, names]) => names.length > 0).map(([code, names]) => reason(code, { list: names }));
}

const spanText = ({ first, last }: { readonly first: string; readonly last: string }): string =>
  first === last ? first : `${first}–${last}`;

function preliminaryOf(parts: readonly Portion[]): string[] {
  const periods = parts.flatMap(({ member }) => member.addedValue.parts).filter((part) => part.preliminary);
  return [...new Set(periods.map(({ period }) => period))].sort();
}

function coefficientsOf(parts: readonly Portion[]): Applied[] {
  return distinct(parts.flatMap(({ member }) => member.coefficients ?? []));
}
