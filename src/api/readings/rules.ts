import { invalidFields } from '../../http/problem.js';
import { requirePeriod } from '../../http/times.js';
import { readCursor } from './cursor.js';
import { PARQUET } from './formats/parquet.js';
import type { MediaType } from './formats/renderings.js';
import { DEFAULT_RANGE_MS, type ReadingsQuery } from './query.js';

/** @throws ProblemError 422 that names the parameter which does not go with another */
export function refuseCombinations(
  { every, fn, limit, cursor, fill, points, versions }: ReadingsQuery,
  type: MediaType,
): void {
  if (fn && !every) throw invalidFields([{ field: 'query.every', expected: `fn=${fn} needs the length of windows` }]);
  if (every && (limit || cursor)) {
    const field = limit ? 'query.limit' : 'query.cursor';
    throw invalidFields([{ field, expected: 'pages are of raw readings, not of windows' }]);
  }
  if (fill && !every)
    throw invalidFields([{ field: 'query.every', expected: `fill=${fill} needs the length of windows` }]);
  if (fill && fill !== 'none' && (fn === 'count' || fn === 'sum' || fn === 'delta')) {
    const expected = `none with fn=${fn}: to fill a gap would invent readings or consumption`;
    throw invalidFields([{ field: 'query.fill', expected }]);
  }
  if (points && (limit || cursor)) {
    throw invalidFields([{ field: 'query.points', expected: 'no limit and no cursor: a picture has no pages' }]);
  }
  if (versions && (every || points || limit || cursor || type === PARQUET)) {
    const expected = 'no every, points, limit or cursor, and JSON or CSV: versions are of raw readings, all at once';
    throw invalidFields([{ field: 'query.versions', expected }]);
  }
  if (cursor && !limit) throw invalidFields([{ field: 'query.limit', expected: 'a cursor needs the limit of a page' }]);
}

/** From when to when. @throws ProblemError 422 when that is no time at all */
export function rangeOf(query: ReadingsQuery, now: number): { readonly from: number; readonly to: number } {
  if (query.cursor) return readCursor(query.cursor);
  const to = query.to ?? now;
  const from = query.from ?? to - DEFAULT_RANGE_MS;
  requirePeriod({ from, to }, 'query');
  return { from, to };
}
