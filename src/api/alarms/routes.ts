import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { maySeeService } from '../../domain/access.js';
import type { AlarmFilter } from '../../domain/alarm/filter.js';
import { alarmToWire, eventToWire } from '../../domain/alarm/wire.js';
import { TimeZone } from '../../domain/time-zone.js';
import { instantFormatter } from '../../domain/time-zone-rfc3339.js';
import { principalOf, READERS } from '../auth/access.js';
import { outOfScope, parksAsked, requirePark } from '../auth/scope.js';
import type { ApiDeps } from '../deps.js';
import { problem } from '../problem.js';
import { alarmAnswer, alarmList, alarmParams, alarmsQuery, eventList, eventsQuery } from './schemas.js';

export type AlarmDeps = Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone'>;

/** `GET /alarms`, `/alarms/{id}`, `/alarms/{id}/events`. */
export function alarmRoutes({ alarms, registry, timeZone }: AlarmDeps): FastifyPluginAsync {
  const time = instantFormatter(new TimeZone(timeZone));

  /** @throws Problem 404 when it never stood or is no longer kept, 403 outside the scope */
  const find = (request: FastifyRequest, id: string) => {
    const alarm = alarms.get(id);
    if (!alarm) throw problem(404, 'unknown_alarm', `alarm ${id} never stood, or its events are no longer kept`);
    if (alarm.park === null) requireService(request);
    else requirePark(request, registry, alarm.park);
    return alarm;
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/alarms',
      {
        config: { access: READERS },
        schema: {
          tags: ['alarms'],
          summary: 'The alarms that stand',
          description:
            'Those of the service itself (domain `system`, park null) are for who is not limited to parks or districts; ' +
            'they are left out when `park` is given, or another domain.',
          querystring: alarmsQuery,
          response: { 200: alarmList.describe('A page of alarms') },
        },
      },
      async (request) => {
        const { park, domain, minPriority, device, limit, cursor } = request.query;
        const filter: AlarmFilter = {
          ...((park !== undefined || !maySeeService(principalOf(request))) && {
            parks: new Set(parksAsked(request, registry, park).map((one) => one.id)),
            system: false,
          }),
          ...(domain && { domains: new Set([domain]) }),
          ...(minPriority && { minPriority }),
          ...(device !== undefined && { device }),
        };
        if (domain === 'system') requireService(request);
        const beforeSeq = cursor ?? Number.POSITIVE_INFINITY;
        const found = alarms.standing({ ...filter, beforeSeq, limit: limit + 1 });
        const page = found.slice(0, limit);
        return {
          seq: alarms.headSeq(),
          items: page.map((alarm) => alarmToWire(alarm, time)),
          nextCursor: found.length > limit ? String(page.at(-1)?.seq) : null,
        };
      },
    );
    app.get(
      '/alarms/:id',
      {
        config: { access: READERS },
        schema: {
          tags: ['alarms'],
          summary: 'One alarm',
          description: 'While it stands; afterwards as its last event left it, as long as that is kept.',
          params: alarmParams,
          response: { 200: alarmAnswer.describe('The alarm') },
        },
      },
      async (request) => alarmToWire(find(request, request.params.id), time),
    );
    app.get(
      '/alarms/:id/events',
      {
        config: { access: READERS },
        schema: {
          tags: ['alarms'],
          summary: 'What happened to an alarm',
          params: alarmParams,
          querystring: eventsQuery,
          response: { 200: eventList.describe('A page of events') },
        },
      },
      async (request) => {
        const alarm = find(request, request.params.id);
        const { limit, cursor } = request.query;
        const found = alarms.events({ alarm: alarm.id, afterSeq: cursor ?? 0, limit: limit + 1 });
        const page = found.slice(0, limit);
        return {
          items: page.map((event) => eventToWire(event, time)),
          nextCursor: found.length > limit ? String(page.at(-1)?.seq) : null,
        };
      },
    );
  };
}

/** @throws Problem 403 when the scope of the token is limited to some parks */
function requireService(request: FastifyRequest): void {
  const who = principalOf(request);
  if (!maySeeService(who)) throw outOfScope(who, 'what concerns the service itself');
}
