import { READERS, WRITERS } from '../../http/auth/access.js';
import { pageAfter } from '../../http/paging.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { RecordedGapRule } from '../../intensity/meters/port.js';
import { SECOND_MS } from '../../model/time/duration.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { requireAsOf } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { authorOf, listed, type MeterDeps, meterAsked, meterToWire } from './common.js';
import { correctionsQuery, gapRuleList, gapRulesAnswer, gapRulesBody } from './schemas.js';

/** `GET PUT /meters/gap-rules`. */
export function gapRuleRoutes({ meters, registry, timeZone, clock }: MeterDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/meters/gap-rules',
      route(READERS, 'intensity', 'What counts as a gap of a meter, and how it is filled', {
        description: 'A meter without rules has a gap after two hours, and nothing is filled.',
        querystring: correctionsQuery,
        ...ok(gapRuleList, 'A page of rules'),
      }),
      async (request) => {
        const { asOf: asked, park, device, ...paging } = request.query;
        const asOf = requireAsOf(asked, meters.newest('gapRules'), clock());
        const rulesOf = (id: string) => meters.gapRules(id, asOf);
        const all = listed(request, registry, { park, device }, rulesOf, ({ value }) => value.from);
        const page = pageAfter(all, ({ pageKey }) => pageKey, paging);
        return { ...page, items: page.items.map((one) => ruleToWire(one, time)) };
      },
    );
    app.put(
      '/meters/gap-rules',
      route(WRITERS, 'intensity', 'Declares how gaps of a meter are filled', {
        description: 'These instead of all that were declared of the meter; each holds from its time on.',
        body: gapRulesBody,
        ...ok(gapRulesAnswer, 'The rules of the meter'),
      }),
      async (request) => {
        const meter = meterAsked(request, registry, request.body);
        const rules = request.body.rules.map(({ from, method, longerThanS }) => ({
          ...{ from, method },
          longerThanMs: Math.round(longerThanS * SECOND_MS),
        }));
        const kept = meters.putGapRules(meter, rules, authorOf(request, request.body));
        return { items: kept.map((one) => ruleToWire(one, time)) };
      },
    );
  });
}

function ruleToWire(rule: RecordedGapRule, time: WriteTime) {
  const { from, longerThanMs, method } = rule.value;
  return {
    ...meterToWire(rule.meter),
    ...{ from: time(from), longerThanS: longerThanMs / SECOND_MS, method },
    ...recordedToWire(rule, time),
  };
}
