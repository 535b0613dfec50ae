import { deviceOf } from '../model/ids.js';
import type { DeviceReadings, Reading } from '../model/reading.js';
import { readingsTopic } from '../model/wire/topic.js';
import type { QuarantineStore } from './quarantine-store.js';

/** Most readings in one quarantined message, far below the contract's bound for a message. */
const MAX_READINGS = 200;

/** Readings that the broker acknowledged and the historian's store refused. */
export interface RefusedByStore {
  readonly message: DeviceReadings;
  /** The store's own text. */
  readonly reason: string;
}

/**
 * Keeps refused readings in quarantine, guarded, as messages that can be replayed; durable when it resolves. When the
 * store refuses them again, the quarantine still holds them once.
 * @throws StorageUnavailableError
 * @throws QuarantineFullError
 */
export async function quarantineRefused(
  quarantine: QuarantineStore,
  refused: readonly RefusedByStore[],
  now: number,
): Promise<void> {
  await Promise.all(
    messagesOf(refused).map(({ message, reason }) => {
      const { park, domain, device, gateway, receivedAt, readings } = message;
      const topic = readingsTopic(park, domain, deviceOf(device));
      const payload = Buffer.from(JSON.stringify(itemsOf(readings)));
      const rejection = { topic, index: null, code: 'store_refused' as const, reason, ts: now };
      return quarantine.keepGuarded({ gateway, park, topic, payload }, receivedAt, [rejection]);
    }),
  );
}

/** Joins readings of one message with the same reason: the store reports each reading by itself. */
function messagesOf(refused: readonly RefusedByStore[]): readonly RefusedByStore[] {
  const messages = new Map<string, RefusedByStore[]>();
  for (const one of refused) {
    const { park, domain, device, gateway, receivedAt, readings } = one.message;
    const origin = JSON.stringify([park, domain, device, gateway, receivedAt, one.reason]);
    const parts = messages.get(origin) ?? [];
    messages.set(origin, parts);
    const last = parts.at(-1);
    if (last === undefined || last.message.readings.length + readings.length > MAX_READINGS) parts.push(one);
    else {
      const message = { ...one.message, readings: [...last.message.readings, ...readings] };
      parts[parts.length - 1] = { ...one, message };
    }
  }
  return [...messages.values()].flat();
}

interface Item {
  readonly ts: number;
  readonly values: Record<string, number>;
  flags?: Record<string, string>;
}

/** The readings as a gateway sends them, an item for each time; of the same metric and time the later wins. */
function itemsOf(readings: readonly Reading[]): Item[] {
  const items = new Map<number, Item>();
  const newest = new Map<string, Reading>();
  for (const reading of readings) newest.set(`${reading.ts} ${reading.metric}`, reading);
  for (const { metric, ts, value, flag } of newest.values()) {
    const item = items.get(ts) ?? { ts, values: {} };
    items.set(ts, item);
    item.values[metric] = value;
    if (flag !== 'N') item.flags = { ...item.flags, [metric]: flag };
  }
  return [...items.values()];
}
