import type { z } from 'zod';
import type { Answer, RevisionRef } from '../../intensity/assess/port.js';
import type { Assessment } from '../../intensity/model/assess/assessment.js';
import type { Tracked } from '../../intensity/model/assess/quantity-book.js';
import type { Co2Factor } from '../../intensity/model/conversion/co2.js';
import type { ElectricityCount } from '../../intensity/model/conversion/coefficient.js';
import { halfIntervalOf } from '../../intensity/model/forecast/intensity.js';
import type { IntensityFigure, TrackedUnit } from '../../intensity/model/tracking/figure.js';
import { annualDecline } from '../../intensity/model/tracking/path.js';
import { isCounted, type Portion } from '../../intensity/model/tracking/portion.js';
import { inWords, type Reason } from '../../intensity/model/tracking/reason.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { co2ToWire } from './co2.js';
import { causesToWire, sinceBaseToWire } from './drivers.js';
import { monthToWire } from './months.js';
import { budgetToWire, forecastToWire, projectionToWire, refusalToWire } from './outlook.js';
import type { coefficient, expected, intensityAnswer, part, reasonSchema } from './schemas.js';

/** Names of scopes and members, and times as texts. */
export interface WireTexts {
  readonly nameOf: (scope: string) => { readonly nameZh: string; readonly nameEn: string } | null;
  readonly time: (instant: number) => string;
}

export type IntensityAnswer = z.infer<typeof intensityAnswer>;

export const unitsOf = (unit: TrackedUnit, baseYear: number) => ({
  quantity: unit,
  addedValue: `10⁴ CNY at prices of ${baseYear}`,
  intensity: `${unit} per 10⁴ CNY at prices of ${baseYear}`,
});

const reasonToWire = (one: Reason): z.infer<typeof reasonSchema> => ({
  ...{ code: one.code, ...inWords(one), params: { ...one.params } },
});

/** The whole answer. */
export function answerToWire(
  { assessment, basis, published, parts, members, restatements, revisions }: Answer,
  asked: {
    readonly carrier: Tracked;
    readonly electricity: ElectricityCount;
    readonly media: boolean;
    readonly isPublished: boolean;
    readonly co2Factors: readonly Co2Factor[];
    readonly bills: IntensityAnswer['bills'];
  },
  words: WireTexts,
): IntensityAnswer {
  const { scope, year, unit, policy, isWhole, path, achieved, budget, comparison, causes, causesSinceBase } =
    assessment;
  const { year: _, ...verdict } = assessment.verdict;
  const { nameOf, time } = words;
  const revisionToWire = (one: RevisionRef) => ({ ...one, recordedAt: time(one.recordedAt) });
  const co2 = (...rows: Assessment['months']) =>
    asked.carrier === 'energy' ? co2ToWire(rows, asked.co2Factors) : null;
  return {
    ...{ scope, ...named(nameOf, scope), carrier: asked.carrier, year },
    ...{ electricity: asked.electricity, media: asked.media },
    units: unitsOf(unit, policy.baseYear),
    asKnown: asked.isPublished ? 'published' : 'now',
    published: published && publicationToWire(published, time),
    basis: { ...basis, told: [...newestOf(assessment), ...revisions].map(revisionToWire) },
    ...{ through: assessment.through, policy: { ...policy } },
    verdict: {
      ...{ ...verdict, expected: expectedToWire(verdict.expected), change: expectedChange(assessment) },
      standing: verdict.standing && { ...verdict.standing },
      ...{ reasons: verdict.reasons.map(reasonToWire), notes: verdict.notes.map(reasonToWire) },
    },
    base: assessment.base && figureToWire(assessment.base),
    figure: assessment.figure && figureToWire(assessment.figure),
    ...{
      isWhole,
      path: path.map((row) => ({ ...row, isPreliminary: row.isPreliminary ?? null })),
      achieved: achieved && { ...achieved },
    },
    yearToDate: comparison && {
      current: figureToWire(comparison.current),
      previous: figureToWire(comparison.previous),
      change: comparison.change,
    },
    forecast: forecastToWire(assessment),
    forecastRefusal: refusalToWire(assessment),
    projection: projectionToWire(assessment),
    budget: budgetToWire(assessment),
    budgetBlocks: budget.blocks.map(reasonToWire),
    drivers: causes && causesToWire(causes, nameOf),
    driversSinceBase: causesSinceBase ? sinceBaseToWire(causesSinceBase, nameOf) : null,
    months: assessment.months.map((row) => ({ ...monthToWire(row, time), co2: co2(row) })),
    co2: co2(...assessment.months),
    bills: asked.bills,
    members: parts.length > 0 || isPool(scope) ? [] : membersOf(assessment, members, words),
    parts: parts.map((one) => partToWire(one, nameOf)),
    restatements: restatements.map(({ basis: _, because, recordedAt, told, ...one }) => ({
      ...{ ...one, because: [...because], recordedAt: time(recordedAt), told: told.map(revisionToWire) },
    })),
  };
}

/** The statistics of the figure that were recorded last. */
function newestOf({ newestStatistics }: Assessment): RevisionRef[] {
  if (!newestStatistics) return [];
  const { version, recordedAt, source } = newestStatistics;
  return [{ of: 'statistics', version, recordedAt, source, reason: null }];
}

