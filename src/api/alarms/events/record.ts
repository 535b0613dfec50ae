import { setImmediate } from 'node:timers/promises';
import type { Alarm, AlarmEvent } from '../../../alarms/model/alarm.js';
import type { Alarms, EventSearch } from '../../../alarms/port.js';

type Record = Pick<Alarms, 'search' | 'headSeq' | 'oldestSeq'>;

/** Events looked at in one turn: what nobody is shown must not keep everything else from its turn either. */
const SPAN = 1_000;

export type EventFilter = Omit<EventSearch, 'afterSeq' | 'uptoSeq' | 'limit'>;

/**
 * The events behind `afterSeq` that the filter means, up to the newest of now, at most `size` at a time. It ends early
 * once nobody wants it any more. Alarms are given as `named` calls them.
 */
export async function* eventsBehind(
  record: Record,
  filter: EventFilter,
  afterSeq: number,
  size: number,
  gone: () => boolean,
  named: (alarm: Alarm) => Alarm = (alarm) => alarm,
): AsyncGenerator<readonly AlarmEvent[]> {
  const head = record.headSeq();
  let at = Math.max(afterSeq, record.oldestSeq() - 1);
  while (at < head && !gone()) {
    const uptoSeq = Math.min(head, at + SPAN);
    const limit = Math.min(size, SPAN);
    const found = record.search({ ...filter, afterSeq: at, uptoSeq, limit });
    at = found.length < limit ? uptoSeq : found.at(-1)!.seq;
    if (found.length > 0) yield found.map((event) => ({ ...event, alarm: named(event.alarm) }));
    else await setImmediate();
  }
}

/** The first `count` of them; fewer at the end of the record. */
export async function firstOf(pages: AsyncIterable<readonly AlarmEvent[]>, count: number): Promise<AlarmEvent[]> {
  const events: AlarmEvent[] = [];
  for await (const page of pages) {
    events.push(...page.slice(0, count - events.length));
    if (events.length === count) break;
    await setImmediate();
  }
  return events;
}

/** From which receipt on every event is kept; null when none was ever dropped. */
export function completeFrom(record: Pick<Alarms, 'events' | 'oldestSeq'>): number | null {
  const oldest = record.oldestSeq();
  if (oldest <= 1) return null;
  return record.events({ afterSeq: oldest - 1, limit: 1 })[0]?.receivedAt ?? null;
}
