import { z } from 'zod';
import { READERS } from '../../http/auth/access.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { ok, route, routes } from '../../http/route.js';
import { CATALOGUE, type Metric } from '../../model/catalogue/index.js';
import { DOMAINS } from '../../model/reading.js';

const metricAnswer = z.strictObject({
  key: z.string(),
  domain: z.enum(DOMAINS),
  unit: z.string().describe('empty where the quantity has none'),
  kind: z.enum(['gauge', 'counter', 'state']),
  range: z.strictObject({ min: z.number(), max: z.number() }).describe('plausible values, both ends included'),
  maxRatePerHour: z
    .number()
    .nullable()
    .describe('counters: the most it can physically rise in an hour, and in maxRates of devices at most'),
  usualRatePerHour: z
    .number()
    .nullable()
    .describe('counters: no rise up to it is doubted while neither maxRates nor the history of its device say more'),
  rollover: z.number().nullable().describe('counters: the modulus of the register'),
  labelZh: z.string(),
  labelEn: z.string(),
  hj212: z.string().nullable().describe('factor code of HJ 212-2017 table B.1'),
  hj212PerUnit: z.number().nullable().describe("HJ 212's default unit divided by `unit`"),
});

const ORDER = new Map(CATALOGUE.map((metric, index) => [metric, String(index).padStart(6, '0')]));

/** `GET /catalogue`: the metrics that devices may report. */
export const catalogueRoutes = routes((app) => {
  app.get(
    '/catalogue',
    route(READERS, 'registry', 'The metric catalogue', {
      querystring: z.strictObject({ domain: z.enum(DOMAINS).optional(), ...pagingQuery(1_000, 500) }),
      ...ok(pageOf(metricAnswer, 'domain by domain'), 'A page of metrics'),
    }),
    async (request) => {
      const { domain, ...paging } = request.query;
      const metrics = CATALOGUE.filter((metric) => domain === undefined || metric.domain === domain);
      const page = pageAfter(metrics, (metric) => ORDER.get(metric) ?? '', paging);
      return { ...page, items: page.items.map(toWire) };
    },
  );
});

function toWire({ range: [min, max], ...metric }: Metric) {
  return {
    ...metric,
    range: { min, max },
    maxRatePerHour: metric.maxRatePerHour ?? null,
    usualRatePerHour: metric.usualRatePerHour ?? null,
    rollover: metric.rollover ?? null,
    hj212: metric.hj212 ?? null,
    hj212PerUnit: metric.hj212PerUnit ?? null,
  };
}