const isPool = (scope: string): boolean => scope === 'city' || scope.startsWith('district:');
const named = (nameOf: WireTexts['nameOf'], scope: string) => nameOf(scope) ?? { nameZh: scope, nameEn: scope };
const expectedToWire = (one: Assessment['verdict']['expected']): z.infer<typeof expected> | null => {
  if (one === null) return null;
  const { value, interval } = one;
  return {
    ...one,
    interval: interval && { ...interval },
    interval50: interval && halfIntervalOf({ value, ...interval }),
  };
};

/** Of what the year is expected to end at, on the year before as it counts against the path. */
function expectedChange({ verdict: { expected }, path, year }: Assessment): number | null {
  const before = path.find((row) => row.year === year - 1)?.comparable ?? null;
  return expected !== null && before !== null && before > 0 ? expected.value / before - 1 : null;
}

/** One scope in a list: of the ranking, or of what a sum opens into. */
export function partToWire(one: Assessment, nameOf: WireTexts['nameOf']): z.infer<typeof part> {
  const { scope, verdict, figure } = one;
  return {
    ...{ scope, ...named(nameOf, scope), verdict: verdict.verdict, decline: verdict.decline },
    ...declinesOf(one),
    expected: expectedToWire(verdict.expected),
    quantity: figure?.quantity ?? null,
    addedValue: figure?.addedValue ?? null,
    intensity: figure?.value ?? null,
    yearEnd: yearEndOf(one),
    completeness: figure?.completeness ?? null,
    coverage: figure?.coverage.share ?? null,
    reasons: verdict.reasons.map(reasonToWire),
  };
}

function yearEndOf({ isWhole, figure, outlook }: Assessment): z.infer<typeof part>['yearEnd'] {
  if (isWhole) return figure && { quantity: figure.quantity, addedValue: figure.addedValue };
  const { quantity, addedValue } = outlook?.forecast ?? {};
  return quantity && addedValue ? { quantity: quantity.value, addedValue: addedValue.value } : null;
}

/** The interval of the expected decline, and what was achieved by the last whole year. */
function declinesOf({ verdict, achieved, base, policy, year }: Assessment) {
  const interval = verdict.expected?.interval ?? null;
  const from = base?.value ?? null;
  const decline = (value: number) => (from === null ? null : annualDecline(from, value, year - policy.baseYear));
  const [low, high] = interval === null ? [null, null] : [decline(interval.high), decline(interval.low)];
  return {
    interval: low === null || high === null ? null : { low, high },
    achievedAnnual: achieved?.achievedAnnual ?? null,
  };
}

function figureToWire(figure: IntensityFigure) {
  const { first, last, value, quantity, addedValue, completeness, estimatedShare, filledShare, billedShare } = figure;
  return {
    ...{ first, last, value, quantity, addedValue, completeness, estimatedShare, filledShare, billedShare },
    preliminary: [...figure.preliminary],
    coverage: { ...figure.coverage },
    coefficients: figure.coefficients.map((one): z.infer<typeof coefficient> => ({ ...one })),
    blocks: figure.blocks.map(reasonToWire),
    notes: figure.notes.map(reasonToWire),
  };
}

function ownOf(one: Assessment | undefined): IntensityAnswer['members'][number]['own'] {
  if (one === undefined) return null;
  const { verdict, decline, reasons } = one.verdict;
  const { interval, achievedAnnual } = declinesOf(one);
  const baseIntensity = one.base?.value ?? null;
  return { verdict, decline, interval, achievedAnnual, baseIntensity, reasons: reasons.map(reasonToWire) };
}

function membersOf(
  { figure, comparison }: Assessment,
  own: Answer['members'],
  { nameOf, time }: WireTexts,
): IntensityAnswer['members'] {
  const intensity = ({ quantity, addedValue }: Portion) => (addedValue > 0 ? quantity / addedValue : null);
  const byScope = new Map(own.map((one) => [one.scope, one]));
  const before = new Map(comparison?.previous.parts.map((one) => [one.member.id, intensity(one)]));
  const changeOf = (one: Portion) => {
    const [now, then] = [intensity(one), before.get(one.member.id) ?? null];
    return now !== null && then !== null && then > 0 ? now / then - 1 : null;
  };
  return [...(figure?.parts ?? []), ...(figure?.leftOut ?? [])].map((one) => ({
    member: one.member.id,
    ...(nameOf(one.member.id) ?? { nameZh: null, nameEn: null }),
    isCounted: isCounted(one),
    ...{ quantity: one.quantity, addedValue: one.addedValue, intensity: intensity(one), change: changeOf(one) },
    ...{ completeness: one.completeness, estimatedShare: one.estimatedShare, filledShare: one.filledShare },
    billedShare: one.billedShare,
    quantityMissing: [...one.quantityMissing],
    addedValueMissing: [...one.addedValueMissing],
    notConverted: [...one.notConverted],
    own: ownOf(byScope.get(one.member.id)),
    statistics: one.member.addedValue.parts.map(({ period, amount, basis, preliminary, restsOn }) => ({
      ...{ period, amount, basis, preliminary },
      restsOn: restsOn.map(({ period: of, version, recordedAt, by, source }) => ({
        ...{ period: of, version, recordedAt: time(recordedAt), by, source },
      })),
    })),
  }));
}

function publicationToWire({ lag, recordedAt, ...rest }: NonNullable<Answer['published']>, time: WriteTime) {
  const through = lag?.completeThrough;
  const historyCompleteThrough = lag === null ? null : through == null ? ('unknown' as const) : time(through);
  return { ...rest, recordedAt: time(recordedAt), historyCompleteThrough };
}
