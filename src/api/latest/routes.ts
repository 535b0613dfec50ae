import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { metric } from '../../domain/catalogue/index.js';
import { TimeZone } from '../../domain/time-zone.js';
import { instantFormatter } from '../../domain/time-zone-rfc3339.js';
import type { LatestQuery, LatestValue } from '../../historian/port.js';
import { READERS } from '../auth/access.js';
import { parksAsked } from '../auth/scope.js';
import type { ApiDeps } from '../deps.js';
import { invalidFields } from '../problem.js';
import { requireDevice } from '../readings/series.js';
import { latestAnswer, latestQuery } from './schemas.js';

export type LatestDeps = Pick<ApiDeps, 'registry' | 'historian' | 'timeZone'>;

/** `GET /latest`: the newest value of each series in scope. */
export function latestRoutes(deps: LatestDeps): FastifyPluginAsync {
  const zone = new TimeZone(deps.timeZone);
  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/latest',
      {
        config: { access: READERS },
        schema: {
          tags: ['readings'],
          summary: 'The newest value of each series',
          querystring: latestQuery,
          response: { 200: latestAnswer.describe('The newest values') },
        },
      },
      async (request) => {
        const { limit, cursor, ...filter } = request.query;
        const after = cursor === undefined ? '' : readCursor(cursor);
        const values = (await visibleValues(request, deps, filter))
          .map((value) => ({ value, place: placeOf(value) }))
          .filter(({ place }) => place > after)
          .sort((a, b) => (a.place < b.place ? -1 : 1));
        const page = values.slice(0, limit);
        const last = page.at(-1);
        return {
          latest: page.map(({ value }) => toWire(value, zone)),
          nextCursor: last && values.length > page.length ? writeCursor(last.place) : null,
        };
      },
    );
  };
}

/** @throws Problem 404 or 403 for a park or device that is not there or out of scope */
async function visibleValues(
  request: FastifyRequest,
  { registry, historian }: LatestDeps,
  filter: { park?: string | undefined; domain?: LatestQuery['domain'] | undefined; device?: string | undefined },
): Promise<readonly LatestValue[]> {
  const parks = new Set(parksAsked(request, registry, filter.park).map((park) => park.id));
  if (filter.device !== undefined) requireDevice(request, registry, filter.device);
  const query = {
    ...(filter.domain && { domain: filter.domain }),
    ...(filter.device !== undefined && { device: filter.device }),
  };
  const everywhere = parks.size === registry.parks().length;
  const answers = everywhere
    ? [await historian.latest(query)]
    : await Promise.all([...parks].map((park) => historian.latest({ ...query, park })));
  return answers.flat();
}

/** Orders series; names hold neither spaces nor characters below it. */
const placeOf = ({ device, metric: key }: LatestValue) => `${device} ${key}`;

const writeCursor = (place: string) => Buffer.from(place).toString('base64url');

function readCursor(text: string): string {
  const place = Buffer.from(text, 'base64url').toString();
  if (/^\S+ \S+$/.test(place)) return place;
  throw invalidFields([{ field: 'query.cursor', expected: 'the nextCursor of the page before' }]);
}

function toWire(value: LatestValue, zone: TimeZone) {
  const time = instantFormatter(zone);
  const { park, domain, device, metric: key, flag, quality } = value;
  const unit = metric(domain, key)?.unit ?? '';
  const [ts, receivedAt] = [time(value.ts), time(value.receivedAt)];
  return { park, domain, device, metric: key, unit, ts, value: value.value, flag, quality, receivedAt };
}
