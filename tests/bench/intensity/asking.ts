import { DAY_MS, HOUR_MS } from '../../../src/model/time/duration.js';
import { DISTRICTS, PARKS } from '../../../src/registry/parks/data/parks.js';
import { ApiError, call, get, metric } from '../../e2e/helpers/api.js';
import type { RunningService } from '../../e2e/helpers/service.js';
import { statistic } from './made-city.js';

const COLD_MS = 600_000;
const SCOPES = ['city', ...DISTRICTS.map(({ id }) => `district:${id}`), ...PARKS.map(({ id }) => `park:${id}`)];
const CARRIERS = ['energy', 'wastewater'];

/** Start of the day in Wenzhou. */
export const dayStart = (ts: number) => Math.floor((ts + 8 * HOUR_MS) / DAY_MS) * DAY_MS - 8 * HOUR_MS;

export type Restatement = readonly [name: string, say: (i: number) => Promise<void>];

/** What people may say that changes figures; each time of another meter, day or month. */
export function restatements(service: RunningService, now: number): Restatement[] {
  const register = 'import_energy_kwh';
  const parkOf = (i: number) => PARKS[i % PARKS.length]!.id;
  const at = (days: number, hours = 0) => new Date(dayStart(now) - days * DAY_MS + hours * HOUR_MS).toISOString();
  const post = async (path: string, body: object) => void (await call(service, 'POST', `/api/v1${path}`, body));
  return [
    [
      'a void',
      (i) => {
        const meter = { park: parkOf(i), device: 'meter-0', register };
        const hour = Math.floor(i / PARKS.length) % 20;
        return post('/meters/voids', { ...meter, from: at(10, hour), to: at(10, hour + 1), reason: 'bench' });
      },
    ],
    [
      'a swap',
      (i) => {
        const meter = { park: parkOf(i), device: 'meter-1', register };
        return post('/meters/swaps', { ...meter, ts: at(9, 0.5), closing: 9e7, opening: 1, reason: 'bench' });
      },
    ],
    [
      'a revised statistic',
      async (i) => {
        const { figure, ...entry } = statistic(`enterprise:${parkOf(i)}/firm-0`, 2025, 6, i + 1);
        const entries = [{ ...entry, figure }];
        await call(service, 'PUT', '/api/v1/statistics', { source: 'bench', reason: 'bench', entries });
      },
    ],
  ];
}

/** Every scope of both carriers, as a client would ask for them one after the other. */
export async function askAll(service: RunningService): Promise<void> {
  for (const carrier of CARRIERS) {
    for (const scope of SCOPES) await get(service, `/api/v1/intensity?scope=${scope}&carrier=${carrier}`);
  }
}

/** Milliseconds until every scope is answered from what is known now. */
export async function untilComputed(service: RunningService): Promise<number> {
  const startedAt = performance.now();
  const open = CARRIERS.flatMap((carrier) =>
    SCOPES.map((scope) => `/api/v1/intensity?scope=${scope}&carrier=${carrier}`),
  );
  while (open.length > 0) {
    try {
      const { asKnown } = await get<{ asKnown: string }>(service, open[0]!);
      if (asKnown === 'now') open.shift();
      else await pause(500);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 503)) throw error;
      await pause(500);
    }
    if (performance.now() - startedAt > COLD_MS) throw new Error('the first computation did not end');
  }
  return performance.now() - startedAt;
}

export async function timesOf(service: RunningService, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const scope = SCOPES[Math.floor(Math.random() * SCOPES.length)]!;
    const startedAt = performance.now();
    await get(service, `/api/v1/intensity?scope=${scope}`);
    taken.push(performance.now() - startedAt);
  }
  return taken;
}

export async function pause(ms: number): Promise<never[]> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return [];
}

export const memory = async (service: RunningService) => ({
  rss: ((await metric(service, 'process_resident_memory_bytes')) ?? Number.NaN) / 1e6,
  heap: ((await metric(service, 'nodejs_heap_size_used_bytes')) ?? Number.NaN) / 1e6,
});

/** The longest delay of the event loop since it was asked for last, ms; the monitor counts its own interval of 10 ms. */
export async function turn(service: RunningService): Promise<number> {
  return Math.max(0, ((await metric(service, 'nodejs_eventloop_lag_max_seconds')) ?? Number.NaN) * 1_000 - 10);
}
