import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Alarm, AlarmEvent } from '../../alarms/model/alarm.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { ALARM_EVENTS } from '../../alarms/model/transition.js';
import { eventToWire, maybe } from '../../alarms/model/wire.js';
import type { Alarms, EventQuery } from '../../alarms/port.js';
import { READERS } from '../../http/auth/access.js';
import { inChunks, listAnswers } from '../../http/csv.js';
import { given } from '../../http/given.js';
import { jsonOrCsv } from '../../http/negotiate.js';
import { linkNext, pageRead } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { route, routes } from '../../http/route.js';
import { instant } from '../../http/times.js';
import type { ApiDeps } from '../deps.js';
import { eventTable } from './csv.js';
import {
  eventCsv,
  eventList,
  pageLimit,
  placeShape,
  priorityShape,
  seqCursor,
  someOf,
  subjectId,
  withBom,
} from './schemas.js';
import { namesFor, parksMeant, prioritiesOf, requireRange } from './scope.js';

const PAGE = 100;
/** Events read at once for CSV; bounds the memory of a slow client. */
const CHUNK = 200;

const eventsQuery = z.strictObject({
  ...placeShape,
  domain: z.enum(ALARM_DOMAINS).optional(),
  rule: anyId.optional(),
  device: subjectId.optional(),
  event: someOf(ALARM_EVENTS).optional(),
  ...priorityShape,
  from: instant.optional().describe('received at or after this time. RFC 3339 or epoch ms'),
  to: instant.optional().describe('received before this time. RFC 3339 or epoch ms'),
  limit: pageLimit.describe(`events of one page; ${PAGE} when left out, in CSV all`),
  cursor: seqCursor,
  bom: withBom,
});

/** `GET /alarm-events`: the stored events of all alarms. */
export function alarmEventRoutes(deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>) {
  const { alarms, registry } = deps;
  const { time, wantsCsv, sendCsv } = listAnswers(deps);
  return routes((app) =>
    app.get(
      '/alarm-events',
      route(READERS, 'alarms', 'What happened to alarms', {
        description:
          'The record, the oldest event first. The oldest events are dropped once there are too many: `completeFrom`, in CSV ' +
          'the header Alarm-Events-Complete-From, says from when on nothing is missing. JSON, or CSV with `Accept: ' +
          'text/csv`, which is sent as it is read. An answer whose connection breaks is not whole.',
        querystring: eventsQuery,
        response: jsonOrCsv('A page of events', eventList, eventCsv),
      }),
      async (request, reply) => {
        const { limit, cursor = 0, bom, ...asked } = request.query;
        const csv = wantsCsv(request);
        requireRange(asked, 'query');
        const filter = searchOf(asked, parksMeant(request, registry, asked));
        const from = maybe(time)(completeFrom(alarms));
        const named = namesFor(request, registry);
        const behind = (size: number) => eventsBehind(alarms, filter, cursor, size, () => reply.raw.destroyed, named);
        const page = async (size: number) => pageRead(await firstOf(behind(size + 1), size + 1), size, seqOf);
        reply.header('vary', 'accept');
        if (!csv) {
          const { items, nextCursor } = await page(limit ?? PAGE);
          return { completeFrom: from, items: items.map((event) => eventToWire(event, time)), nextCursor };
        }
        if (from !== null) reply.header('alarm-events-complete-from', from);
        let chunks = behind(CHUNK);
        if (limit !== undefined) {
          const { items, nextCursor } = await page(limit);
          linkNext(reply, nextCursor);
          chunks = inChunks(items);
        }
        return sendCsv(reply, 'alarm-events', eventTable(time), chunks, bom);
      },
    ),
  );
}

function searchOf(asked: Omit<z.output<typeof eventsQuery>, 'bom'>, parks: readonly string[] | undefined): EventFilter {
  const { domain, rule, device, event: events, from, to } = asked;
  const search = given({ domain, rule, device, events, priorities: prioritiesOf(asked), from, to });
  return { ...search, ...(parks && { parks, system: false }) };
}

export const seqOf = ({ seq }: AlarmEvent) => seq;

type StoredEvents = Pick<Alarms, 'events' | 'headSeq' | 'oldestSeq'>;

/** Events searched in one turn: a search without results must not block the event loop either. */
const SPAN = 1_000;

type EventFilter = Omit<EventQuery, 'afterSeq' | 'uptoSeq' | 'limit'>;

/**
 * The events after `afterSeq` that match the filter, up to the newest of now, at most `size` at a time. Ends early once
 * the client is gone. `named` gives alarms their ids.
 */
export async function* eventsBehind(
  record: StoredEvents,
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
    const found = record.events({ ...filter, afterSeq: at, uptoSeq, limit });
    at = found.length < limit ? uptoSeq : found.at(-1)!.seq;
    if (found.length > 0) yield found.map((event) => ({ ...event, alarm: named(event.alarm) }));
    else await setImmediate();
  }
}

/** The first `count` events; fewer at the end of the store. */
export async function firstOf(pages: AsyncIterable<readonly AlarmEvent[]>, count: number): Promise<AlarmEvent[]> {
  const events: AlarmEvent[] = [];
  for await (const page of pages) {
    events.push(...page.slice(0, count - events.length));
    if (events.length === count) break;
    await setImmediate();
  }
  return events;
}

/** Receipt from which every event is kept; null when none was ever dropped. */
export function completeFrom(record: Pick<StoredEvents, 'events' | 'oldestSeq'>): number | null {
  const oldest = record.oldestSeq();
  if (oldest <= 1) return null;
  return record.events({ afterSeq: oldest - 1, limit: 1 })[0]?.receivedAt ?? null;
}
