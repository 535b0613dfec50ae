import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { cursors } from '../../http/paging.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';
import { MAX_ALARM_ID } from './query-schemas.js';

/**
 * Place of an alarm in the list: the one raised last first. It stays where it is while it is acknowledged, shelved, or
 * escalates, so that no page repeats or skips it; only a new occurrence moves it.
 */
type ListCursor = Pick<Alarm, 'raisedAt' | 'id'>;

const cursor = cursors(
  z.tuple([z.number().min(MIN_INSTANT).max(MAX_INSTANT).nullable(), z.string().max(MAX_ALARM_ID)]),
);

/** For sorting. What never stood is behind everything that did. */
export function inOrder(a: ListCursor, b: ListCursor): number {
  if (a.raisedAt !== b.raisedAt) {
    return (b.raisedAt ?? Number.NEGATIVE_INFINITY) - (a.raisedAt ?? Number.NEGATIVE_INFINITY);
  }
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

export function isBehind(alarm: ListCursor, place: ListCursor): boolean {
  return inOrder(alarm, place) > 0;
}

export function writeListCursor({ raisedAt, id }: ListCursor): string {
  return cursor.write([raisedAt, id]);
}

/** @throws ProblemError 422 when the text is no cursor of these pages */
export function readListCursor(text: string): ListCursor {
  const [raisedAt, id] = cursor.read(text);
  return { raisedAt, id };
}
