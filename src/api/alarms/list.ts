import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { PRIORITIES } from '../../alarms/model/class.js';
import { ALARM_STATES, SUPPRESSIONS } from '../../alarms/model/state.js';
import { alarmToWire } from '../../alarms/model/wire.js';
import { READERS } from '../../http/auth/access.js';
import { inChunks, listAnswers } from '../../http/csv.js';
import { jsonOrCsv } from '../../http/negotiate.js';
import { cursors, linkNext } from '../../http/paging.js';
import { route, routes } from '../../http/route.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';
import type { ApiDeps } from '../deps.js';
import { alarmTable } from './csv.js';
import { alarmCsv, alarmList, filterShape, MAX_ALARM_ID, pageLimit, withBom } from './schemas.js';
import { filterOf, namesFor } from './scope.js';

const PAGE = 100;

const alarmsQuery = z.strictObject({
  ...filterShape,
  limit: pageLimit.describe(`alarms of one page; ${PAGE} when left out, in CSV all`),
  cursor: z.string().max(300).optional().describe('`nextCursor` of the page before, with the same filters'),
  bom: withBom,
});

/** `GET /alarms`: what asks for attention, or what is kept from it. */
export function alarmListRoutes(deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>) {
  const { alarms, registry } = deps;
  const { time, wantsCsv, sendCsv } = listAnswers(deps);
  return routes((app) =>
    app.get(
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
        response: jsonOrCsv('A page of alarms', alarmList, alarmCsv),
      }),
      async (request, reply) => {
        const { limit, cursor, bom, ...asked } = request.query;
        const csv = wantsCsv(request);
        const { suppressions, ...filter } = filterOf(request, registry, asked, 'query');
        const after = cursor === undefined ? null : readListCursor(cursor);
        const seq = alarms.headSeq();
        const all = alarms.standing(filter);
        const shown = all.filter((alarm) => suppressions?.has(alarm.suppression ?? 'none'));
        // Cursors hold ids too.
        const named = shown.map(namesFor(request, registry));
        const rest = named.filter((alarm) => after === null || isBehind(alarm, after)).sort(inOrder);
        const size = limit ?? (csv ? rest.length : PAGE);
        const page = rest.slice(0, size);
        const nextCursor = nextOf(page, rest.length);
        reply.header('vary', 'accept');
        if (csv) {
          linkNext(reply, nextCursor);
          return sendCsv(reply, 'alarms', alarmTable(time), inChunks(page), bom);
        }
        const items = page.map((alarm) => alarmToWire(alarm, time));
        return { seq, summary: summarize(all, shown), items, nextCursor };
      },
    ),
  );
}

function nextOf(page: readonly Alarm[], of: number): string | null {
  const last = page.at(-1);
  return last && of > page.length ? writeListCursor(last) : null;
}

/**
 * Where an alarm is in the list: the one raised last first. It stays there while it is acknowledged, shelved, or
 * escalates, so that no page repeats or skips it; only a new occurrence moves it.
 */
type ListCursor = Pick<Alarm, 'raisedAt' | 'id'>;

const cursor = cursors(
  z.tuple([z.number().min(MIN_INSTANT).max(MAX_INSTANT).nullable(), z.string().max(MAX_ALARM_ID)]),
);

/** For sorting. What never stood is behind everything that did. */
function inOrder(a: ListCursor, b: ListCursor): number {
  if (a.raisedAt !== b.raisedAt) {
    return (b.raisedAt ?? Number.NEGATIVE_INFINITY) - (a.raisedAt ?? Number.NEGATIVE_INFINITY);
  }
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function isBehind(alarm: ListCursor, cursor: ListCursor): boolean {
  return inOrder(alarm, cursor) > 0;
}

function writeListCursor({ raisedAt, id }: ListCursor): string {
  return cursor.write([raisedAt, id]);
}

/** @throws ProblemError 422 when the text is no cursor of these pages */
function readListCursor(text: string): ListCursor {
  const [raisedAt, id] = cursor.read(text);
  return { raisedAt, id };
}

/** Counts of the alarms that are shown, and of those among `all` that are suppressed. */
function summarize(all: readonly Alarm[], shown: readonly Alarm[]) {
  return {
    total: shown.length,
    unacknowledged: shown.filter((alarm) => alarm.unacknowledged).length,
    byState: countBy(ALARM_STATES, shown, (alarm) => alarm.state),
    byPriority: countBy(PRIORITIES, shown, (alarm) => alarm.priority),
    suppressed: countBy(SUPPRESSIONS, all, (alarm) => alarm.suppression),
  };
}

function countBy<T extends string>(names: readonly T[], alarms: readonly Alarm[], nameOf: (alarm: Alarm) => T | null) {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
  for (const alarm of alarms) {
    const name = nameOf(alarm);
    if (name !== null) counts[name] += 1;
  }
  return counts;
}
