import { WebSocket } from 'ws';
import { ApiError, type ServiceApi } from '../service-api.js';
import type { HeardEvent, RecordedEvent } from './recorded.js';

/** How long the feed may take to tell what it has. */
const FEED_MS = 15_000;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The newest event that the service has recorded; 0 before the first. @throws ApiError */
export async function headSeq(api: ServiceApi): Promise<number> {
  return (await api.get<{ seq: number }>('/alarms?limit=1')).seq;
}

/** The record of the alarms with these ids, in the order of its numbers. One that never stood has none. @throws ApiError */
export async function recordOf(api: ServiceApi, ids: Iterable<string>): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (const id of new Set(ids)) found.push(...(await eventsOf(api, id)));
  return found.sort((a, b) => a.seq - b.seq);
}

async function eventsOf(api: ServiceApi, id: string): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${cursor}`;
    try {
      const path = `/alarms/${encodeURIComponent(id)}/events?limit=1000${after}`;
      const page: Page<RecordedEvent> = await api.get<Page<RecordedEvent>>(path);
      found.push(...page.items);
      cursor = page.nextCursor;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  } while (cursor !== null);
  return found;
}

/** What the feed could not tell: the record no longer goes back that far, or it did not answer in time. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
}

/**
 * All events after `since` up to `upto`, as the feed replays them from the record; nothing is filtered.
 * @throws FeedError
 */
export function replayOf(url: string, token: string, since: number, upto: number): Promise<HeardEvent[]> {
  if (upto <= since) return Promise.resolve([]);
  const socket = new WebSocket(`${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/ws/alarms`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const heard: HeardEvent[] = [];
  return new Promise<HeardEvent[]>((resolve, reject) => {
    const fail = (why: string) => reject(new FeedError(`/ws/alarms: ${why}`));
    const timer = setTimeout(() => fail(`told ${heard.length} events up to ${upto} in ${FEED_MS} ms`), FEED_MS);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', since })));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as HeardEvent & { readonly type: string };
      if (frame.type === 'gap') fail(`events after ${since} are no longer kept`);
      if (frame.type !== 'alarm') return;
      heard.push(frame);
      if (frame.seq >= upto) resolve(heard);
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', (code) => {
      clearTimeout(timer);
      fail(`closed with ${code}`);
    });
  }).finally(() => socket.terminate());
}
