import { maybe } from '../../alarms/model/wire.js';
import type { ChannelInput, ChannelView, Delivery } from '../../alarms/notify/port.js';
import { ADMINS, principalOf } from '../../http/auth/access.js';
import { given } from '../../http/given.js';
import { pageAfter, pageRead } from '../../http/paging.js';
import { invalidFields, problem } from '../../http/problem.js';
import { gone, ok, okOrMade, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { ApiDeps } from '../deps.js';
import {
  type ChannelBody,
  channelAnswer,
  channelInput,
  channelList,
  channelParams,
  channelsQuery,
  deliveriesQuery,
  deliveryAnswer,
  deliveryList,
  deliveryParams,
  newChannelId,
  testAnswer,
} from './schemas.js';

/** `GET PUT DELETE /alarm-channels(/{id})`, `POST /alarm-channels/{id}/test`; only for administrators. */
export function alarmChannelRoutes(deps: Pick<ApiDeps, 'notifications' | 'registry' | 'timeZone'>) {
  const { notifications, registry, timeZone } = deps;
  const time = timeWriter(timeZone);
  const toWire = (channel: ChannelView) => ({
    ...channel,
    filter: { ...channel.filter, parks: [...channel.filter.parks], domains: [...channel.filter.domains] },
    email: channel.email && { ...channel.email, to: [...channel.email.to] },
    updatedAt: time(channel.updatedAt),
    failingSince: maybe(time)(channel.failingSince),
  });
  const find = (id: string) => {
    const channel = notifications.channel(id);
    if (!channel) throw problem(404, 'unknown_channel', `there is no channel ${id}`);
    return channel;
  };
  const requireParks = (parks: readonly string[]) => {
    const errors = parks.flatMap((id, index) =>
      registry.park(id) ? [] : [{ field: `body.filter.parks.${index}`, expected: `a park; there is no ${id}` }],
    );
    if (errors.length > 0) throw invalidFields(errors);
  };

  return routes((app) => {
    app.get(
      '/alarm-channels',
      route(ADMINS, 'notification', 'The channels that alarms are told through', {
        querystring: channelsQuery,
        ...ok(channelList, 'A page of channels'),
      }),
      async (request) => {
        const page = pageAfter(notifications.channels(), (channel) => channel.id, request.query);
        return { ...page, items: page.items.map(toWire) };
      },
    );
    app.get(
      '/alarm-channels/:id',
      route(ADMINS, 'notification', 'One channel, without what is secret about it', {
        params: channelParams,
        ...ok(channelAnswer, 'The channel'),
      }),
      async (request) => toWire(find(request.params.id)),
    );
    app.put(
      '/alarm-channels/:id',
      route(ADMINS, 'notification', 'Makes a channel, or changes it', {
        description: 'URL and secret are written only: they are never in an answer, and stay when left out.',
        params: newChannelId,
        body: channelInput,
        ...okOrMade(channelAnswer, 'The channel as it is now', 'The channel that was made'),
      }),
      async (request, reply) => {
        const { id } = request.params;
        requireParks(request.body.filter.parks);
        const who = principalOf(request).id;
        const put = notifications.putChannel(id, toInput(request.body), who);
        if (put.created) reply.code(201).header('location', `/api/v1/alarm-channels/${id}`);
        return toWire(put.channel);
      },
    );
    app.delete(
      '/alarm-channels/:id',
      route(
        ADMINS,
        'notification',
        'Removes a channel that the escalation does not name; what waits for it is given up',
        {
          params: channelParams,
          ...gone(),
        },
      ),
      async (request, reply) => {
        notifications.removeChannel(request.params.id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
    app.post(
      '/alarm-channels/:id/test',
      route(ADMINS, 'notification', 'Sends a test message through a channel and tells what came of it', {
        params: channelParams,
        ...ok(testAnswer, 'Whether the receiver took it'),
      }),
      async (request) => {
        const { id } = find(request.params.id);
        return notifications.testChannel(id, principalOf(request).id);
      },
    );
  });
}

function toInput(body: ChannelBody): ChannelInput {
  const { enabled, language, filter, perMinute } = body;
  const settings = { enabled, language, filter, perMinute };
  if (body.kind === 'wecom') return { ...settings, target: { kind: body.kind, url: body.url } };
  if (body.kind !== 'email') {
    return { ...settings, target: { kind: body.kind, url: body.url }, secret: body.secret };
  }
  const { kind, host, port, secure, user, from, to, secret } = body;
  return { ...settings, target: { kind, host, port, secure, user, from, to }, secret };
}

/** `GET /alarm-deliveries`, `POST /alarm-deliveries/{id}/retry`: sent, waiting and dead deliveries. */
export function alarmDeliveryRoutes({ notifications, timeZone }: Pick<ApiDeps, 'notifications' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  const toWire = ({ id, channel, notice, state, attempts, createdAt, nextAt, finishedAt, error }: Delivery) => ({
    ...{ id, key: notice.id, channel, alarm: notice.alarm.id, event: notice.event, level: notice.level },
    ...{ priority: notice.alarm.priority, park: notice.alarm.park, state, attempts, error },
    createdAt: time(createdAt),
    nextAt: maybe(time)(nextAt),
    finishedAt: maybe(time)(finishedAt),
  });

  return routes((app) => {
    app.get(
      '/alarm-deliveries',
      route(ADMINS, 'notification', 'Messages about alarms: those that wait, were sent, or were given up', {
        querystring: deliveriesQuery,
        ...ok(deliveryList, 'A page of messages'),
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
  });
}
