import type { FleetPark } from '../fleet.js';
import { dayStart, localDay } from '../model/calendar.js';
import { progressOn } from '../progress.js';
import type { ServiceApi } from '../service-api.js';
import { declareDevices, declareMeters, retireLeft } from './declare.js';
import { type ParkPlan, planOf } from './plan.js';
import { publishYears, quartersTo, type YearPark } from './publish.js';
import { metersOf, monthAt } from './registers.js';
import { putStatistics } from './statistics.js';
import type { Month } from './truth.js';

/** A step of the history failed; the message says which. */
export class YearsError extends Error {
  override readonly name = 'YearsError';
}

/** A park, and the gateway that its registers come through. */
interface LoadedPark extends Pick<FleetPark, 'site'> {
  readonly link: Pick<FleetPark['link'], 'publish'>;
}

interface LoadContext {
  readonly now: () => number;
  readonly log: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** What was loaded. */
export interface LoadedYears {
  readonly plans: readonly ParkPlan[];
  /** The last month whose statistics are there. */
  readonly last: Month;
}

/**
 * Brings the years from 2020 to last month into the service, through its API and the parks' gateways alone: enterprises,
 * daily registers, meter trees with an exchange, statistics in their revisions, counted sets. A second time it goes on
 * where the first ended, and doubles nothing. At the signal it ends early.
 * @throws YearsError naming the step
 */
export async function loadYears(
  api: ServiceApi,
  parks: readonly LoadedPark[],
  { now, log, signal }: LoadContext,
): Promise<LoadedYears | null> {
  const started = now();
  const to = dayStart(localDay(started));
  const last = monthAt(started) - 1;
  const known = await api.parks();
  const plans = parks.map(({ site }) => planOf(known.find(({ id }) => id === site.id)!));
  const step = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    if (signal.aborted) return null;
    try {
      return await work();
    } catch (error) {
      throw new YearsError(`seven years, ${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  const each = (what: string, work: (plan: ParkPlan) => Promise<void>) =>
    step(what, async () => {
      for (const plan of plans) if (!signal.aborted) await work(plan);
    });

  await each('enterprises and meters', (plan) => declareDevices(api, plan, started));
  const sent = await step('daily registers', () => publish(api, parks, plans, to, { now, log, signal }));
  await step('history', () => settled(api, signal));
  await each('meter trees', (plan) => declareMeters(api, plan));
  await each('devices out of use', (plan) => retireLeft(api, plan));
  await step('statistics', () => putStatistics(api, plans, last));
  if (signal.aborted) return null;
  const seconds = ((now() - started) / 1_000).toFixed(1);
  log.write(
    `the years since 2020: ${(sent?.readings ?? 0).toLocaleString('en')} readings, trees and statistics in ${seconds} s\n`,
  );
  return { plans, last };
}

async function publish(
  api: ServiceApi,
  parks: readonly LoadedPark[],
  plans: readonly ParkPlan[],
  to: number,
  { now, log, signal }: Pick<LoadContext, 'now' | 'log' | 'signal'>,
) {
  const with_: YearPark[] = [];
  for (const [i, plan] of plans.entries())
    with_.push({ plan, link: parks[i]!.link, newest: await newestOf(api, plan) });
  const shown = progressOn(log, 'the years since 2020', quartersTo(to).length * 3 * plans.length, now);
  try {
    const onProgress = (at: { months: number; readings: number }) =>
      shown.update(at.months, `${at.readings.toLocaleString('en')} readings`);
    const done = await publishYears(with_, to, { signal, onProgress });
    if (done.dropped > 0) throw new YearsError(`${done.dropped} readings were not taken`);
    return done;
  } finally {
    shown.stop();
  }
}

const LAG = 'park_historian_lag_batches';

/** Waits until history shows everything that the broker acknowledged. */
async function settled(api: ServiceApi, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && ((await api.metric(LAG)) ?? 0) > 0) await new Promise((go) => setTimeout(go, 100));
}

/** How far each device was sent: of its registers the one furthest behind. */
async function newestOf(api: ServiceApi, plan: ParkPlan): Promise<Map<string, number>> {
  const devices = new Set(metersOf(plan).map(({ device }) => device));
  const newest = new Map<string, number>();
  for await (const one of api.all<{ device: string; ts: string }>(`/latest?park=${plan.id}&limit=1000`)) {
    if (!devices.has(one.device)) continue;
    newest.set(one.device, Math.min(newest.get(one.device) ?? Number.POSITIVE_INFINITY, Date.parse(one.ts)));
  }
  return newest;
}
