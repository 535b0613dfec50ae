import { ResultTooLargeError } from '../../historian/port/errors.js';
import { invalidField, problem } from '../../http/problem.js';
import { requirePeriod } from '../../http/times.js';
import { TooManyWindowsError } from '../../model/time/windows.js';
import { PARQUET } from './formats/parquet.js';
import type { MediaType } from './formats/renderings.js';
import { readCursor } from './page.js';
import { DEFAULT_RANGE_MS, MAX_PAGE, MAX_STREAMED_READINGS, MAX_WINDOWS, type ReadingsQuery } from './schemas.js';

/** @throws ProblemError 422 that names the parameter in conflict with another */
export function refuseCombinations(
  { every, fn, limit, cursor, fill, points, versions }: ReadingsQuery,
  type: MediaType,
): void {
  if (fn && !every) throw invalidField('query.every', `fn=${fn} needs the length of windows`);
  if (every && (limit || cursor)) {
    throw invalidField(limit ? 'query.limit' : 'query.cursor', 'only raw readings have pages, windows have none');
  }
  if (fill && !every) throw invalidField('query.every', `fill=${fill} needs the length of windows`);
  if (fill && fill !== 'none' && (fn === 'count' || fn === 'sum' || fn === 'delta')) {
    throw invalidField('query.fill', `none with fn=${fn}: to fill a gap would invent readings or consumption`);
  }
  if (points && (limit || cursor)) {
    throw invalidField('query.points', 'no limit, no cursor: reduced readings have no pages');
  }
  if (versions && (every || points || limit || cursor || type === PARQUET)) {
    throw invalidField(
      'query.versions',
      'no every, points, limit or cursor, and JSON or CSV: versions are of raw readings, all at once',
    );
  }
  if (cursor && !limit) throw invalidField('query.limit', 'a cursor needs the limit of a page');
}

/** Begin and end of the query. @throws ProblemError 422 for an empty range */
export function rangeOf(query: ReadingsQuery, now: number): { readonly from: number; readonly to: number } {
  if (query.cursor) return readCursor(query.cursor);
  const to = query.to ?? now;
  const from = query.from ?? to - DEFAULT_RANGE_MS;
  requirePeriod({ from, to }, 'query');
  return { from, to };
}

/** Runs `work`; answers a query above the bounds with what to request instead. */
export async function withinBounds<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResultTooLargeError) {
      const detail =
        `the range holds more than ${error.limit} raw readings, the bound of one answer: narrow from and to, ask for ` +
        `fewer series, take windows with every=1h, a picture with points=2000, or read in pages with limit=${MAX_PAGE}; CSV and ` +
        `Parquet may hold ${MAX_STREAMED_READINGS}`;
      throw problem(422, 'too_many_readings', detail, { bound: 'raw_readings', limit: error.limit });
    }
    if (!(error instanceof TooManyWindowsError)) throw error;
    const detail =
      `the series asked for have more than ${MAX_WINDOWS} windows together, the bound of one answer: narrow from and to, ` +
      'ask for fewer series, or take longer windows';
    throw problem(422, 'too_many_windows', detail, { bound: 'windows', limit: MAX_WINDOWS });
  }
}
