import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AlarmEvent } from '../../../alarms/model/alarm.js';
import { ALARM_DOMAINS } from '../../../alarms/model/rule/rule.js';
import { ALARM_EVENTS } from '../../../alarms/model/transition.js';
import { eventToWire } from '../../../alarms/model/wire.js';
import { READERS } from '../../../http/auth/access.js';
import { given } from '../../../http/given.js';
import { negotiate } from '../../../http/negotiate.js';
import { OpenQueries } from '../../../http/open-queries.js';
import { linkNext, pageRead } from '../../../http/paging.js';
import { anyId } from '../../../http/request-texts.js';
import { route } from '../../../http/route.js';
import { instant } from '../../../http/times.js';
import { instantFormatter } from '../../../model/time/rfc3339.js';
import { TimeZone } from '../../../model/time/zone.js';
import type { ApiDeps } from '../../deps.js';
import { eventTable } from '../csv/csv.js';
import { datedName, inChunks, MEDIA_TYPES, sendCsv } from '../csv/send.js';
import { pageLimit, placeShape, priorityShape, seqCursor, someOf, subjectId, withBom } from '../query-schemas.js';
import { eventCsv, eventList } from '../schemas.js';
import { namesFor, parksMeant, prioritiesOf, requireRange } from '../scope.js';
import { completeFrom, type EventFilter, eventsBehind, firstOf } from './record.js';

const PAGE = 100;
/** Events read at once for CSV; what a slow client holds of the record. */
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

/** `GET /alarm-events`: the record of everything that happened to alarms. */
export function alarmEventRoutes(
  deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>,
): FastifyPluginAsync {
  const { alarms, registry, clock } = deps;
  const queries = deps.queries ?? new OpenQueries();
  const zone = new TimeZone(deps.timeZone);
  const time = instantFormatter(zone);
  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/alarm-events',
      route(READERS, 'alarms', 'What happened to alarms', {
        description:
          'The record, the oldest event first. The oldest events are dropped once there are too many: `completeFrom`, in CSV ' +
          'the header Alarm-Events-Complete-From, says from when on nothing is missing. JSON, or CSV with `Accept: ' +
          'text/csv`, which is sent as it is read. An answer whose connection breaks is not whole.',
        querystring: eventsQuery,
        response: {
          200: {
            description: 'A page of events',
            content: { 'application/json': { schema: eventList }, 'text/csv': { schema: eventCsv } },
          },
        },
      }),
      async (request, reply) => {
        const { limit, cursor = 0, bom, ...asked } = request.query;
        const type = negotiate(request.headers.accept, MEDIA_TYPES);
        requireRange(asked, 'query');
        const filter = searchOf(asked, parksMeant(request, registry, asked));
        const from = completeFrom(alarms);
        const named = namesFor(request, registry);
        const behind = (size: number) => eventsBehind(alarms, filter, cursor, size, isGone(reply), named);
        reply.header('vary', 'accept');
        if (type === 'text/csv') {
          if (from !== null) reply.header('alarm-events-complete-from', time(from));
          const table = { table: eventTable(time), bom, name: datedName('alarm-events', zone, clock()) };
          if (limit === undefined) return sendCsv(reply, queries, { ...table, chunks: behind(CHUNK) });
          const { items, nextCursor } = pageRead(await firstOf(behind(limit + 1), limit + 1), limit, seqOf);
          linkNext(reply, nextCursor);
          return sendCsv(reply, queries, { ...table, chunks: inChunks(items) });
        }
        const size = limit ?? PAGE;
        const { items, nextCursor } = pageRead(await firstOf(behind(size + 1), size + 1), size, seqOf);
        return {
          completeFrom: from === null ? null : time(from),
          items: items.map((event) => eventToWire(event, time)),
          nextCursor,
        };
      },
    );
  };
}

function searchOf(asked: Omit<z.output<typeof eventsQuery>, 'bom'>, parks: readonly string[] | undefined): EventFilter {
  const { domain, rule, device, event: events, from, to } = asked;
  const search = given({ domain, rule, device, events, priorities: prioritiesOf(asked), from, to });
  return { ...search, ...(parks && { parks, system: false }) };
}

const isGone = (reply: FastifyReply) => () => reply.raw.destroyed;
export const seqOf = ({ seq }: AlarmEvent) => seq;
