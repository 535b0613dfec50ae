import type { RejectionCode } from '../model/wire/rejection.js';
import { rejectionsTopic } from '../model/wire/topic.js';
import type { Ingest, Rejection } from './port.js';

/** Most rejections of one message that are kept and published one by one; beyond, only a count for each code. */
export const MAX_REJECTIONS = 50;

export type CodeCounts = Readonly<Partial<Record<RejectionCode, number>>>;

/** Number of rejections for each code. */
export function countCodes(rejections: readonly Rejection[]): CodeCounts {
  const counts: Partial<Record<RejectionCode, number>> = {};
  for (const { code } of rejections) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** What ingest publishes to the gateway: the first rejections as they are, and a count for each code beyond. */
export function rejectionsToTell(rejections: readonly Rejection[]): readonly Rejection[] {
  if (rejections.length <= MAX_REJECTIONS) return rejections;
  const told = rejections.slice(0, MAX_REJECTIONS);
  const { topic, ts } = told[0]!;
  for (const [code, count] of Object.entries(countCodes(rejections.slice(MAX_REJECTIONS)))) {
    told.push({ topic, index: null, code: code as RejectionCode, reason: `${count} more items of this message`, ts });
  }
  return told;
}

/** Publishes rejections on the gateway's topic while any client has a subscription. */
export function publishRejections(
  ingest: Pick<Ingest, 'onRejected'>,
  broker: { readonly hasSubscribers: boolean; publish(topic: string, payload: string): void },
  time: (ts: number) => string,
): void {
  ingest.onRejected((gateway, park, rejections) => {
    if (!broker.hasSubscribers) return;
    const topic = rejectionsTopic(park, gateway);
    for (const one of rejectionsToTell(rejections)) broker.publish(topic, JSON.stringify({ ...one, ts: time(one.ts) }));
  });
}

/** Indexes of items in a message, rising. */
export type Items = readonly number[];

/** Items rejected in full or in part; null means the whole message. */
export function openItems(rejections: readonly Rejection[]): Items | null {
  const items: number[] = [];
  for (const { index } of rejections) {
    if (index === null) return null;
    items.push(index);
  }
  return items;
}

/** Writes runs as first and last: `0-3,7`. */
export function writeItems(items: Items): string {
  const runs: [first: number, last: number][] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run !== undefined && item === run[1] + 1) run[1] = item;
    else runs.push([item, item]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

export function readItems(text: string): Items {
  return text.split(',').flatMap((run) => {
    const [first = Number.NaN, last = first] = run.split('-', 2).map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The payload with only these items; unchanged when it is no list. */
export function onlyItems(payload: Uint8Array, items: Items): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return payload;
  }
  if (!Array.isArray(parsed) || items.length >= parsed.length) return payload;
  const all: readonly unknown[] = parsed;
  return Buffer.from(JSON.stringify(items.map((item) => all[item])));
}
