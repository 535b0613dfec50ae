import { z } from 'zod';
import { parseDuration } from '../../domain/duration.js';
import { instantFromText } from '../../domain/time-zone-rfc3339.js';
import { WINDOW_FUNCTIONS } from '../../historian/port.js';

/** Bounds of one answer. */
export const MAX_SERIES = 100;
export const MAX_RAW_READINGS = 1_000_000;
export const MAX_WINDOWS = 100_000;
export const MAX_PAGE = 50_000;
/** Range of a query that does not say `from`. */
export const DEFAULT_RANGE_MS = 24 * 3_600_000;

const LIST_TEXT = 10_000;

/** One or many names: repeated (`device=a&device=b`) or with commas (`device=a,b`); doubles count once. */
const names = z
  .union([z.string().max(LIST_TEXT), z.array(z.string().max(LIST_TEXT)).max(MAX_SERIES)])
  .transform((given, context) => {
    const all = [given].flat().flatMap((text) => text.split(','));
    const list = [...new Set(all.map((name) => name.trim()).filter((name) => name !== ''))];
    if (list.length >= 1 && list.length <= MAX_SERIES) return list;
    context.addIssue({ code: 'custom', message: `1 to ${MAX_SERIES} names, repeated or with commas between them` });
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
    .describe('of the good values of each window; `delta` is the consumption a counter shows. `mean` when left out'),
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
