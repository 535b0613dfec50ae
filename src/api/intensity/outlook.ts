import { z } from 'zod';
import type { Assessment } from '../../intensity/model/assess/assessment.js';
import { chanceAtMost, halfIntervalOf } from '../../intensity/model/forecast/intensity.js';
import { paceOf, recentUse } from '../../intensity/model/tracking/budget.js';
import { projectionOf } from '../../intensity/model/tracking/projection.js';

const amount = z.number();
const maybe = z.number().nullable();
const month = z.string().describe('`YYYY-MM`');
const whole = z.number().int();
export const interval = z.strictObject({ low: amount, high: amount });

const yearSum = z.strictObject({
  value: amount,
  ...{ low: amount, high: amount, known: amount, expected: amount },
  months: z.array(z.strictObject({ month: whole, known: amount, expected: amount })),
});
export const forecastShape = z.strictObject({
  value: amount,
  low: amount.describe('of the 80 % interval'),
  high: amount,
  interval50: interval.describe('50 %: one outcome of four lies below it, one above'),
  usesRatio: z.boolean().describe('whether the interval leaves out errors that quantity and added value share'),
  chanceWithinPath: maybe.describe('chance that the year ends at or below the allowed value'),
  quantity: yearSum,
  addedValue: yearSum,
  quantityMonths: whole.describe('whole months known of the year'),
  addedValueMonths: whole,
  calendar: z
    .enum(['official', 'weekdays_only'])
    .describe('whether the holidays of the year are known; else they are taken as in the last years known'),
  calendarYearsNotCovered: z.array(whole),
});
export const projectedYear = z.strictObject({
  year: whole,
  value: amount.describe('if intensity goes on as it did on average since the base year'),
  interval: interval.nullable().describe('80 %; null where fewer than three changes from year to year are known'),
  interval50: interval.nullable(),
  allowed: amount,
  change: amount.describe('on the year before'),
  againstPath: maybe.describe('`value / allowed − 1`'),
});
export const budgetShape = z.strictObject({
  ...{ allowed: amount, used: amount, left: amount, daysLeft: whole, perDay: amount },
  recent: z
    .strictObject({ perDay: amount, days: whole, from: z.string(), through: z.string() })
    .nullable()
    .describe('use per day of the month that runs; of fewer than 14 days, with the month before it'),
  pacePerDay: maybe.describe('what a day of the rest is expected to take: `runsOutOn` and `leftAtYearEnd` go by it'),
  monthsLeft: z.array(z.strictObject({ month, days: whole, allowance: amount })),
  months: z.array(z.strictObject({ month, allowed: amount, used: maybe, overSoFar: maybe })),
  spentOn: z.string().nullable(),
  runsOutOn: z.string().nullable(),
  leftAtYearEnd: maybe,
});

export function forecastToWire({
  outlook,
  verdict: { allowed },
}: Pick<Assessment, 'outlook' | 'verdict'>): z.infer<typeof forecastShape> | null {
  if (outlook === null || outlook.forecast === null) return null;
  const { forecast, calendar, quantityMonths, addedValueMonths } = outlook;
  const { value, low, high, usesRatio } = forecast;
  const sum = (one: typeof forecast.quantity) => ({
    ...{ value: one.value, low: one.low, high: one.high, known: one.known, expected: one.expected },
    months: one.months.map((month) => ({ ...month })),
  });
  const years = [...forecast.quantity.calendarYearsNotCovered, ...forecast.addedValue.calendarYearsNotCovered];
  return {
    ...{ value, low, high, interval50: halfIntervalOf(forecast) },
    ...{ usesRatio, quantityMonths, addedValueMonths, calendar },
    chanceWithinPath: allowed === null || !(value > 0) ? null : chanceAtMost(forecast, allowed),
    quantity: sum(forecast.quantity),
    addedValue: sum(forecast.addedValue),
    calendarYearsNotCovered: [...new Set(years)].sort((a, b) => a - b),
  };
}

export function refusalToWire({ outlook }: Pick<Assessment, 'outlook'>) {
  if (outlook === null || outlook.refusal === null) return null;
  const { of, reason, zh, en } = outlook.refusal;
  return { of, reason, zh, en };
}

export const projectionToWire = ({ policy, path, verdict, year }: Assessment): z.infer<typeof projectedYear>[] =>
  projectionOf(policy, path, verdict.expected, year).map((one) => ({ ...one }));

export function budgetToWire({ budget: { budget }, through }: Assessment): z.infer<typeof budgetShape> | null {
  if (budget === null) return null;
  return {
    ...budget,
    recent: through === null ? null : recentUse(budget, through),
    pacePerDay: paceOf(budget),
    monthsLeft: budget.monthsLeft.map((one) => ({ ...one })),
    months: budget.months.map((one) => ({ ...one })),
  };
}
