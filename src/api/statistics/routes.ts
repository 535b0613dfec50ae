import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { foreign, parkScope } from '../../http/auth/scope.js';
import { inChunks, listAnswers } from '../../http/csv.js';
import { jsonOrTables, XLSX_TYPE } from '../../http/negotiate.js';
import { pageAfter } from '../../http/paging.js';
import { invalidField, problem } from '../../http/problem.js';
import { ok, route, routes, tableRoute } from '../../http/route.js';
import { entryKey, MEASURES, type StatEntry } from '../../intensity/model/statistics/entry.js';
import { PERIOD_FORMS, parsePeriod } from '../../intensity/model/statistics/period.js';
import { parseSubject } from '../../intensity/model/statistics/subject.js';
import type { Told } from '../../intensity/statistics/port.js';
import type { ApiDeps } from '../deps.js';
import { exportAnswers, languageOf } from '../exports.js';
import { requireAsOf, requireScope, requireSubject, sourceAndReason } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { NOTHING_TOLD, toldBy, verdictEffectsOf } from './effects.js';
import { mapInTurns } from './in-turns.js';
import {
  changesAnswer,
  historyAnswer,
  historyQuery,
  listAnswer,
  listCsv,
  listQuery,
  MOST_ENTRIES,
  putBody,
  putQuery,
  withdrawn,
  withdrawQuery,
} from './schemas.js';
import { statisticsTables } from './tables.js';
import { entryTable, entryToWire, figureToWire, sendChanges } from './wire.js';

type Deps = Pick<
  ApiDeps,
  'statistics' | 'statisticsFiles' | 'registry' | 'timeZone' | 'clock' | 'queries' | 'assessments'
>;

/** `GET PUT DELETE /statistics`, `GET /statistics/history`. */
export function statisticsRoutes(deps: Deps): FastifyPluginAsync {
  const { statistics, registry, clock } = deps;
  const { time, sendCsv } = listAnswers(deps);
  const { typeOf, send } = exportAnswers(deps);

  return routes((app) => {
    app.get(
      '/statistics',
      route(
        READERS,
        'statistics',
        'Added value, output, tax and land as they were published, in their newest or an older version',
        {
          description: 'JSON in pages, or all of it as CSV with `Accept: text/csv` or as a workbook.',
          querystring: listQuery,
          response: jsonOrTables('A page of entries', listAnswer, listCsv),
        },
      ),
      async (request, reply) => {
        const { scope, year, asOf, bom, lang, ...paging } = request.query;
        const type = typeOf(request);
        const sees = inScope(request, registry, scope);
        const newest = statistics.entries().version;
        const { version, items } = statistics.list(requireAsOf(asOf, newest, clock()));
        const wanted = items.filter(
          ({ value }) => sees(value.subject) && (year === undefined || value.period.startsWith(`${year}`)),
        );
        reply.header('vary', 'accept');
        if (type === XLSX_TYPE) {
          const about = { scope: scope ?? '', year: year ?? '', version };
          return send(
            request,
            reply,
            type,
            languageOf(request, lang),
            statisticsTables(entryTable(time), wanted, about),
          );
        }
        if (type === 'text/csv') {
          return sendCsv(reply, 'statistics', entryTable(time), inChunks(wanted), bom === 'true');
        }
        const page = pageAfter(wanted, ({ key }) => key, paging);
        return { version, ...page, items: page.items.map((one) => entryToWire(one, time)) };
      },
    );
    app.get(
      '/statistics/history',
      route(READERS, 'statistics', 'All that was ever believed of one subject and period, withdrawals included', {
        querystring: historyQuery,
        ...ok(historyAnswer, 'Its versions'),
      }),
      async (request) => {
        const { subject, period } = request.query;
        requirePeriodText(period);
        requireSubject(request, registry, statistics, subject);
        const items = statistics.history(subject, period).map(({ kind, value, ...one }) => ({
          ...{ subject, period, kind },
          figure: value && figureToWire(value.figure),
          status: value?.status ?? null,
          ...recordedToWire(one, time),
        }));
        return { items };
      },
    );
    app.put(
      '/statistics',
      tableRoute(
        WRITERS,
        'statistics',
        'Records added value, output, tax, land and counted enterprises, all of it or nothing',
        {
          description:
            `At most ${MOST_ENTRIES} entries at once. What was believed before stays known. An operator writes of the parks ` +
            'in scope; the counted enterprises of districts and the city are for administrators.',
          querystring: putQuery,
          body: putBody,
          ...ok(changesAnswer, 'What changed, or would change'),
        },
      ),
      async (request, reply) => {
        const { entries, sets, ...told } = request.body;
        const upload = { entries: await mapInTurns(entries, entryOf), sets };
        if (upload.entries.length + sets.length === 0) {
          throw invalidField('body.entries', 'at least one entry or set');
        }
        const who = principalOf(request);
        if (request.query.dryRun) {
          const changes = await statistics.preview(upload, who);
          const wrong = await statistics.check(upload, who);
          const effects = await verdictEffectsOf(deps, wrong.length > 0 ? NOTHING_TOLD : toldBy(changes), who);
          return sendChanges(reply, changes, { time, dryRun: true, effects }, wrong);
        }
        return sendChanges(reply, await statistics.put(upload, who, toldOf(told)), { time, dryRun: false });
      },
    );
    app.delete(
      '/statistics',
      route(WRITERS, 'statistics', 'Withdraws one figure, with the reason', {
        description: 'A new version without it; what was believed before stays known, and may be recorded again.',
        querystring: withdrawQuery,
        ...ok(withdrawn, 'What was believed until now'),
      }),
      async (request) => {
        const { subject, period, kind, basedOn, source, reason } = request.query;
        requirePeriodText(period);
        const park = parseSubject(subject)?.park ?? '';
        if (registry.park(park) && !parkScope(principalOf(request), registry)(park)) {
          const key = entryKey(subject, period, kind);
          throw foreign(problem(404, 'unknown_entry', `nothing is recorded of ${key}`));
        }
        const told = { source, reason, ...(basedOn !== undefined && { basedOn: { statistics: basedOn } }) };
        const before = await statistics.withdraw({ subject, period, kind }, principalOf(request), told);
        return { version: statistics.entries().version, withdrawn: entryToWire(before, time) };
      },
    );
  });
}

