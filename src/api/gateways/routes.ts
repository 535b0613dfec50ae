import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { parksAsked, requireVisible } from '../../http/auth/scope.js';
import { pageAfter } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { route } from '../../http/route.js';
import { formatInstant } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { Gateway } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';
import {
  gatewayAnswer,
  gatewayInput,
  gatewayList,
  gatewayMove,
  gatewayParams,
  gatewaySecretAnswer,
  gatewaysQuery,
} from './schemas.js';

/** `GET POST DELETE /gateways(/{id})`, `POST /gateways/{id}/secret`, `…/move`; administrators alone change them. */
export function gatewayRoutes({ registry, timeZone }: Pick<ApiDeps, 'registry' | 'timeZone'>): FastifyPluginAsync {
  const zone = new TimeZone(timeZone);
  const find = (request: FastifyRequest, id: string) => {
    const absent = () => problem(404, 'unknown_gateway', `there is no gateway ${id}`);
    return requireVisible(request, registry, registry.gateway(id), absent);
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/gateways',
      route(READERS, 'registry', 'The gateways in scope', {
        querystring: gatewaysQuery,
        response: { 200: gatewayList.describe('A page of gateways') },
      }),
      async (request) => {
        const { park, online, ...paging } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const gateways = registry
          .gateways()
          .filter((one) => parks.has(one.park) && (online === undefined || one.online === online));
        const page = pageAfter(gateways, (gateway) => gateway.id, paging);
        return { ...page, items: page.items.map((gateway) => toWire(gateway, zone)) };
      },
    );
    app.get(
      '/gateways/:id',
      route(READERS, 'registry', 'One gateway', {
        params: gatewayParams,
        response: { 200: gatewayAnswer.describe('The gateway') },
      }),
      async (request) => toWire(find(request, request.params.id), zone),
    );
    app.post(
      '/gateways',
      route(ADMINS, 'registry', 'Makes a gateway; its secret is shown in this answer alone', {
        body: gatewayInput,
        response: { 201: gatewaySecretAnswer.describe('The gateway and its secret') },
      }),
      async (request, reply) => {
        const { id, park, name = id } = request.body;
        const made = await registry.createGateway({ id, park, name }, principalOf(request).id);
        reply.code(201).headers({ location: `/api/v1/gateways/${id}`, 'cache-control': 'no-store' });
        return { ...toWire(made.gateway, zone), secret: made.secret };
      },
    );
    app.post(
      '/gateways/:id/secret',
      route(ADMINS, 'registry', 'Gives a gateway a new secret; the old one and its connections end at once', {
        params: gatewayParams,
        response: { 200: gatewaySecretAnswer.describe('The gateway and its new secret') },
      }),
      async (request, reply) => {
        const { id } = find(request, request.params.id);
        const made = await registry.rotateGatewaySecret(id, principalOf(request).id);
        reply.header('cache-control', 'no-store');
        return { ...toWire(made.gateway, zone), secret: made.secret };
      },
    );
    app.post(
      '/gateways/:id/move',
      route(ADMINS, 'registry', 'Moves a gateway to another park; its secret stays, its connections end at once', {
        description:
          'Its devices move along where asked for, as by `POST /devices/{device}/move`: all of them, or nothing moves.',
        params: gatewayParams,
        body: gatewayMove,
        response: { 200: gatewayAnswer.describe('The gateway as it is now') },
      }),
      async (request) => {
        const { id } = find(request, request.params.id);
        return toWire(registry.moveGateway(id, request.body, principalOf(request).id), zone);
      },
    );
    app.delete(
      '/gateways/:id',
      route(ADMINS, 'registry', 'Removes a gateway and ends its connections; its devices and their readings stay', {
        params: gatewayParams,
        response: { 204: z.undefined().describe('It is gone') },
      }),
      async (request, reply) => {
        const { id } = find(request, request.params.id);
        registry.removeGateway(id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  };
}

function toWire(gateway: Gateway, zone: TimeZone) {
  const time = (instant: number) => formatInstant(instant, zone);
  return {
    ...gateway,
    createdAt: time(gateway.createdAt),
    secretRotatedAt: time(gateway.secretRotatedAt),
    lastSeenAt: gateway.lastSeenAt === null ? null : time(gateway.lastSeenAt),
  };
}
