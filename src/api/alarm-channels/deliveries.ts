import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Delivery } from '../../alarms/notify/port.js';
import { ADMINS, principalOf } from '../../http/auth/access.js';
import { given } from '../../http/given.js';
import { pageRead } from '../../http/paging.js';
import { route } from '../../http/route.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { deliveriesQuery, deliveryAnswer, deliveryList, deliveryParams } from './schemas.js';

/** `GET /alarm-deliveries`, `POST /alarm-deliveries/{id}/retry`: what was sent, waits or was given up. */
export function alarmDeliveryRoutes({
  notifications,
  timeZone,
}: Pick<ApiDeps, 'notifications' | 'timeZone'>): FastifyPluginAsync {
  const time = instantFormatter(new TimeZone(timeZone));
  const maybe = (instant: number | null) => (instant === null ? null : time(instant));
  const toWire = ({ id, channel, notice, state, attempts, createdAt, nextAt, finishedAt, error }: Delivery) => ({
    ...{ id, key: notice.id, channel, alarm: notice.alarm.id, event: notice.event, level: notice.level },
    ...{ priority: notice.alarm.priority, park: notice.alarm.park, state, attempts, error },
    createdAt: time(createdAt),
    nextAt: maybe(nextAt),
    finishedAt: maybe(finishedAt),
  });

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/alarm-deliveries',
      route(ADMINS, 'notification', 'Messages about alarms: those that wait, were sent, or were given up', {
        querystring: deliveriesQuery,
        response: { 200: deliveryList.describe('A page of messages') },
      }),
      async (request) => {
        const { state, channel, limit, cursor } = request.query;
        const found = notifications.deliveries(given({ state, channel, beforeId: cursor, limit: limit + 1 }));
        const page = pageRead(found, limit, ({ id }) => id);
        return { ...page, items: page.items.map(toWire) };
      },
    );
    app.post(
      '/alarm-deliveries/:id/retry',
      route(ADMINS, 'notification', 'Has a message that was given up sent again, under its first key', {
        params: deliveryParams,
        response: { 202: deliveryAnswer.describe('The message as it waits') },
      }),
      async (request, reply) => {
        const who = principalOf(request).id;
        reply.code(202);
        return toWire(notifications.retryDelivery(request.params.id, who));
      },
    );
  };
}
