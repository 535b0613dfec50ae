import type { ServiceApi } from '../service-api.js';
import type { RecordedEvent } from './recorded.js';

/** The service no longer stores enough of the record. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

interface Page {
  readonly items: readonly RecordedEvent[];
  readonly nextCursor: string | null;
}

/** The newest event that the service has recorded; 0 before the first. @throws ApiError */
export async function headSeq(api: ServiceApi): Promise<number> {
  return (await api.get<{ seq: number }>('/alarms?limit=1')).seq;
}

/** Every event recorded after `since`, in the order of their numbers. @throws ApiError, RecordError */
export async function recordAfter(api: ServiceApi, since: number): Promise<RecordedEvent[]> {
  const found = await pagesOf(api, '/alarm-events', since);
  const first = found[0]?.seq ?? since + 1;
  if (first > since + 1) throw new RecordError(`events ${since + 1} to ${first - 1} are no longer recorded`);
  return found;
}

/** Every event of one alarm that the service stores. @throws ApiError */
export function eventsOf(api: ServiceApi, alarm: string): Promise<RecordedEvent[]> {
  return pagesOf(api, `/alarms/${encodeURIComponent(alarm)}/events`, 0);
}

async function pagesOf(api: ServiceApi, path: string, since: number): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  let cursor: string | null = String(since);
  while (cursor !== null) {
    const page: Page = await api.get<Page>(`${path}?limit=1000&cursor=${cursor}`);
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}
