import type { z } from 'zod';
import { READERS, WRITERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { pageAfter } from '../../http/paging.js';
import { invalidField } from '../../http/problem.js';
import { gone, ofHistory, ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { RecordedVoid } from '../../intensity/meters/port.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { Period } from '../../model/time/windows.js';
import { requireAsOf } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { authorOf, listed, type MeterDeps, type MeterOfChange, meterAsked, meterToWire } from './common.js';
import {
  correctionsQuery,
  dryRunQuery,
  meterWithdrawQuery,
  voidBody,
  voidDryRun,
  voidedAnswer,
  voidList,
  withdrawParams,
} from './schemas.js';

/** `GET POST /meters/voids`, `DELETE /meters/voids/{park}/{version}`. */
export function meterVoidRoutes({ meters, registry, timeZone, clock }: MeterDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/meters/voids',
      route(READERS, 'intensity', 'Times whose readings of a meter do not count', {
        querystring: correctionsQuery,
        ...ok(voidList, 'A page of voids'),
      }),
      async (request) => {
        const { asOf: asked, park, device, ...paging } = request.query;
        const asOf = requireAsOf(asked, meters.newest('voids'), clock());
        const voidsOf = (id: string) => meters.voids(id, asOf);
        const all = listed(request, registry, { park, device }, voidsOf, ({ value }) => value.from);
        const page = pageAfter(all, ({ pageKey }) => pageKey, paging);
        return { ...page, items: page.items.map((one) => voidToWire(one, time, meters.keptSince())) };
      },
    );
    app.post(
      '/meters/voids',
      ofHistory(
        route(WRITERS, 'intensity', 'Voids wrong readings of a meter: every total follows, the readings stay', {
          description:
            'One reading by `ts`, or all from `from` until before `to`; one that arrives later for that time is voided too. ' +
            'There has to be a good reading of that time: only these count otherwise.',
          querystring: dryRunQuery,
          body: voidBody,
          response: {
            200: voidDryRun.describe('Of a dry run: what would be voided'),
            201: voidedAnswer.describe('The void as it was recorded'),
          },
        }),
      ),
      async (request, reply) => {
        const meter = meterAsked(request, registry, request.body);
        const period = periodOf(request.body);
        if (request.query.dryRun) {
          const found = await meters.readingsOf(meter, period);
          return { dryRun: true as const, ...placeToWire(meter, period, time), ...found };
        }
        const { readings, voidedBefore, ...one } = await meters.recordVoid(
          meter,
          period,
          authorOf(request, request.body),
        );
        return reply.code(201).send({ ...voidToWire(one, time, meters.keptSince()), readings, voidedBefore });
      },
    );
    app.delete(
      '/meters/voids/:park/:version',
      route(WRITERS, 'intensity', 'Withdraws a void: the readings count again', {
        params: withdrawParams,
        querystring: meterWithdrawQuery,
        ...gone('It holds no more; `asOf` still answers with it'),
      }),
      async (request, reply) => {
        const { id } = requirePark(request, registry, request.params.park);
        meters.withdrawVoid(id, request.params.version, authorOf(request, request.query));
        return reply.code(204).send();
      },
    );
  });
}

function periodOf({ ts, from, to }: z.output<typeof voidBody>): Period {
  if (ts !== undefined && from === undefined && to === undefined) return { from: ts, to: ts + 1 };
  if (ts === undefined && from !== undefined && to !== undefined) return { from, to };
  throw invalidField('body.ts', 'either this, or `from` and `to`');
}

const placeToWire = (meter: MeterOfChange, { from, to }: Period, time: WriteTime) => ({
  ...meterToWire(meter),
  ...{ from: time(from), to: time(to) },
});

const voidToWire = (one: RecordedVoid, time: WriteTime, keptSince: number) => ({
  ...placeToWire(one.meter, one.value, time),
  readings: one.value.readings ?? null,
  readingsKept: one.value.from >= keptSince,
  ...recordedToWire(one, time),
});
