import { z } from 'zod';
import { WINDOW_FUNCTIONS } from '../../historian/port/queries.js';
import { anyId, listOfNames } from '../../http/request-texts.js';
import { instant, wireTime } from '../../http/times.js';
import { DATA_FLAGS, QUALITIES } from '../../model/reading.js';
import { parseDuration } from '../../model/time/duration.js';
import { FILLS } from './thin/fill.js';

/** Bounds of one answer. */
export const MAX_SERIES = 100;
export const MAX_RAW_READINGS = 1_000_000;
/** As CSV and Parquet, which are read as they come; and behind `points`, where few of them are sent. */
export const MAX_STREAMED_READINGS = 20_000_000;
/** Versions of readings, with `versions=all`. */
export const MAX_VERSIONS = 100_000;
export const MAX_WINDOWS = 100_000;
export const MAX_PAGE = 50_000;
const MIN_POINTS = 10;
const MAX_POINTS = 10_000;
/** Range of a query that does not say `from`. */
export const DEFAULT_RANGE_MS = 24 * 3_600_000;

const names = listOfNames(MAX_SERIES);

const every = z
  .string()
  .max(16)
  .transform((text, context) => {
    try {
      return { text, duration: parseDuration(text) };
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

export const readingsQuery = z.strictObject({
  device: names.describe('devices, repeated or with commas between them'),
  park: anyId.optional().describe('of the devices; needed where several parks have a device of that id'),
  metric: names
    .optional()
    .describe('metrics of the catalogue, repeated or with commas between them; all the devices have when left out'),
  from: instant.optional().describe('first time, inclusive; 24 hours before `to` when left out. RFC 3339 or epoch ms'),
  to: instant.optional().describe('end, exclusive; now when left out. RFC 3339 or epoch ms'),
  every: every
    .optional()
    .describe(
      'length of windows: 10s, 5m, 1h, 1d, 1w, 1mo, 1y; raw readings when left out. Windows are whole and begin on the ' +
        "clock and calendar of the service's time zone, so the first and last may reach beyond the range",
    ),
  fn: z
    .enum(WINDOW_FUNCTIONS)
    .optional()
    .describe(
      'of the good values of each window; `delta` is the consumption a counter shows; in `time_weighted_mean` a value ' +
        'holds until the next good one, at most 15 minutes. `mean` when left out',
    ),
  fill: z
    .enum(FILLS)
    .optional()
    .describe(
      'what stands in windows without a good value: nothing (`none`, the default), the value before (`previous`, not ' +
        'beyond now) or the line between the neighbours (`linear`). Such points are marked `filled`; not for count, sum and delta',
    ),
  points: z.coerce
    .number()
    .int()
    .min(MIN_POINTS)
    .max(MAX_POINTS)
    .optional()
    .describe(
      'at most so many points of each series, those that make the same picture (largest triangle three buckets); raw ' +
        'readings of every quality, or windows',
    ),
  versions: z
    .enum(['all'])
    .optional()
    .describe(
      'the readings that arrived more than once with different values or flags, every version of them with who sent it; the ' +
        'one that `counts` is what stands in all other answers. JSON or CSV, without windows, points and pages',
    ),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE)
    .optional()
    .describe('raw readings of one page; go on with `cursor`'),
  cursor: z.string().max(400).optional().describe('`nextCursor` of the page before, with the same devices and metrics'),
});
export type ReadingsQuery = z.output<typeof readingsQuery>;

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