/** The entry without the unit that the answer beside it names. */
function entryOf(
  { subject, period, figure, status }: z.output<typeof putBody>['entries'][number],
  at: number,
): StatEntry {
  if (figure.kind === 'growth') return { subject, period, status, figure: { kind: 'growth', rate: figure.rate } };
  if (figure.kind !== 'level') {
    const { kind, amount, unit = MEASURES[kind] } = figure;
    if (unit === MEASURES[kind]) return { subject, period, status, figure: { kind, amount } };
    throw invalidField(`body.entries.${at}.figure.unit`, `${MEASURES[kind]} of ${kind}`);
  }
  const { price, baseYear, amount } = figure;
  const level = { kind: 'level', price, amount, ...(baseYear !== undefined && { baseYear }) } as const;
  return { subject, period, status, figure: level };
}

/** What a body says of where it comes from, without what it leaves out. */
export function toldOf(told: Pick<z.output<typeof putBody>, 'source' | 'reason' | 'basedOn'>): Told {
  const { statistics, countedSets } = told.basedOn ?? {};
  return {
    ...sourceAndReason(told),
    basedOn: { ...(statistics !== undefined && { statistics }), ...(countedSets !== undefined && { countedSets }) },
  };
}

/** Whether a subject belongs to the scope asked for, or else to what the principal sees. */
function inScope(request: FastifyRequest, registry: Deps['registry'], scope: string | undefined) {
  const parks = scope === undefined ? null : new Set(requireScope(request, registry, scope).map(({ id }) => id));
  const sees = parks === null ? parkScope(principalOf(request), registry) : (park: string) => parks.has(park);
  const known = new Map<string, boolean>();
  return (subject: string) => {
    const found = known.get(subject) ?? sees(parseSubject(subject)?.park ?? '');
    known.set(subject, found);
    return found;
  };
}

/** @throws ProblemError 422 */
function requirePeriodText(text: string): void {
  if (parsePeriod(text) === null) throw invalidField('query.period', PERIOD_FORMS);
}
