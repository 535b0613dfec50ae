import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf, READERS } from '../../http/auth/access.js';
import { foreign, parksInScope, requirePark } from '../../http/auth/scope.js';
import { jsonOrTables, XLSX_TYPE } from '../../http/negotiate.js';
import { invalidFields, problem } from '../../http/problem.js';
import { route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { unitOf } from '../../intensity/model/assess/quantity-book.js';
import { parseScope, type Scope, scopeText } from '../../intensity/model/assess/scope.js';
import type { AsOf } from '../../intensity/model/statistics/ledger.js';
import { ranking } from '../../intensity/model/tracking/ranking.js';
import type { MeterBook } from '../../intensity/port.js';
import { maySeePark } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';
import { exportAnswers, languageOf } from '../exports.js';
import { requireAsOf } from '../intensity-query.js';
import { intensityQuery, rankingQuery, reportQuery, scorecardQuery } from './queries.js';
import { metersOf } from './report/meters.js';
import { REPORT_POLICY, reportPage } from './report/page.js';
import { intensityAnswer, rankingAnswer } from './schemas.js';
import { scorecardAnswer, scorecardToWire } from './scorecard.js';
import { intensityTables, rankingTables, scorecardTables } from './tables.js';
import { answerToWire, partToWire, unitsOf, type WireTexts } from './wire.js';

type IntensityDeps = Pick<
  ApiDeps,
  'registry' | 'assessments' | 'intensitySettings' | 'statisticsFiles' | 'timeZone' | 'clock' | 'queries'
> & { readonly meters: Pick<MeterBook, 'tree'> };
type Asked = Omit<z.output<typeof reportQuery>, 'lang'>;

const EXPORTS = `JSON, or the same numbers as CSV with \`Accept: text/csv\` or as a workbook with \`Accept: ${XLSX_TYPE}\`.`;

/**
 * `GET /intensity(/ranking|/scorecard)`: the 5 % of an enterprise, a park, a district or the city. A sum over parks is
 * answered to who sees all of them.
 */
export function intensityRoutes(deps: IntensityDeps): FastifyPluginAsync {
  const { registry, assessments, intensitySettings, meters, timeZone, clock } = deps;
  const { typeOf, send } = exportAnswers(deps);
  const factorsAt = (asOf: AsOf) => intensitySettings.co2Factors.list(asOf).items.map(({ value }) => value);
  const words: WireTexts = {
    time: timeWriter(timeZone),
    nameOf: (text) => namesOf(registry, text),
  };
  const requireScope = (request: FastifyRequest, scope: Scope) => requireSight(request, registry, scope);
  /** @throws ProblemError 404 for what was not published by then, 422 for a wish that was never published */
  const answerOf = async ({ scope, carrier, electricity, asOf, year = assessments.thisYear() }: Asked) => {
    const asked = { carrier, electricity };
    if (asOf === undefined) {
      const answer = await assessments.now({ scope, carrier, year, electricity });
      const told = { isPublished: answer.isPublished, co2Factors: factorsAt('latest') };
      return answerToWire(answer, { ...asked, ...told }, words);
    }
    if (electricity !== 'calorific') {
      throw invalidFields([{ field: 'query.electricity', expected: 'calorific with asOf: nothing else is published' }]);
    }
    const told = assessments.told({ scope, carrier, year }, requireAsOf(asOf, assessments.newest(), clock()));
    if (told === null) {
      throw problem(
        404,
        'not_published',
        `the service had published nothing of ${scopeText(scope)} and ${year} by then`,
      );
    }
    const co2Factors = factorsAt({ time: told.published?.recordedAt ?? clock() });
    return answerToWire(told, { ...asked, isPublished: true, co2Factors }, words);
  };

  return routes((app) => {
    app.get(
      '/intensity',
      route(READERS, 'intensity', 'The 5 % of one scope: path, verdict, forecast, budget, drivers and parts', {
        description: EXPORTS,
        querystring: intensityQuery,
        response: jsonOrTables('The year of the scope', intensityAnswer),
      }),
      async (request, reply) => {
        const type = typeOf(request);
        requireScope(request, request.query.scope);
        const { table, lang, ...asked } = request.query;
        const answer = await answerOf(asked);
        if (type === 'application/json') return answer;
        return send(request, reply, type, languageOf(request, lang), { ...intensityTables(answer), csv: table });
      },
    );
    app.get(
      '/intensity/report',
      route(READERS, 'intensity', 'The annual assessment report of one scope, to be printed', {
        description: 'HTML on A4 without scripts, in Chinese or English; a browser prints it to PDF.',
        querystring: reportQuery,
        response: { 200: { description: 'The report', content: { 'text/html': { schema: z.string() } } } },
      }),
      async (request, reply) => {
        const { lang: wanted, ...asked } = request.query;
        requireScope(request, asked.scope);
        const lang = languageOf(request, wanted);
        const made = { at: words.time(clock()), by: principalOf(request).name, timeZone };
        const answer = await answerOf(asked);
        const page = reportPage(answer, metersOf(meters, asked.scope, answer, words), made, lang);
        return reply
          .headers({ 'content-security-policy': REPORT_POLICY, 'content-language': lang, vary: 'accept-language' })
          .type('text/html; charset=utf-8')
          .serializer(String)
          .send(page as never);
      },
    );
    app.get(
      '/intensity/ranking',
      route(READERS, 'intensity', 'The parks in scope by their annual decline', {
        querystring: rankingQuery,
        description: EXPORTS,
        response: jsonOrTables('The parks, the greatest decline first', rankingAnswer),
      }),
      async (request, reply) => {
        const type = typeOf(request);
        const { carrier, lang, year = assessments.thisYear() } = request.query;
        const items = [];
        let baseYear = 0;
        for (const { id } of parksInScope(request, registry)) {
          const { assessment } = await assessments.now({ scope: { kind: 'park', id }, carrier, year });
          baseYear = assessment.policy.baseYear;
          items.push(partToWire(assessment, words.nameOf));
        }
        const answer = { carrier, year, units: unitsOf(unitOf(carrier), baseYear), items: [...ranking(items)] };
        if (type === 'application/json') return answer;
        return send(request, reply, type, languageOf(request, lang), rankingTables(answer));
      },
    );
    app.get(
      '/intensity/scorecard',
      route(READERS, 'intensity', 'The figures of the guideline: met, missed by how much, or unknown and why', {
        querystring: scorecardQuery,
        description: EXPORTS,
        response: jsonOrTables('The scorecard', scorecardAnswer),
      }),
      async (request, reply) => {
        const type = typeOf(request);
        const { scope, lang, year = assessments.thisYear() } = request.query;
        if (scope.kind === 'enterprise') {
          throw invalidFields([{ field: 'query.scope', expected: 'city, district:{id} or park:{id}' }]);
        }
        requireScope(request, scope);
        const card = scorecardToWire(await assessments.scorecard(scope, year));
        if (type === 'application/json') return card;
        return send(request, reply, type, languageOf(request, lang), scorecardTables(card));
      },
    );
  });
}

type Lookups = ApiDeps['registry'];

/** @throws ProblemError 404 for what does not exist, and the same for what lies outside the token's parks in part */
function requireSight(request: FastifyRequest, registry: Lookups, scope: Scope): void {
  if (scope.kind === 'park') {
    requirePark(request, registry, scope.id);
    return;
  }
  if (scope.kind === 'enterprise') {
    requirePark(request, registry, scope.park);
    if (registry.enterprisesCalled(scope.id).some(({ park }) => park === scope.park)) return;
    throw problem(404, 'unknown_enterprise', `there is no enterprise ${scope.id} in ${scope.park}`);
  }
  const who = principalOf(request);
  const parks = registry.parks().filter(({ district }) => scope.kind === 'city' || district === scope.id);
  const absent =
    scope.kind === 'city'
      ? problem(404, 'unknown_scope', 'only tokens that see all parks see the city')
      : problem(404, 'unknown_district', `there is no district ${scope.id}`);
  if (parks.length === 0) throw absent;
  if (!parks.every((park) => maySeePark(who, park))) throw foreign(absent);
}

function namesOf(registry: Lookups, text: string) {
  const scope = parseScope(text);
  const pick = (one: { nameZh: string; nameEn: string } | undefined) =>
    one === undefined ? null : { nameZh: one.nameZh, nameEn: one.nameEn };
  switch (scope?.kind) {
    case 'city':
      return { nameZh: '全市', nameEn: 'City' };
    case 'district':
      return pick(registry.districts().find(({ id }) => id === scope.id));
    case 'park':
      return pick(registry.park(scope.id));
    case 'enterprise':
      return pick(registry.enterprisesCalled(scope.id).find(({ park }) => park === scope.park));
    default:
      return null;
  }
}
