import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ADMINS } from '../../http/auth/access.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { AuditFilter, AuditRow } from '../../registry/audit/port.js';
import type { ApiDeps } from '../deps.js';
import { instant } from '../readings/query.js';
import { wireTime } from '../readings/schemas.js';

export type AuditDeps = Pick<ApiDeps, 'audit' | 'timeZone'>;

const query = z.strictObject({
  who: z.string().max(128).optional().describe('token id, `gateway:{id}`, `address:{ip}` or `system`'),
  action: z.string().max(128).optional(),
  target: z.string().max(256).optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  from: instant.optional().describe('first time, inclusive'),
  to: instant.optional().describe('end, exclusive'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('items of one page'),
  cursor: z.coerce.number().int().min(1).optional().describe('`nextCursor` of the page before, with the same filters'),
});

const row = z.strictObject({
  id: z.number().int(),
  ts: wireTime,
  who: z.string(),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['done', 'refused']),
  detail: z.record(z.string(), z.unknown()).nullable(),
  count: z.number().int().describe('repeats of one refusal within a minute share a row'),
  lastTs: wireTime.describe('of the last repeat'),
});

const answer = z.strictObject({
  items: z.array(row).describe('newest first'),
  nextCursor: z.string().nullable(),
});

/** `GET /audit`: who did what, and who was refused; for administrators. */
export function auditRoutes({ audit, timeZone }: AuditDeps): FastifyPluginAsync {
  const zone = new TimeZone(timeZone);
  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/audit',
      {
        config: { access: ADMINS },
        schema: {
          tags: ['audit'],
          summary: 'Changes and refusals',
          querystring: query,
          response: { 200: answer.describe('A page of the audit') },
        },
      },
      async (request) => {
        const { limit, cursor, ...filter } = request.query;
        const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
        const paging = { limit: limit + 1, ...(cursor !== undefined && { beforeId: cursor }) };
        const found = audit.list(given as AuditFilter, paging);
        const items = found.slice(0, limit);
        const last = items.at(-1);
        return {
          items: items.map((one) => toWire(one, zone)),
          nextCursor: last && found.length > limit ? String(last.id) : null,
        };
      },
    );
  };
}

function toWire(one: AuditRow, zone: TimeZone) {
  const time = instantFormatter(zone);
  return { ...one, detail: one.detail && { ...one.detail }, ts: time(one.ts), lastTs: time(one.lastTs) };
}
