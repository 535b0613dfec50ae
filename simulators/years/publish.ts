import { readingsTopic } from '../../src/model/wire/topic.js';
import type { GatewayLink } from '../link/gateway-link.js';
import { FIRST_YEAR, type ParkPlan } from './plan.js';
import { metersOf, monthAt, monthStart, registerReadings, type YearMeter } from './registers.js';
import { METERED, type Month, monthOf } from './truth.js';

/** One park of the history, and the gateway that its registers come through. */
export interface YearPark {
  readonly plan: ParkPlan;
  readonly link: Pick<GatewayLink, 'publish'>;
  /** The newest reading that the service has of each device, epoch ms. */
  readonly newest: ReadonlyMap<string, number>;
}

export interface YearProgress {
  months: number;
  readings: number;
  dropped: number;
}

/** Messages that a gateway has in flight, and the months of one. */
const IN_FLIGHT = 8;
const MONTHS = 3;

/**
 * Sends the registers as they were read up to `to`, the oldest first, all devices of a quarter together. What the service
 * has already is not sent again. Resolves when all is acknowledged, or at the signal.
 */
export async function publishYears(
  parks: readonly YearPark[],
  to: number,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (done: YearProgress) => void } = {},
): Promise<YearProgress> {
  const progress: YearProgress = { months: 0, readings: 0, dropped: 0 };
  const quarters = quartersTo(to);
  const all = Promise.all(parks.map((park) => publishPark(park, quarters, to, progress, signal, onProgress)));
  const stopped = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([all, stopped]);
  return progress;
}

/** The months that each quarter begins with, from the first year on. */
export function quartersTo(to: number): Month[] {
  const first = monthOf(FIRST_YEAR, 1);
  return Array.from({ length: Math.ceil((monthAt(to) - first + 1) / MONTHS) }, (_, i) => first + i * MONTHS);
}

async function publishPark(
  { plan, link, newest }: YearPark,
  quarters: readonly Month[],
  to: number,
  progress: YearProgress,
  signal: AbortSignal | undefined,
  onProgress: ((done: YearProgress) => void) | undefined,
): Promise<void> {
  const working = new Set<Promise<void>>();
  const devices = new Map<string, YearMeter[]>();
  for (const meter of metersOf(plan)) devices.set(meter.device, [...(devices.get(meter.device) ?? []), meter]);
  for (const month of quarters) {
    const span = { from: monthStart(month), to: Math.min(to, monthStart(month + MONTHS) - 1) };
    for (const [device, meters] of devices) {
      if (signal?.aborted) return;
      const from = Math.max(span.from, (newest.get(device) ?? 0) + 1);
      const items = itemsOf(meters, from, span.to);
      if (items.length === 0) continue;
      const topic = readingsTopic(plan.id, METERED[meters[0]!.carrier].domain, device);
      const sent = link
        .publish(topic, JSON.stringify(items))
        .then((outcome) => {
          progress[outcome === 'acknowledged' ? 'readings' : 'dropped'] += items.length * meters.length;
          onProgress?.(progress);
        })
        .finally(() => working.delete(sent));
      working.add(sent);
      if (working.size >= IN_FLIGHT) await Promise.race(working);
    }
    progress.months += MONTHS;
    onProgress?.(progress);
  }
  await Promise.all(working);
}

/** The registers of one device, time by time. */
function itemsOf(meters: readonly YearMeter[], from: number, to: number) {
  const items = new Map<number, Record<string, number>>();
  for (const meter of meters) {
    for (const { ts, value } of registerReadings(meter, from, to)) {
      items.set(ts, { ...items.get(ts), [meter.register]: value });
    }
  }
  return [...items].map(([ts, values]) => ({ ts, values }));
}
