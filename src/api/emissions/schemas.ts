import { z } from 'zod';
import { COMPARISON_METHODS } from '../../emissions/model/rounding/comparison.js';
import { LOGGER_METHODS } from '../../emissions/model/statistics/logger-method.js';
import { EMISSION_BOUNDS } from '../../emissions/port.js';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { line } from '../../http/request-texts.js';
import { instant, wireTime } from '../../http/times.js';
import { AVERAGING_BASES, MONITORING_POINTS } from '../../model/limits/discharge/limit.js';
import { MARKS } from '../../model/mark.js';

const key = z.string().min(3).max(127).describe('`{park}/{id}` of the outlet');
const day = z.string().max(10).describe('`YYYY-MM-DD`, local');
const metric = z.string().min(1).max(63);
const decimal = z.string().max(20).describe('decimal text, as printed');
const limit = z.strictObject({ min: decimal.nullable(), max: decimal });
const of = <T extends z.ZodType>(value: T) => z.record(metric, value).readonly();

/** Entries that have no time of their own: the same in a request and in an answer. */
const plain = {
  outlets: z.strictObject({
    ...{ key, park: z.string().max(63), enterprise: z.string().max(63).nullable() },
    ...{ nameZh: line(200), nameEn: line(200), point: z.enum(MONITORING_POINTS) },
    device: key.describe('`{park}/{device}`: the station whose metrics are those of the outlet'),
  }),
  profiles: z.strictObject({
    outlet: key,
    from: day.describe('the first day that it counts for, until the next profile'),
    regime: z.string().max(63).describe('which standards limit the outlet, such as `electroplating`'),
    comparison: z.enum(COMPARISON_METHODS).describe('how a value is compared with its limit (GB/T 8170)'),
    loggerMethod: z.enum(LOGGER_METHODS).describe('how the data logger comes to its own masses'),
    everyMinutes: of(z.number().int()).describe('minutes between values, by metric'),
  }),
  permits: z.strictObject({
    ...{ outlet: key, number: line(100), from: day, to: day.nullable() },
    limits: of(limit).describe('limits of its own, by metric; they come before those of the standards'),
    bases: z.array(z.enum(AVERAGING_BASES)).max(AVERAGING_BASES.length).readonly(),
    capsKg: of(decimal).describe('mass permitted in a calendar year, kg, by metric'),
  }),
  overrides: z.strictObject({
    column: z.string().max(63).describe('such as `db33-2260-2020/direct`'),
    pollutant: metric,
    ...{ min: decimal.nullable(), max: decimal, from: day, mark: z.enum(MARKS), source: line(200) },
  }),
};

const markOf = <T extends z.ZodType>(time: T) =>
  z.strictObject({
    ...{ outlet: key, metric: metric.nullable().describe('null: all of the outlet'), from: time, to: time },
    verdict: z
      .enum(['valid', 'invalid', 'withdrawn'])
      .describe('`valid` confirms what the service found suspect or frozen; it lifts no flag and no range'),
  });
const sampleOf = <T extends z.ZodType>(time: T) =>
  z.strictObject({ outlet: key, metric, ts: time, value: z.number(), laboratory: line(200) });
const calibrationOf = <T extends z.ZodType>(time: T) => z.strictObject({ outlet: key, metric, ts: time });

/** An entry of each ledger in a request. */
export const entrySchemas = {
  ...plain,
  ...{ marks: markOf(instant), samples: sampleOf(instant), calibrations: calibrationOf(instant) },
};
const answered = {
  ...plain,
  ...{ marks: markOf(wireTime), samples: sampleOf(wireTime), calibrations: calibrationOf(wireTime) },
};

export const toldBody = <T extends z.ZodType>(entry: T) =>
  z.strictObject({
    entries: z.array(entry).min(1).max(EMISSION_BOUNDS.revision),
    source: line(200).describe('the paper or the system it comes from'),
    reason: line(500).describe('why'),
  });
export const toldAnswer = z.strictObject({
  version: z.number().int().describe('of all ledgers of emissions'),
  recorded: z.number().int().describe('entries'),
});

export const ledgerQuery = z.strictObject({
  outlet: key.optional(),
  asOf: instant.optional().describe('answers as was known then; a time that is past'),
  ...pagingQuery(),
});
export const ledgerQueryOfOutlet = ledgerQuery.required({ outlet: true });
export const entryWithdrawal = z.strictObject({
  key: z.string().min(1).max(300).describe('of the entry, as a list gives it'),
  source: line(200),
  reason: line(500).describe('why it is withdrawn'),
});

const recorded = {
  key: z.string(),
  version: z.number().int().describe('the revision that recorded it'),
  recordedAt: wireTime,
  by: z.string().describe('id of the token that recorded it'),
  recordedSource: z.string(),
  reason: z.string().nullable(),
};
const believedEntry = <T extends z.ZodType>(entry: T) => z.strictObject({ entry, ...recorded });
const listOf = <T extends z.ZodType>(entry: T) =>
  z.strictObject({ ...pageOf(believedEntry(entry), 'by key').shape, version: toldAnswer.shape.version });
export const ledgerAnswers = {
  ...{ outlets: listOf(answered.outlets), profiles: listOf(answered.profiles), permits: listOf(answered.permits) },
  ...{ overrides: listOf(answered.overrides), marks: listOf(answered.marks), samples: listOf(answered.samples) },
  calibrations: listOf(answered.calibrations),
};
