import type { DeviceReadings, Reading } from '../domain/reading.js';
import { readingsTopic } from '../domain/wire/topic.js';
import type { QuarantineStore } from './quarantine-store.js';

/** Readings that were acknowledged and that the store of history will not take. */
export interface RefusedByStore {
  readonly message: DeviceReadings;
  /** The store's own words. */
  readonly reason: string;
}

/**
 * Keeps refused readings in quarantine, as a message that can be replayed; durable when it resolves. Refused again after
 * a crash they are kept again.
 * @throws StorageUnavailable
 */
export async function quarantineRefused(
  quarantine: QuarantineStore,
  refused: readonly RefusedByStore[],
  now: number,
): Promise<void> {
  await Promise.all(
    refused.map(({ message, reason }) => {
      const { park, domain, device, gateway, receivedAt, readings } = message;
      const topic = readingsTopic(park, domain, device);
      const payload = Buffer.from(JSON.stringify(itemsOf(readings)));
      const rejection = { topic, index: null, code: 'store_refused' as const, reason, ts: now };
      return quarantine.keep({ gateway, park, topic, payload }, receivedAt, [rejection]);
    }),
  );
}

interface Item {
  readonly ts: number;
  readonly values: Record<string, number>;
  readonly flags: Record<string, string>;
}

/** The readings as a gateway would send them, an item for each time. */
function itemsOf(readings: readonly Reading[]): Item[] {
  const items = new Map<number, Item>();
  for (const { metric, ts, value, flag } of readings) {
    const item = items.get(ts) ?? { ts, values: {}, flags: {} };
    items.set(ts, item);
    item.values[metric] = value;
    if (flag !== 'N') item.flags[metric] = flag;
  }
  return [...items.values()];
}
