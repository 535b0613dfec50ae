import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { parksAsked, requireInScope } from '../../http/auth/scope.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId, line, newId, truth } from '../../http/request-texts.js';
import { gone, ok, route, routes } from '../../http/route.js';
import { timeWriter, wireTime } from '../../http/times.js';
import type { Gateway } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';

const query = z.strictObject({
  park: anyId.optional().describe('only gateways of this park'),
  online: truth.optional().describe('only those that are signed in now, or are not'),
  ...pagingQuery(),
});

const params = z.strictObject({ id: anyId });

const input = z.strictObject({
  id: newId.describe('also its MQTT user name'),
  park: anyId.describe('the one park whose topics it may use'),
  name: line(100).optional().describe('its id when left out'),
});

const move = z.strictObject({
  park: anyId.describe('the one park whose topics it may use from now on'),
  devices: z
    .boolean()
    .default(false)
    .describe('whether its devices in use move along; else they stay in their park and belong to no gateway'),
});

const answer = z.strictObject({
  id: z.string(),
  park: z.string(),
  name: z.string(),
  createdAt: wireTime,
  secretRotatedAt: wireTime,
  online: z.boolean(),
  lastSeenAt: wireTime
    .nullable()
    .describe('last sign-in, status or message; null when not seen since the service started'),
});

const withSecret = z.strictObject({
  ...answer.shape,
  secret: z.string().describe('its MQTT password; shown this once'),
});

const list = pageOf(answer, 'by id');

/** `GET POST DELETE /gateways(/{id})`, `POST /gateways/{id}/secret`, `…/move`; only administrators change them. */
export function gatewayRoutes({ registry, timeZone }: Pick<ApiDeps, 'registry' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  const find = (request: FastifyRequest, id: string) => {
    const absent = () => problem(404, 'unknown_gateway', `there is no gateway ${id}`);
    return requireInScope(request, registry, registry.gateway(id), absent);
  };

  return routes((app) => {
    app.get(
      '/gateways',
      route(READERS, 'registry', 'The gateways in scope', { querystring: query, ...ok(list, 'A page of gateways') }),
      async (request) => {
        const { park, online, ...paging } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const gateways = registry
          .gateways()
          .filter((one) => parks.has(one.park) && (online === undefined || one.online === online));
        const page = pageAfter(gateways, (gateway) => gateway.id, paging);
        return { ...page, items: page.items.map((gateway) => toWire(gateway, time)) };
      },
    );
    app.get(
      '/gateways/:id',
      route(READERS, 'registry', 'One gateway', { params, ...ok(answer, 'The gateway') }),
      async (request) => toWire(find(request, request.params.id), time),
    );
    app.post(
      '/gateways',
      route(ADMINS, 'registry', 'Makes a gateway; its secret is shown in this answer alone', {
        body: input,
        response: { 201: withSecret.describe('The gateway and its secret') },
      }),
      async (request, reply) => {
        const { id, park, name = id } = request.body;
        const made = await registry.createGateway({ id, park, name }, principalOf(request).id);
        reply.code(201).headers({ location: `/api/v1/gateways/${id}`, 'cache-control': 'no-store' });
        return { ...toWire(made.gateway, time), secret: made.secret };
      },
    );
    app.post(
      '/gateways/:id/secret',
      route(ADMINS, 'registry', 'Gives a gateway a new secret; the old one and its connections end at once', {
        params,
        ...ok(withSecret, 'The gateway and its new secret'),
      }),
      async (request, reply) => {
        const { id } = find(request, request.params.id);
        const made = await registry.rotateGatewaySecret(id, principalOf(request).id);
        reply.header('cache-control', 'no-store');
        return { ...toWire(made.gateway, time), secret: made.secret };
      },
    );
    app.post(
      '/gateways/:id/move',
      route(ADMINS, 'registry', 'Moves a gateway to another park; its secret stays, its connections end at once', {
        description:
          'Its devices move along where asked for, as by `POST /devices/{device}/move`: all of them, or nothing moves.',
        params,
        body: move,
        ...ok(answer, 'The gateway as it is now'),
      }),
      async (request) => {
        const { id } = find(request, request.params.id);
        return toWire(registry.moveGateway(id, request.body, principalOf(request).id), time);
      },
    );
    app.delete(
      '/gateways/:id',
      route(ADMINS, 'registry', 'Removes a gateway and ends its connections; its devices and their readings stay', {
        params,
        ...gone(),
      }),
      async (request, reply) => {
        const { id } = find(request, request.params.id);
        registry.removeGateway(id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  });
}

function toWire(gateway: Gateway, time: (instant: number) => string) {
  return {
    ...gateway,
    createdAt: time(gateway.createdAt),
    secretRotatedAt: time(gateway.secretRotatedAt),
    lastSeenAt: gateway.lastSeenAt === null ? null : time(gateway.lastSeenAt),
  };
}
