import type { z } from 'zod';
import type { Answer } from '../../intensity/assess/port.js';
import type { Assessment } from '../../intensity/model/assess/assessment.js';
import type { ChangeCauses } from '../../intensity/model/assess/causes.js';
import type { Tracked } from '../../intensity/model/assess/quantity-book.js';
import type { Co2Factor } from '../../intensity/model/conversion/co2.js';
import type { ElectricityCount } from '../../intensity/model/conversion/coefficient.js';
import { chanceAtMost } from '../../intensity/model/forecast/intensity.js';
import type { IntensityFigure, TrackedUnit } from '../../intensity/model/tracking/figure.js';
import { annualDecline } from '../../intensity/model/tracking/path.js';
import { isCounted, type Portion } from '../../intensity/model/tracking/portion.js';
import { inWords, type Reason } from '../../intensity/model/tracking/reason.js';
import { co2ToWire } from './co2.js';
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
  { assessment, basis, published, parts, restatements }: Answer,
  asked: {
    readonly carrier: Tracked;
    readonly electricity: ElectricityCount;
    readonly isPublished: boolean;
    readonly co2Factors: readonly Co2Factor[];
  },
  words: WireTexts,
): IntensityAnswer {
  const { scope, year, unit, policy, isWhole, path, achieved, outlook, budget, comparison, causes } = assessment;
  const allowed = assessment.verdict.allowed;
  const { year: _, ...verdict } = assessment.verdict;
  const { nameOf, time } = words;
  const co2 = (...rows: Assessment['months']) =>
    asked.carrier === 'energy' ? co2ToWire(rows, asked.co2Factors) : null;
  return {
    ...{ scope, ...named(nameOf, scope), carrier: asked.carrier, year, electricity: asked.electricity },
    units: unitsOf(unit, policy.baseYear),
    asKnown: asked.isPublished ? 'published' : 'now',
    published: published && { ...published, recordedAt: time(published.recordedAt) },
    ...{ basis: { ...basis }, through: assessment.through, policy: { ...policy } },
    verdict: {
      ...{ ...verdict, expected: expectedToWire(verdict.expected) },
      standing: verdict.standing && { ...verdict.standing },
      ...{ reasons: verdict.reasons.map(reasonToWire), notes: verdict.notes.map(reasonToWire) },
    },
    base: assessment.base && figureToWire(assessment.base),
    figure: assessment.figure && figureToWire(assessment.figure),
    ...{ isWhole, path: path.map((row) => ({ ...row })), achieved: achieved && { ...achieved } },
    yearToDate: comparison && {
      current: figureToWire(comparison.current),
      previous: figureToWire(comparison.previous),
      change: comparison.change,
    },
    forecast: forecastToWire(outlook, allowed),
    forecastRefusal: refusalToWire(outlook),
    budget: budget.budget && {
      ...budget.budget,
      monthsLeft: budget.budget.monthsLeft.map((one) => ({ ...one })),
      months: budget.budget.months.map((one) => ({ ...one })),
    },
    budgetBlocks: budget.blocks.map(reasonToWire),
    drivers: causes && causesToWire(causes),
    months: assessment.months.map((row) => ({
      ...row,
      co2: co2(row),
      carriers: row.carriers.map((use) => ({ ...use })),
      parts: row.parts.map((one) => ({ ...one })),
    })),
    co2: co2(...assessment.months),
    members: parts.length > 0 || isPool(scope) ? [] : membersOf(assessment, words),
    parts: parts.map((one) => partToWire(one, nameOf)),
    restatements: restatements.map((one) => ({ ...one, because: [...one.because], recordedAt: time(one.recordedAt) })),
  };
}

const isPool = (scope: string): boolean => scope === 'city' || scope.startsWith('district:');
const named = (nameOf: WireTexts['nameOf'], scope: string) => nameOf(scope) ?? { nameZh: scope, nameEn: scope };
const expectedToWire = (one: Assessment['verdict']['expected']): z.infer<typeof expected> | null =>
  one && { ...one, interval: one.interval && { ...one.interval } };

