import { z } from 'zod';
import { cursors } from '../../http/paging.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';

/** Where a page ended: the next one begins behind `after` in `series`, an index, of the query from `from` to `to`. */
export interface PageCursor {
  readonly from: number;
  readonly to: number;
  readonly device: string;
  readonly metric: string;
  readonly after: number;
}

const time = z.number().min(MIN_INSTANT).max(MAX_INSTANT);
const cursor = cursors(z.tuple([time, time, z.string(), z.string(), time]));

export function writeCursor({ from, to, device, metric, after }: PageCursor): string {
  return cursor.write([from, to, device, metric, after]);
}

/** @throws ProblemError 422 when the text is no cursor of these pages */
export function readCursor(text: string): PageCursor {
  const [from, to, device, metric, after] = cursor.read(text);
  return { from, to, device, metric, after };
}
