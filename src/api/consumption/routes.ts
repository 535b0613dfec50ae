import type { FastifyRequest } from 'fastify';
import { principalOf, READERS } from '../../http/auth/access.js';
import { foreign, parkScope, requirePark } from '../../http/auth/scope.js';
import { whileClientWaits } from '../../http/client-gone.js';
import { requireHistory } from '../../http/find/devices.js';
import { jsonOrTables } from '../../http/negotiate.js';
import { OpenQueries } from '../../http/open-queries.js';
import { invalidField, problem } from '../../http/problem.js';
import { ofHistory, route, routes } from '../../http/route.js';
import { requirePeriod, timeWriter } from '../../http/times.js';
import type { Carrier } from '../../intensity/model/boundary/carriers.js';
import type { ConsumptionQuery, MeterBook } from '../../intensity/port.js';
import { deviceKey } from '../../model/ids.js';
import { TooManyWindowsError } from '../../model/time/windows.js';
import type { ApiDeps } from '../deps.js';
import { exportAnswers, languageOf } from '../exports.js';
import {
  type ConsumptionRequest,
  consumptionAnswer,
  consumptionCsv,
  consumptionQuery,
  MAX_CELLS,
  MAX_ROWS,
} from './schemas.js';
import { consumptionTables } from './tables.js';
import { consumptionToWire } from './wire.js';

type ConsumptionDeps = Pick<
  ApiDeps,
  'registry' | 'timeZone' | 'clock' | 'consumption' | 'statisticsFiles' | 'queries'
> & {
  readonly meters: Pick<MeterBook, 'tree'>;
  /** Bounds the answers being made at once; one is made when left out. */
  readonly answers?: OpenQueries;
};

/** Answers made at once; each may read much history. */
const MAX_ANSWERS = 4;

/** `GET /consumption`. */
export function consumptionRoutes(deps: ConsumptionDeps) {
  const { timeZone, consumption, answers = new OpenQueries(MAX_ANSWERS) } = deps;
  const time = timeWriter(timeZone);
  const { typeOf, send } = exportAnswers(deps);
  return routes((app) => {
    app.get(
      '/consumption',
      ofHistory(
        route(READERS, 'intensity', 'What a park, an enterprise or one meter consumed, from its meters', {
          description:
            'JSON, CSV with `Accept: text/csv`, or a workbook. Rows are whole hours, days, months or years; what is not over counts so far. ' +
            'Those of a year add up to it exactly. Increments of a register are split at the edges of rows; swaps, voids and gap ' +
            'rules of its meter count as they are recorded, from readings as long as these are kept. One answer holds at most ' +
            `${MAX_ROWS} rows, and ${MAX_CELLS} rows times meters of the park’s tree.`,
          querystring: consumptionQuery,
          response: jsonOrTables('What was consumed', consumptionAnswer, consumptionCsv),
        }),
      ),
      async (request, reply) => {
        const type = typeOf(request);
        const query = queryOf(request, deps, request.query);
        const leave = answers.enter(principalOf(request).id);
        let complete = false;
        try {
          const answer = await whileClientWaits(reply, (signal) => withinRows(() => consumption.rows(query, signal)));
          complete = true;
          const withParts = request.query.parts ?? type === 'application/json';
          const answered = { query, answer, timeZone, withParts };
          if (type === 'application/json') return consumptionToWire(answered, time);
          return send(request, reply, type, languageOf(request, request.query.lang), consumptionTables(answered, time));
        } finally {
          leave(complete);
        }
      },
    );
  });
}

/** @throws ProblemError 404, 409 or 422 that names what is wrong of the request */
function queryOf(
  request: FastifyRequest,
  deps: ConsumptionDeps,
  { carrier, from, to = deps.clock(), every, asOf, ...named }: ConsumptionRequest,
): ConsumptionQuery {
  requirePeriod({ from, to }, 'query');
  const time = asOf === undefined ? undefined : { time: asOf };
  const bounds = { maxRows: MAX_ROWS, maxCells: MAX_CELLS };
  return {
    ...scopeOf(request, deps, { ...named, carrier, asOf: time }),
    carrier,
    from,
    to,
    every,
    asOf: time,
    ...bounds,
  };
}

type Named = Pick<ConsumptionRequest, 'park' | 'enterprise' | 'device' | 'register'> &
  Pick<ConsumptionQuery, 'asOf'> & { readonly carrier: Carrier };

function scopeOf(
  request: FastifyRequest,
  { registry, meters }: ConsumptionDeps,
  { park, enterprise, device, register, carrier, asOf }: Named,
): Pick<ConsumptionQuery, 'park' | 'of'> {
  if (enterprise !== undefined && device !== undefined) {
    throw invalidField('query.device', 'either an enterprise or a device');
  }
  if (register !== undefined && device === undefined) {
    throw invalidField('query.device', 'the device whose register is meant');
  }
  if (device !== undefined) {
    const found = requireHistory(request, registry, device, { field: 'query.device', park });
    const key = deviceKey(found.park, found.id);
    const registers = [
      ...new Set(
        meters
          .tree(found.park, asOf)
          .filter((one) => one.device === key && one.carrier === carrier)
          .map((one) => one.register)
          .filter((one) => register === undefined || one === register),
      ),
    ].sort();
    const [only, ...others] = registers;
    if (only === undefined) {
      throw problem(404, 'unknown_meter', `${device} is no meter of ${carrier} in the tree of ${found.park}`, {
        device,
      });
    }
    if (others.length > 0) throw invalidField('query.register', `one of ${registers.join(', ')}`);
    return { park: found.park, of: { kind: 'meter', meter: { device: key, register: only } } };
  }
  if (enterprise !== undefined) {
    const owner = { kind: 'enterprise', id: enterprise } as const;
    return { park: parkOfEnterprise(request, registry, enterprise, park), of: { kind: 'owner', owner } };
  }
  if (park === undefined) throw invalidField('query.park', 'a park, an enterprise or a device');
  return { park: requirePark(request, registry, park).id, of: { kind: 'park' } };
}

function parkOfEnterprise(
  request: FastifyRequest,
  registry: ApiDeps['registry'],
  id: string,
  park: string | undefined,
): string {
  if (park !== undefined) requirePark(request, registry, park);
  const sees = parkScope(principalOf(request), registry);
  const all = registry.enterprisesCalled(id);
  const [found, ...others] = all.filter((one) => sees(one.park) && (park === undefined || park === one.park));
  if (found === undefined) {
    const absent = problem(404, 'unknown_enterprise', `there is no enterprise ${id}`);
    throw all.length > 0 ? foreign(absent) : absent;
  }
  if (others.length === 0) return found.park;
  const parks = [found, ...others].map((one) => one.park).sort();
  const detail = `which park's is meant: ${parks.join(', ')} each have an enterprise ${id}; add park=`;
  throw problem(409, 'ambiguous_enterprise', detail, { enterprise: id, parks });
}

async function withinRows<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TooManyWindowsError)) throw error;
    const detail =
      `the range has more than ${error.limit} rows, the bound of one answer for a tree of this size: narrow from and to, or ` +
      'take longer steps';
    throw problem(422, 'too_many_windows', detail, { bound: 'windows', limit: error.limit });
  }
}