/** One scope in a list: of the ranking, or of what a sum opens into. */
export function partToWire(one: Assessment, nameOf: WireTexts['nameOf']): z.infer<typeof part> {
  const { scope, verdict, figure, achieved, base, policy, year } = one;
  const interval = verdict.expected?.interval ?? null;
  const from = base?.value ?? null;
  const decline = (value: number) => (from === null ? null : annualDecline(from, value, year - policy.baseYear));
  const [low, high] = interval === null ? [null, null] : [decline(interval.high), decline(interval.low)];
  return {
    ...{ scope, ...named(nameOf, scope), verdict: verdict.verdict, decline: verdict.decline },
    interval: low === null || high === null ? null : { low, high },
    achievedAnnual: achieved?.achievedAnnual ?? null,
    expected: expectedToWire(verdict.expected),
    quantity: figure?.quantity ?? null,
    addedValue: figure?.addedValue ?? null,
    intensity: figure?.value ?? null,
    completeness: figure?.completeness ?? null,
    coverage: figure?.coverage.share ?? null,
    reasons: verdict.reasons.map(reasonToWire),
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

function forecastToWire(outlook: Assessment['outlook'], allowed: number | null): IntensityAnswer['forecast'] {
  if (outlook === null || outlook.forecast === null) return null;
  const { forecast, calendar, quantityMonths, addedValueMonths } = outlook;
  const { value, low, high, usesRatio } = forecast;
  const sum = (one: typeof forecast.quantity) => ({
    ...{ value: one.value, low: one.low, high: one.high, known: one.known, expected: one.expected },
    months: one.months.map((month) => ({ ...month })),
  });
  const years = [...forecast.quantity.calendarYearsNotCovered, ...forecast.addedValue.calendarYearsNotCovered];
  return {
    ...{ value, low, high, usesRatio, quantityMonths, addedValueMonths, calendar },
    chanceWithinPath: allowed === null || !(value > 0) ? null : chanceAtMost(forecast, allowed),
    quantity: sum(forecast.quantity),
    addedValue: sum(forecast.addedValue),
    calendarYearsNotCovered: [...new Set(years)].sort((a, b) => a - b),
  };
}

function refusalToWire(outlook: Assessment['outlook']): IntensityAnswer['forecastRefusal'] {
  if (outlook === null || outlook.refusal === null) return null;
  const { of, reason: why, zh, en } = outlook.refusal;
  return { of, reason: why, zh, en };
}

function causesToWire({ first, last, quantity, intensity, entered, left, leftOut }: ChangeCauses) {
  const drivers = (one: ChangeCauses['quantity']) => {
    const none = { before: null, after: null, effects: null, factors: null, bySector: [], withoutAddedValue: [] };
    if ('reason' in one) return { ...none, reason: one.reason };
    const { effects, factors, bySector, withoutAddedValue, before, after } = one;
    return {
      ...{ before, after, effects: { ...effects }, factors: factors && { ...factors }, reason: null },
      bySector: bySector.map((sector) => ({ ...sector })),
      withoutAddedValue: [...withoutAddedValue],
    };
  };
  return {
    ...{ first, last, quantity: drivers(quantity), intensity: drivers(intensity) },
    ...{ entered: [...entered], left: [...left], leftOut: [...leftOut] },
  };
}

function membersOf({ figure, comparison }: Assessment, { nameOf, time }: WireTexts): IntensityAnswer['members'] {
  const intensity = ({ quantity, addedValue }: Portion) => (addedValue > 0 ? quantity / addedValue : null);
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
    statistics: one.member.addedValue.parts.map(({ period, amount, basis, preliminary, restsOn }) => ({
      ...{ period, amount, basis, preliminary },
      restsOn: restsOn.map(({ period: of, version, recordedAt, by, source }) => ({
        ...{ period: of, version, recordedAt: time(recordedAt), by, source },
      })),
    })),
  }));
}
