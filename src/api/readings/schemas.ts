import { z } from 'zod';
import { WINDOW_FUNCTIONS } from '../../historian/port/queries.js';
import { DATA_FLAGS, QUALITIES } from '../../model/reading.js';

/** A time in an answer. */
export const wireTime = z.iso
  .datetime({ offset: true })
  .describe("RFC 3339 with the offset of the service's time zone");

const rawPoint = z.strictObject({
  ts: wireTime,
  value: z.number(),
  flag: z.enum(DATA_FLAGS).describe('data flag of HJ 212-2017 table 8 as the device sent it'),
  quality: z.enum(QUALITIES).describe('verdict of the service; windows count `good` alone'),
  receivedAt: wireTime,
  gateway: z.string().nullable().optional().describe('with `versions=all`: who sent it; null where nobody knows'),
  counts: z.boolean().optional().describe('with `versions=all`: whether this version is the one of all other answers'),
});

const windowPoint = z.strictObject({
  start: wireTime,
  end: wireTime.describe('start of the next window'),
  value: z.number(),
  filled: z.literal(true).optional().describe('the window has no good value; this one stands in, see `fill`'),
});

const seriesOf = <P extends z.ZodType>(point: P) =>
  z.strictObject({
    device: z.string(),
    metric: z.string(),
    unit: z.string().describe('empty where the quantity has none'),
    points: z
      .array(point)
      .describe('times rising, each once; with `versions=all` each as often as it has versions, by arrival'),
  });

const range = {
  from: wireTime,
  to: wireTime,
  timeZone: z.string().describe('IANA name; windows are cut in it'),
  incomplete: z
    .array(z.strictObject({ from: wireTime, to: wireTime }))
    .optional()
    .describe('where readings may be missing because files of history are damaged; left out where nothing is'),
};

export const rawAnswer = z.strictObject({
  ...range,
  series: z.array(seriesOf(rawPoint)).describe('in the order asked; one without readings has no points'),
  nextCursor: z.string().nullable().describe('asks for the next page; null at the end, and without `limit`'),
});

export const windowsAnswer = z.strictObject({
  ...range,
  every: z.string(),
  fn: z.enum(WINDOW_FUNCTIONS),
  series: z
    .array(seriesOf(windowPoint))
    .describe('windows without a good value are left out, or marked `filled` where `fill` was asked for'),
});

export const readingsAnswer = z.union([rawAnswer, windowsAnswer]);

export const readingsCsv = z
  .string()
  .describe(
    'Header row, then one row per reading: device,metric,unit,ts,value,flag,quality,receivedAt, and gateway,counts with `versions=all`; or per window: ' +
      'device,metric,unit,fn,start,end,value, and filled (true or false) where `fill` was asked for. RFC 4180, UTF-8 without BOM. The next page is named by the header Link.',
  );

export const readingsParquet = z
  .string()
  .meta({ format: 'binary' })
  .describe(
    'One table. Readings: device, metric, unit, ts, value, flag, quality, received_at; windows: device, metric, unit, fn, ' +
      'start, end, value, filled. Times are UTC, in milliseconds.',
  );
