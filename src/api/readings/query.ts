import { z } from 'zod';
import { WINDOW_FUNCTIONS } from '../../historian/port/queries.js';
import { anyId } from '../../http/fields.js';
import { parseDuration } from '../../model/time/duration.js';
import { instantFromText } from '../../model/time/rfc3339.js';
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
export const MIN_POINTS = 10;
export const MAX_POINTS = 10_000;
/** Range of a query that does not say `from`. */
export const DEFAULT_RANGE_MS = 24 * 3_600_000;

const LIST_TEXT = 10_000;

const NAMES = `1 to ${MAX_SERIES} names, repeated or with commas between them`;

/** One or many names: repeated (`device=a&device=b`) or with commas (`device=a,b`); doubles count once. */
const names = z
  .union([z.string().max(LIST_TEXT), z.array(z.string().max(LIST_TEXT)).max(MAX_SERIES)], NAMES)
  .transform((given, context) => {
    const all = [given].flat().flatMap((text) => text.split(','));
    const list = [...new Set(all.map((name) => name.trim()).filter((name) => name !== ''))];
    if (list.length >= 1 && list.length <= MAX_SERIES) return list;
    context.addIssue({ code: 'custom', message: NAMES });
    return z.NEVER;
  });

/** A time in a query; a `+` that came unescaped, and so as a space, is understood. */
export const instant = z
  .string()
  .max(40)
  .transform((text, context) => {
    const parsed = instantFromText(text.replace(/ (?=\d\d:\d\d$)/, '+'));
    if (parsed !== null) return parsed;
    context.addIssue({ code: 'custom', message: 'RFC 3339 with an offset, or epoch milliseconds' });
    return z.NEVER;
  })
  .describe('RFC 3339 with offset (`2026-11-23T08:00:00+08:00`), or epoch milliseconds');

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
