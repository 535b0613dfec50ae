import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { alarmToWire } from '../../alarms/model/wire.js';
import { READERS } from '../../http/auth/access.js';
import { negotiate } from '../../http/negotiate.js';
import { OpenQueries } from '../../http/open-queries.js';
import { linkNext } from '../../http/paging.js';
import { route } from '../../http/route.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { alarmTable } from './csv/csv.js';
import { datedName, inChunks, MEDIA_TYPES, sendCsv } from './csv/send.js';
import { inOrder, isBehind, readListCursor, writeListCursor } from './list-cursor.js';
import { filterShape, pageLimit, withBom } from './query-schemas.js';
import { alarmCsv, alarmList } from './schemas.js';
import { filterOf, namesFor } from './scope.js';
import { summarize } from './summary.js';

const PAGE = 100;

const alarmsQuery = z.strictObject({
  ...filterShape,
  limit: pageLimit.describe(`alarms of one page; ${PAGE} when left out, in CSV all`),
  cursor: z.string().max(300).optional().describe('`nextCursor` of the page before, with the same filters'),
  bom: withBom,
});

/** `GET /alarms`: what asks for attention, or what is kept from it. */
export function alarmListRoutes(
  deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>,
): FastifyPluginAsync {
  const { alarms, registry, clock } = deps;
  const queries = deps.queries ?? new OpenQueries();
  const zone = new TimeZone(deps.timeZone);
  const time = instantFormatter(zone);
  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/alarms',
      route(READERS, 'alarms', 'The alarms that stand', {
        description:
          'What asks for attention; `suppression` shows what is shelved, suppressed by design or out of service, and ' +
          '`summary.suppressed` counts that in any case. Paging keeps its place while alarms change: one that is raised ' +
          'anew meanwhile is before the first page, and comes by a subscription with `since` the `seq` of the first ' +
          'page. JSON, or CSV with `Accept: text/csv`. ' +
          'Alarms of the service itself (domain `system`, park null) are for who is not limited to parks or districts; ' +
          'they are left out when `park` or `district` is given, or another domain.',
        querystring: alarmsQuery,
        response: {
          200: {
            description: 'A page of alarms',
            content: { 'application/json': { schema: alarmList }, 'text/csv': { schema: alarmCsv } },
          },
        },
      }),
      async (request, reply) => {
        const { limit, cursor, bom, ...asked } = request.query;
        const type = negotiate(request.headers.accept, MEDIA_TYPES);
        const { suppressions, ...filter } = filterOf(request, registry, asked, 'query');
        const position = cursor === undefined ? null : readListCursor(cursor);
        const seq = alarms.headSeq();
        const all = alarms.standing(filter);
        const shown = all.filter((alarm) => suppressions?.has(alarm.suppression ?? 'none'));
        // Cursors hold ids too.
        const named = shown.map(namesFor(request, registry));
        const rest = named.filter((alarm) => position === null || isBehind(alarm, position)).sort(inOrder);
        const size = limit ?? (type === 'text/csv' ? rest.length : PAGE);
        const page = rest.slice(0, size);
        const nextCursor = nextOf(page, rest.length);
        reply.header('vary', 'accept');
        if (type === 'text/csv') {
          linkNext(reply, nextCursor);
          const name = datedName('alarms', zone, clock());
          return sendCsv(reply, queries, { table: alarmTable(time), chunks: inChunks(page), bom, name });
        }
        const items = page.map((alarm) => alarmToWire(alarm, time));
        return { seq, summary: summarize(all, shown), items, nextCursor };
      },
    );
  };
}

function nextOf(page: readonly Alarm[], of: number): string | null {
  const last = page.at(-1);
  return last && of > page.length ? writeListCursor(last) : null;
}
