import { z } from 'zod';
import { ADMINS, principalOf } from '../../http/auth/access.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId, line } from '../../http/request-texts.js';
import { gone, ok, route, routes } from '../../http/route.js';
import { instant, timeWriter, wireTime } from '../../http/times.js';
import { ROLES } from '../../model/access.js';
import type { Token } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';

const query = z.strictObject(pagingQuery());
const params = z.strictObject({ id: anyId });

const input = z.strictObject({
  name: line(100).describe('who or what holds it'),
  role: z.enum(ROLES),
  parks: z.array(anyId).max(100).default([]).describe('limits it to these parks; empty: no limit'),
  districts: z.array(anyId).max(100).default([]).describe('limits it to the parks of these districts; empty: no limit'),
  expiresAt: instant.nullable().default(null).describe('RFC 3339 or epoch ms; null: never'),
});

const answer = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  parks: z.array(z.string()),
  districts: z.array(z.string()),
  createdAt: wireTime,
  expiresAt: wireTime.nullable(),
  origin: z
    .enum(['api', 'environment', 'first_start'])
    .describe('made through the API, given as PARK_ADMIN_TOKEN, or made at the first start'),
});

const withSecret = z.strictObject({
  ...answer.shape,
  token: z.string().describe('what its holder sends as `Authorization: Bearer …`; shown this once'),
});

const list = pageOf(answer, 'by id; revoked ones are left out');

/** `GET POST DELETE /tokens(/{id})`, for administrators. */
export function tokenRoutes({ registry, timeZone }: Pick<ApiDeps, 'registry' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  const find = (id: string) => {
    const token = registry.token(id);
    if (!token) throw problem(404, 'unknown_token', `there is no token ${id}, or it was revoked`);
    return token;
  };

  return routes((app) => {
    app.get(
      '/tokens',
      route(ADMINS, 'tokens', 'The tokens that stand, without their secrets', {
        querystring: query,
        ...ok(list, 'A page of tokens'),
      }),
      async (request) => {
        const page = pageAfter(registry.tokens(), (token) => token.id, request.query);
        return { ...page, items: page.items.map((token) => toWire(token, time)) };
      },
    );
    app.get(
      '/tokens/:id',
      route(ADMINS, 'tokens', 'One token, without its secret', { params, ...ok(answer, 'The token') }),
      async (request) => toWire(find(request.params.id), time),
    );
    app.post(
      '/tokens',
      route(ADMINS, 'tokens', 'Makes a token; its secret is shown in this answer alone', {
        body: input,
        response: { 201: withSecret.describe('The token with its secret') },
      }),
      async (request, reply) => {
        const made = registry.createToken(request.body, principalOf(request).id);
        reply.code(201).headers({ location: `/api/v1/tokens/${made.token.id}`, 'cache-control': 'no-store' });
        return { ...toWire(made.token, time), token: made.secret };
      },
    );
    app.delete(
      '/tokens/:id',
      route(ADMINS, 'tokens', 'Revokes a token; the last admin token that does not expire stays', {
        params,
        ...gone('It is revoked'),
      }),
      async (request, reply) => {
        registry.revokeToken(find(request.params.id).id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  });
}

function toWire(token: Token, time: (instant: number) => string) {
  return {
    ...token,
    parks: [...token.parks],
    districts: [...token.districts],
    createdAt: time(token.createdAt),
    expiresAt: token.expiresAt === null ? null : time(token.expiresAt),
  };
}
