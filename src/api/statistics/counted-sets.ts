import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { pageAfter } from '../../http/paging.js';
import { ProblemError } from '../../http/problem.js';
import { ok, route, routes, tableRoute } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { ApiDeps } from '../deps.js';
import { requireAsOf, requireScope } from '../intensity-query.js';
import { NOTHING_TOLD, toldBy, verdictEffectsOf } from './effects.js';
import { toldOf } from './routes.js';
import {
  changesAnswer,
  putQuery,
  putSetsBody,
  setsAnswer,
  setsQuery,
  withdrawnSet,
  withdrawSetQuery,
} from './schemas.js';
import { sendChanges, setToWire } from './wire.js';

/** `GET PUT DELETE /statistics/counted-sets`: the enterprises above designated size (规上) of each scope and year. */
export function countedSetRoutes(
  deps: Pick<ApiDeps, 'statistics' | 'registry' | 'timeZone' | 'clock' | 'assessments'>,
): FastifyPluginAsync {
  const { statistics, registry, timeZone, clock } = deps;
  const time = timeWriter(timeZone);

  return routes((app) => {
    app.get(
      '/statistics/counted-sets',
      route(READERS, 'statistics', 'The enterprises that count in each scope and year (规上)', {
        description: 'Of the scope that is named, else of all scopes whose parks are all in the scope of the token.',
        querystring: setsQuery,
        ...ok(setsAnswer, 'A page of sets'),
      }),
      async (request) => {
        const { scope, year, asOf, ...paging } = request.query;
        if (scope !== undefined) requireScope(request, registry, scope);
        const { version, at } = statistics.sets(requireAsOf(asOf, statistics.sets().version, clock()));
        const wanted = [...at.values()].filter(
          ({ value }) =>
            (scope === undefined ? isInScope(request, registry, value.scope) : value.scope === scope) &&
            (year === undefined || value.year === year),
        );
        wanted.sort((a, b) => (a.key < b.key ? -1 : 1));
        const page = pageAfter(wanted, ({ key }) => key, paging);
        return { version, ...page, items: page.items.map((one) => setToWire(one, time)) };
      },
    );
    app.put(
      '/statistics/counted-sets',
      tableRoute(WRITERS, 'statistics', 'Records which enterprises count, all of it or nothing', {
        description:
          'An operator writes of the parks in scope; the sets of districts and the city are for administrators.',
        querystring: putQuery,
        body: putSetsBody,
        ...ok(changesAnswer, 'What changed, or would change'),
      }),
      async (request, reply) => {
        const { sets, ...told } = request.body;
        const who = principalOf(request);
        const upload = { entries: [], sets };
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
      '/statistics/counted-sets',
      route(WRITERS, 'statistics', 'Withdraws the set of one scope and year, with the reason', {
        description: 'A new version without it; what was believed before stays known, and may be recorded again.',
        querystring: withdrawSetQuery,
        ...ok(withdrawnSet, 'What was believed until now'),
      }),
      async (request) => {
        const { scope, year, basedOn, source, reason } = request.query;
        requireScope(request, registry, scope);
        const told = { source, reason, ...(basedOn !== undefined && { basedOn: { countedSets: basedOn } }) };
        const before = await statistics.withdrawSet({ scope, year }, principalOf(request), told);
        return { version: statistics.sets().version, withdrawn: setToWire(before, time) };
      },
    );
  });
}

function isInScope(request: FastifyRequest, registry: ApiDeps['registry'], scope: string): boolean {
  try {
    return requireScope(request, registry, scope).length > 0;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}
