import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HistorianQueries, LatestQuery, LatestValue } from '../../historian/port/queries.js';
import { principalOf, READERS } from '../../http/auth/access.js';
import { parksAsked } from '../../http/auth/scope.js';
import { historyMeant, requireHistory } from '../../http/find/devices.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { ofHistory, ok, route, routes } from '../../http/route.js';
import { timeWriter, wireTime } from '../../http/times.js';
import { metric } from '../../model/catalogue/index.js';
import { deviceKey, deviceOf } from '../../model/ids.js';
import { DATA_FLAGS, DOMAINS, QUALITIES } from '../../model/reading.js';
import type { DeviceOfHistory } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';

const MAX_LATEST_PAGE = 5_000;

const query = z.strictObject({
  park: anyId.optional(),
  domain: z.enum(DOMAINS).optional(),
  device: anyId.optional(),
  ...pagingQuery(MAX_LATEST_PAGE, 1_000),
});

const newest = z.strictObject({
  park: z.string(),
  domain: z.enum(DOMAINS),
  device: z.string(),
  metric: z.string(),
  unit: z.string(),
  ts: wireTime,
  value: z.number(),
  flag: z.enum(DATA_FLAGS),
  quality: z.enum(QUALITIES),
  receivedAt: wireTime,
});

export const latestAnswer = pageOf(
  newest,
  'by device, then metric; the newest reading by its own time, whatever its quality',
);

type LatestDeps = Pick<ApiDeps, 'registry' | 'timeZone'> & {
  readonly historian: Pick<HistorianQueries, 'latest'>;
};

/** `GET /latest`: the newest value of each series in scope. */
export function latestRoutes(deps: LatestDeps) {
  const time = timeWriter(deps.timeZone);
  return routes((app) => {
    app.get(
      '/latest',
      ofHistory(
        route(READERS, 'readings', 'The newest value of each series', {
          querystring: query,
          ...ok(latestAnswer, 'The newest values'),
        }),
      ),
      async (request) => {
        const { limit, cursor, ...filter } = request.query;
        const values = (await visibleValues(request, deps, filter))
          .map((value) => ({ value, order: orderOf(value) }))
          .sort((a, b) => (a.order < b.order ? -1 : 1));
        const page = pageAfter(values, ({ order }) => order, { limit, cursor });
        return { ...page, items: page.items.map(({ value }) => toWire(value, time)) };
      },
    );
  });
}

/** @throws ProblemError 404 or 403 for an unknown park or device, or one out of scope */
async function visibleValues(
  request: FastifyRequest,
  { registry, historian }: LatestDeps,
  filter: { park?: string | undefined; domain?: LatestQuery['domain'] | undefined; device?: string | undefined },
): Promise<readonly LatestValue[]> {
  const parks = new Set(parksAsked(request, registry, filter.park).map((park) => park.id));
  const device = filter.device === undefined ? undefined : deviceAsked(request, registry, filter.device, filter.park);
  if (device === null) return [];
  const asked = {
    by: principalOf(request).id,
    ...(filter.domain && { domain: filter.domain }),
    ...(device && { device: deviceKey(device.park, device.id) }),
  };
  const everywhere = parks.size === registry.parks().length;
  const values: LatestValue[] = [];
  // One after the other: a request holds one open query.
  for (const one of everywhere ? [asked] : [...parks].map((park) => ({ ...asked, park }))) {
    values.push(...(await historian.latest(one)));
  }
  return device === undefined ? values.filter((value) => !registry.isRemoved(value.device)) : values;
}

/** The requested device; null for one in another park. @throws ProblemError 404 or 422 for none or several */
function deviceAsked(
  request: FastifyRequest,
  registry: LatestDeps['registry'],
  id: string,
  park?: string,
): DeviceOfHistory | null {
  const elsewhere = park !== undefined && historyMeant(request, registry, id, park).length === 0;
  if (elsewhere && historyMeant(request, registry, id).length > 0) return null;
  return requireHistory(request, registry, id, { field: 'query.device', park });
}

/** Orders series by device, then metric; no name holds a space. */
const orderOf = ({ device, metric: key, park }: LatestValue) => `${deviceOf(device)} ${key} ${park}`;

function toWire(value: LatestValue, time: (instant: number) => string) {
  const { park, domain, device, metric: key, flag, quality } = value;
  const unit = metric(domain, key)?.unit ?? '';
  const [ts, receivedAt] = [time(value.ts), time(value.receivedAt)];
  const named = { park, domain, device: deviceOf(device), metric: key, unit };
  return { ...named, ts, value: value.value, flag, quality, receivedAt };
}
