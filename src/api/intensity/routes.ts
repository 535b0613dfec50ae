import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf, READERS } from '../../http/auth/access.js';
import { foreign, parksInScope, requirePark } from '../../http/auth/scope.js';
import { jsonOrTables, XLSX_TYPE } from '../../http/negotiate.js';
import { invalidField, invalidFields, problem } from '../../http/problem.js';
import { ofHistory, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { carriersOf, unitOf } from '../../intensity/model/assess/quantity-book.js';
import { parseScope, type Scope, scopeText } from '../../intensity/model/assess/scope.js';
import type { AsOf } from '../../intensity/model/statistics/ledger.js';
import { ranking } from '../../intensity/model/tracking/ranking.js';
import type { MeterBook } from '../../intensity/port.js';
import { maySeePark } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';
import { exportAnswers, languageOf } from '../exports.js';
import { restsOn } from '../history-lag.js';
import { requireAsOf } from '../intensity-query.js';
import { billsToWire } from './bills.js';
import { rankingTables, scorecardTables } from './list-tables.js';
import { intensityQuery, rankingQuery, reportQuery, scorecardQuery } from './queries.js';
import { metersOf } from './report/meters.js';
import { REPORT_POLICY, reportPage } from './report/page.js';
import { intensityAnswer, rankingAnswer } from './schemas.js';
import { scorecardAnswer, scorecardToWire } from './scorecard.js';
import { intensityTables } from './tables.js';
import { answerToWire, partToWire, unitsOf, type WireTexts } from './wire.js';

type IntensityDeps = Pick<
  ApiDeps,
  | 'registry'
  | 'assessments'
  | 'bills'
  | 'statistics'
  | 'intensitySettings'
  | 'statisticsFiles'
  | 'timeZone'
  | 'clock'
  | 'queries'
> & { readonly meters: Pick<MeterBook, 'tree'> };
type Asked = Omit<z.output<typeof reportQuery>, 'lang'>;

const EXPORTS = `JSON, or the same numbers as CSV with \`Accept: text/csv\` or as a workbook with \`Accept: ${XLSX_TYPE}\`.`;

/**
 * `GET /intensity(/ranking|/scorecard)`: the 5 % of an enterprise, a park, a district or the city. A sum over parks is
 * answered to who sees all of them.
 */
export function intensityRoutes(deps: IntensityDeps): FastifyPluginAsync {
  const { registry, assessments, statistics, intensitySettings, bills, meters, timeZone, clock } = deps;
  const { typeOf, send } = exportAnswers(deps);
  const factorsAt = (asOf: AsOf) => intensitySettings.co2Factors.list(asOf).items.map(({ value }) => value);
  const words: WireTexts = {
    time: timeWriter(timeZone),
    nameOf: (text) => namesOf(registry, text),
  };
  const requireScope = (request: FastifyRequest, scope: Scope) => requireSight(request, registry, scope);
  /** @throws ProblemError 404 for what was not published by then, 422 for a wish that was never published */
  const answerOf = async (
    request: FastifyRequest,
    { scope, carrier, electricity, media, asOf, year = assessments.thisYear(), memberVerdicts }: Asked,
    isFile: boolean,
  ) => {
    const withMembers = memberVerdicts ?? isFile;
    const carriers = [...carriersOf(carrier), ...(media ? carriersOf('media') : [])];
    const beside = (asOf: AsOf, baseYear: number) => ({
      ...{ carrier, electricity, media, co2Factors: factorsAt(asOf) },
      bills: billsToWire(bills, scope, { carriers, baseYear, asOf }, words.time),
    });
    if (media && (carrier !== 'energy' || asOf !== undefined)) {
      throw invalidFields([
        { field: 'query.media', expected: 'false with wastewater, and with asOf: it is not published' },
      ]);
    }
    if (asOf === undefined) {
      const answer = await assessments.now({ scope, carrier, year, electricity, media, withMembers });
      restsOn(request, answer.lag);
      const { isPublished, assessment } = answer;
      return answerToWire(answer, { ...beside('latest', assessment.policy.baseYear), isPublished }, words);
    }
    if (electricity !== 'calorific') {
      throw invalidField('query.electricity', 'calorific with asOf: nothing else is published');
    }
    const known = requireAsOf(asOf, assessments.newest(), clock());
    const told = assessments.told({ scope, carrier, year, withMembers }, known);
    if (told === null) {
      throw problem(
        404,
        'not_published',
        `the service had published nothing of ${scopeText(scope)} and ${year} by then`,
      );
    }
    restsOn(request, told.lag);
    const then = { time: told.published?.recordedAt ?? clock() };
    return answerToWire(told, { ...beside(then, told.assessment.policy.baseYear), isPublished: true }, words);
  };

  return routes((app) => {
    app.get(
      '/intensity',
      ofHistory(
        route(READERS, 'intensity', 'The 5 % of one scope: path, verdict, forecast, budget, drivers and parts', {
          description: EXPORTS,
          querystring: intensityQuery,
          response: jsonOrTables('The year of the scope', intensityAnswer),
        }),
      ),
      async (request, reply) => {
        const type = typeOf(request);
        requireScope(request, request.query.scope);
        const { table, lang, ...asked } = request.query;
        const answer = await answerOf(request, asked, type !== 'application/json');
        if (type === 'application/json') return answer;
        return send(request, reply, type, languageOf(request, lang), { ...intensityTables(answer), csv: table });
      },
    );
    app.get(
      '/intensity/report',
      ofHistory(
        route(READERS, 'intensity', 'The annual assessment report of one scope, to be printed', {
          description: 'HTML on A4 without scripts, in Chinese or English; a browser prints it to PDF.',
          querystring: reportQuery,
          response: { 200: { description: 'The report', content: { 'text/html': { schema: z.string() } } } },
        }),
      ),
      async (request, reply) => {
        const { lang: wanted, ...asked } = request.query;
        requireScope(request, asked.scope);
        const lang = languageOf(request, wanted);
        const made = { at: words.time(clock()), by: principalOf(request).name, timeZone };
        const answer = await answerOf(request, asked, true);
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
      ofHistory(
        route(READERS, 'intensity', 'The parks in scope by their annual decline', {
          querystring: rankingQuery,
          description: EXPORTS,
          response: jsonOrTables('The parks, the greatest decline first', rankingAnswer),
        }),
      ),
      async (request, reply) => {
        const type = typeOf(request);
        const { carrier, lang, year = assessments.thisYear() } = request.query;
        const items = [];
        let baseYear = 0;
        for (const { id } of parksInScope(request, registry)) {
          const { assessment, lag } = await assessments.now({ scope: { kind: 'park', id }, carrier, year });
          restsOn(request, lag);
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
      ofHistory(
        route(READERS, 'intensity', 'The figures of the guideline: met, missed by how much, or unknown and why', {
          querystring: scorecardQuery,
          description: EXPORTS,
          response: jsonOrTables('The scorecard', scorecardAnswer),
        }),
      ),
      async (request, reply) => {
        const type = typeOf(request);
        const { scope, lang, asOf: asked, year = assessments.thisYear() } = request.query;
        if (scope.kind === 'enterprise') throw invalidField('query.scope', 'city, district:{id} or park:{id}');
        requireScope(request, scope);
        const asOf = requireAsOf(asked, statistics.entries().version, clock());
        const known = asOf === 'latest' ? 'now' : 'then';
        const card = scorecardToWire(await assessments.scorecard(scope, year, asOf), known);
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
