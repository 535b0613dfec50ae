import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { READERS } from '../../http/auth/access.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter, wireTime } from '../../http/times.js';
import { GAP_LABELS } from '../../intensity/model/statistics/value.js';
import type { PeriodValue } from '../../intensity/statistics/port.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { ApiDeps } from '../deps.js';
import { asOfText, requireAsOf, requireSubject, subjectText } from '../intensity-query.js';
import { MONEY, yearNumber } from './schemas.js';

const money = z.number().describe(`${MONEY} at prices of \`priceBase\``);
const restsOn = z.strictObject({
  period: z.string(),
  version: z.number().int(),
  recordedAt: wireTime,
  by: z.string(),
  source: z.string(),
});
const part = z.strictObject({
  period: z.string(),
  amount: money,
  basis: z
    .enum(['comparable', 'base_year', 'growth'])
    .describe('`growth`: the year before × (1 + official real growth); `base_year`: current prices of the base year'),
  preliminary: z.boolean(),
  restsOn: z.array(restsOn).describe('its own figure, then those of the years before that growth was applied to'),
});
const gap = z.strictObject({
  period: z.string(),
  reason: z.enum(Object.keys(GAP_LABELS) as [keyof typeof GAP_LABELS]),
  zh: z.string(),
  en: z.string(),
});
const value = z.strictObject({
  period: z.string(),
  amount: money.nullable().describe(`${MONEY}; null when a month of it is missing`),
  known: money.describe(`${MONEY} of what there is`),
  preliminary: z.boolean().describe('whether any figure in it is preliminary'),
  openChain: z
    .boolean()
    .describe('a growth rate has no earlier level to apply to: statistics of an earlier year may change the amount'),
  parts: z.array(part),
  gaps: z.array(gap).describe('what is missing'),
});
const answer = z.strictObject({
  subject: z.string(),
  year: z.number().int(),
  version: z.number().int().describe('of the statistics it rests on; 0: none'),
  priceBase: z.number().int().describe('the year whose prices count, as the policy has it'),
  unit: z.literal(MONEY),
  whole: value,
  quarters: z.array(value),
  januaryFebruary: value.describe('as one figure, as the bureau publishes them'),
  months: z.array(value),
});

/** `GET /statistics/added-value`: what published figures come to at comparable prices. */
export function addedValueRoutes({
  statistics,
  registry,
  timeZone,
  clock,
}: Pick<ApiDeps, 'statistics' | 'registry' | 'timeZone' | 'clock'>): FastifyPluginAsync {
  const time = timeWriter(timeZone);
  return routes((app) =>
    app.get(
      '/statistics/added-value',
      route(READERS, 'statistics', 'Added value at comparable prices by month, quarter and year, with its parts', {
        description:
          'A level at comparable prices counts as it is; else the value of the year before × (1 + official real growth), ' +
          'from a level at prices of the base year on. Of periods that lie in each other the widest published one counts.',
        querystring: z.strictObject({ subject: subjectText, year: yearNumber, asOf: asOfText }),
        ...ok(answer, 'The values of the year'),
      }),
      async (request) => {
        const { subject, year, asOf } = request.query;
        requireSubject(request, registry, statistics, subject);
        const at = requireAsOf(asOf, statistics.entries().version, clock());
        const found = statistics.addedValue(subject, year, at);
        const write = (one: PeriodValue) => valueToWire(one, time);
        return {
          ...({ subject, year, version: found.version, priceBase: found.priceBase, unit: MONEY } as const),
          whole: write(found.year),
          quarters: found.quarters.map(write),
          januaryFebruary: write(found.janFeb),
          months: found.months.map(write),
        };
      },
    ),
  );
}

function valueToWire({ period, value: { amount, known, openChain, parts, gaps } }: PeriodValue, time: WriteTime) {
  return {
    ...{ period, amount, known, openChain },
    preliminary: parts.some((one) => one.preliminary),
    parts: parts.map((one) => ({
      ...{ period: one.period, amount: one.amount, basis: one.basis, preliminary: one.preliminary },
      restsOn: one.restsOn.map(({ key: _key, recordedAt, ...ref }) => ({ ...ref, recordedAt: time(recordedAt) })),
    })),
    gaps: gaps.map((one) => ({ ...one, ...GAP_LABELS[one.reason] })),
  };
}
