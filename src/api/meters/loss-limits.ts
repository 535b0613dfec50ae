import { READERS, WRITERS } from '../../http/auth/access.js';
import { parksAsked, requireBodyPark } from '../../http/auth/scope.js';
import { pageAfter } from '../../http/paging.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { ParkLossLimits } from '../../intensity/meters/port.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { requireAsOf } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { authorOf, type MeterDeps } from './common.js';
import { lossLimitsAnswer, lossLimitsBody, lossLimitsList, lossLimitsQuery } from './schemas.js';

/** `GET PUT /meters/loss-limits`. */
export function lossLimitRoutes({ meters, registry, timeZone, clock }: MeterDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/meters/loss-limits',
      route(READERS, 'intensity', 'Limits of the losses below the main meters of a park', {
        description: 'A park without limits of its own has those that the service begins with, marked `M`.',
        querystring: lossLimitsQuery,
        ...ok(lossLimitsList, 'A page of parks'),
      }),
      async (request) => {
        const { park, asOf: asked, ...paging } = request.query;
        const asOf = requireAsOf(asked, meters.newest('lossLimits'), clock());
        const all = parksAsked(request, registry, park)
          .map(({ id }) => meters.parkLossLimits(id, asOf))
          .sort((a, b) => (a.park < b.park ? -1 : 1));
        const page = pageAfter(all, (one) => one.park, paging);
        return { ...page, items: page.items.map((one) => limitsToWire(one, time)) };
      },
    );
    app.put(
      '/meters/loss-limits',
      route(WRITERS, 'intensity', 'Sets the limits of the losses below the main meters of a park', {
        description: 'Every verdict on losses of the park goes by them from now on; `asOf` answers with those before.',
        body: lossLimitsBody,
        ...ok(lossLimitsAnswer, 'The limits of the park'),
      }),
      async (request) => {
        const { park, limits } = request.body;
        requireBodyPark(request, registry, park);
        return limitsToWire(meters.putLossLimits(park, limits, authorOf(request, request.body)), time);
      },
    );
  });
}

function limitsToWire({ park, limits, recorded }: ParkLossLimits, time: WriteTime) {
  const { maxShare, toleranceShare, minCompleteness } = limits;
  const isDefault = recorded === null;
  return {
    ...{ park, limits: { maxShare, toleranceShare, minCompleteness } },
    origin: isDefault ? ('default' as const) : ('recorded' as const),
    mark: isDefault ? ('M' as const) : null,
    recorded: recorded && recordedToWire(recorded, time),
  };
}
