import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ADMINS, principalOf } from '../../http/auth/access.js';
import { pageAfter } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { route } from '../../http/route.js';
import { formatInstant } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { Token } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';
import { tokenAnswer, tokenInput, tokenList, tokenParams, tokenSecretAnswer, tokensQuery } from './schemas.js';

/** `GET POST DELETE /tokens(/{id})`, for administrators. */
export function tokenRoutes({ registry, timeZone }: Pick<ApiDeps, 'registry' | 'timeZone'>): FastifyPluginAsync {
  const zone = new TimeZone(timeZone);
  const find = (id: string) => {
    const token = registry.token(id);
    if (!token) throw problem(404, 'unknown_token', `there is no token ${id}, or it was revoked`);
    return token;
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/tokens',
      route(ADMINS, 'tokens', 'The tokens that stand, without their secrets', {
        querystring: tokensQuery,
        response: { 200: tokenList.describe('A page of tokens') },
      }),
      async (request) => {
        const page = pageAfter(registry.tokens(), (token) => token.id, request.query);
        return { ...page, items: page.items.map((token) => toWire(token, zone)) };
      },
    );
    app.get(
      '/tokens/:id',
      route(ADMINS, 'tokens', 'One token, without its secret', {
        params: tokenParams,
        response: { 200: tokenAnswer.describe('The token') },
      }),
      async (request) => toWire(find(request.params.id), zone),
    );
    app.post(
      '/tokens',
      route(ADMINS, 'tokens', 'Makes a token; its secret is shown in this answer alone', {
        body: tokenInput,
        response: { 201: tokenSecretAnswer.describe('The token with its secret') },
      }),
      async (request, reply) => {
        const made = registry.createToken(request.body, principalOf(request).id);
        reply.code(201).headers({ location: `/api/v1/tokens/${made.token.id}`, 'cache-control': 'no-store' });
        return { ...toWire(made.token, zone), token: made.secret };
      },
    );
    app.delete(
      '/tokens/:id',
      route(ADMINS, 'tokens', 'Revokes a token; the last admin token that does not expire stays', {
        params: tokenParams,
        response: { 204: z.undefined().describe('It is revoked') },
      }),
      async (request, reply) => {
        registry.revokeToken(find(request.params.id).id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  };
}

function toWire(token: Token, zone: TimeZone) {
  return {
    ...token,
    parks: [...token.parks],
    districts: [...token.districts],
    createdAt: formatInstant(token.createdAt, zone),
    expiresAt: token.expiresAt === null ? null : formatInstant(token.expiresAt, zone),
  };
}
