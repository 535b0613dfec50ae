import { READERS, WRITERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { pageAfter } from '../../http/paging.js';
import { gone, ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { Swap } from '../../intensity/meters/port.js';
import { CATALOGUE } from '../../model/catalogue/index.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { requireAsOf } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { authorOf, listed, type MeterDeps, meterAsked, meterToWire } from './common.js';
import { correctionsQuery, meterWithdrawQuery, swapAnswer, swapBody, swapList, withdrawParams } from './schemas.js';

/** `GET POST /meters/swaps`, `DELETE /meters/swaps/{park}/{version}`. */
export function meterSwapRoutes({ meters, registry, timeZone, clock }: MeterDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/meters/swaps',
      route(READERS, 'intensity', 'Recorded exchanges of meters', {
        querystring: correctionsQuery,
        ...ok(swapList, 'A page of exchanges'),
      }),
      async (request) => {
        const { asOf: asked, park, device, ...paging } = request.query;
        const asOf = requireAsOf(asked, meters.newest('swaps'), clock());
        const swapsOf = (id: string) => meters.swaps(id, asOf);
        const all = listed(request, registry, { park, device }, swapsOf, ({ value }) => value.ts);
        const page = pageAfter(all, ({ pageKey }) => pageKey, paging);
        return { ...page, items: page.items.map((one) => swapToWire(one, time, meters.keptSince())) };
      },
    );
    app.post(
      '/meters/swaps',
      route(WRITERS, 'intensity', 'Records that a meter was exchanged: what the old one showed, and what the new one', {
        description:
          'The register goes on from `opening` at that time, and what the old one counted up to `closing` counts. ' +
          'Without a record an exchange is told from the readings alone.',
        body: swapBody,
        response: { 201: swapAnswer.describe('The exchange as it was recorded') },
      }),
      async (request, reply) => {
        const { ts, closing, opening } = request.body;
        const meter = meterAsked(request, registry, request.body);
        const swap = meters.recordSwap(meter, { ts, closing, opening }, authorOf(request, request.body));
        return reply.code(201).send(swapToWire(swap, time, meters.keptSince()));
      },
    );
    app.delete(
      '/meters/swaps/:park/:version',
      route(WRITERS, 'intensity', 'Withdraws the record of an exchange', {
        params: withdrawParams,
        querystring: meterWithdrawQuery,
        ...gone('It does not count any more; `asOf` still answers with it'),
      }),
      async (request, reply) => {
        const { id } = requirePark(request, registry, request.params.park);
        meters.withdrawSwap(id, request.params.version, authorOf(request, request.query));
        return reply.code(204).send();
      },
    );
  });
}

/** A key names one metric across all domains. */
const unitOf = (register: string): string => CATALOGUE.find(({ key }) => key === register)?.unit ?? '';

function swapToWire(swap: Swap, time: WriteTime, keptSince: number) {
  const { ts, closing, opening } = swap.value;
  const { register } = swap.meter;
  return {
    ...meterToWire(swap.meter),
    ...{ ts: time(ts), closing, opening, unit: unitOf(register) },
    readingsKept: ts >= keptSince,
    ...recordedToWire(swap, time),
  };
}
