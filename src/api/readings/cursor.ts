import { z } from 'zod';
import { invalidFields } from '../../http/problem.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';

/** Where a page ended: the next one begins behind `after` in `series`, an index, of the query from `from` to `to`. */
export interface PagePosition {
  readonly from: number;
  readonly to: number;
  readonly device: string;
  readonly metric: string;
  readonly after: number;
}

const time = z.number().min(MIN_INSTANT).max(MAX_INSTANT);
const position = z.tuple([time, time, z.string(), z.string(), time]);

export function writeCursor({ from, to, device, metric, after }: PagePosition): string {
  return Buffer.from(JSON.stringify([from, to, device, metric, after])).toString('base64url');
}

/** @throws Problem 422 when the text is no cursor of these pages */
export function readCursor(text: string): PagePosition {
  try {
    const [from, to, device, metric, after] = position.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { from, to, device, metric, after };
  } catch {
    throw invalidFields([{ field: 'query.cursor', expected: 'the nextCursor of the page before' }]);
  }
}
