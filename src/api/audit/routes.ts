import { z } from 'zod';
import { ADMINS } from '../../http/auth/access.js';
import { given } from '../../http/given.js';
import { newestFirstQuery, pageRead } from '../../http/paging.js';
import { ok, route, routes } from '../../http/route.js';
import { instant, timeWriter, wireTime } from '../../http/times.js';
import type { AuditRow } from '../../registry/audit/port.js';
import type { ApiDeps } from '../deps.js';

const query = z.strictObject({
  who: z.string().max(128).optional().describe('token id, `gateway:{id}`, `address:{ip}` or `system`'),
  action: z.string().max(128).optional(),
  target: z.string().max(256).optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  from: instant.optional().describe('first time, inclusive'),
  to: instant.optional().describe('end, exclusive'),
  ...newestFirstQuery(),
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
export function auditRoutes({ audit, timeZone }: Pick<ApiDeps, 'audit' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/audit',
      route(ADMINS, 'audit', 'Changes and refusals', { querystring: query, ...ok(answer, 'A page of the audit') }),
      async (request) => {
        const { limit, cursor, ...filter } = request.query;
        const found = audit.list(given(filter), given({ limit: limit + 1, beforeId: cursor }));
        const page = pageRead(found, limit, ({ id }) => id);
        return { ...page, items: page.items.map((one) => toWire(one, time)) };
      },
    );
  });
}

function toWire(one: AuditRow, time: (instant: number) => string) {
  return { ...one, detail: one.detail && { ...one.detail }, ts: time(one.ts), lastTs: time(one.lastTs) };
}
