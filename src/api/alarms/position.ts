import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { invalidFields } from '../../http/problem.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';
import { MAX_ALARM_ID } from './fields.js';

/**
 * Place of an alarm in the list: the one raised last first. It stays where it is while it is acknowledged, shelved, or
 * escalates, so that no page repeats or skips it; only a new occurrence moves it.
 */
export type Position = Pick<Alarm, 'raisedAt' | 'id'>;

const position = z.tuple([z.number().min(MIN_INSTANT).max(MAX_INSTANT).nullable(), z.string().max(MAX_ALARM_ID)]);

/** For sorting. What never stood is behind everything that did. */
export function inOrder(a: Position, b: Position): number {
  if (a.raisedAt !== b.raisedAt) {
    return (b.raisedAt ?? Number.NEGATIVE_INFINITY) - (a.raisedAt ?? Number.NEGATIVE_INFINITY);
  }
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

export function isBehind(alarm: Position, place: Position): boolean {
  return inOrder(alarm, place) > 0;
}

export function writePosition({ raisedAt, id }: Position): string {
  return Buffer.from(JSON.stringify([raisedAt, id])).toString('base64url');
}

/** @throws Problem 422 when the text is no cursor of these pages */
export function readPosition(text: string): Position {
  try {
    const [raisedAt, id] = position.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { raisedAt, id };
  } catch {
    throw invalidFields([{ field: 'query.cursor', expected: 'the nextCursor of the page before' }]);
  }
}
