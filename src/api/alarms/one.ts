import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { alarmToWire, eventToWire, maybe } from '../../alarms/model/wire.js';
import { principalOf, READERS } from '../../http/auth/access.js';
import { pageRead, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { alarmPayload } from '../alarm-schemas.js';
import type { ApiDeps } from '../deps.js';
import { completeFrom, seqOf } from './events.js';
import { alarmParams, eventList, seqCursor } from './schemas.js';
import { alarmMeant, namesFor } from './scope.js';

const eventsQuery = z.strictObject({ ...pagingQuery(), cursor: seqCursor });

/** `GET /alarms/{id}`, `GET /alarms/{id}/events`. */
export function oneAlarmRoutes({ alarms, registry, timeZone }: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone'>) {
  const time = timeWriter(timeZone);

  /** @throws ProblemError 404 when it never stood, is no longer kept or is outside the scope */
  const find = (request: FastifyRequest, id: string): Alarm => {
    const alarm = alarmMeant(principalOf(request), registry, alarms.get, id);
    if (!alarm) throw problem(404, 'unknown_alarm', `alarm ${id} never stood, or its events are no longer kept`);
    return alarm;
  };

  return routes((app) => {
    app.get(
      '/alarms/:id',
      route(READERS, 'alarms', 'One alarm', {
        description: 'While it stands or is suppressed; afterwards as its last event left it, as long as that is kept.',
        params: alarmParams,
        ...ok(alarmPayload, 'The alarm'),
      }),
      async (request) => alarmToWire(namesFor(request, registry)(find(request, request.params.id)), time),
    );
    app.get(
      '/alarms/:id/events',
      route(READERS, 'alarms', 'What happened to an alarm', {
        params: alarmParams,
        querystring: eventsQuery,
        ...ok(eventList, 'A page of events'),
      }),
      async (request) => {
        const alarm = find(request, request.params.id);
        const { limit, cursor } = request.query;
        const found = alarms.events({ alarm: alarm.id, afterSeq: cursor ?? 0, limit: limit + 1 });
        const { items, nextCursor } = pageRead(found, limit, seqOf);
        const named = namesFor(request, registry);
        return {
          completeFrom: maybe(time)(completeFrom(alarms)),
          // A gateway of this name may have been in another park before.
          items: items
            .filter((event) => event.alarm.park === alarm.park)
            .map((event) => eventToWire({ ...event, alarm: named(event.alarm) }, time)),
          nextCursor,
        };
      },
    );
  });
}
