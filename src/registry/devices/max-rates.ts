import { type MaxRates, maxRateProblem, sameMaxRates } from '../../model/counter/max-rates.js';
import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { Database } from '../../sqlite.js';
import { type Device, type DeviceInput, RegistryError } from '../port.js';

interface Row {
  readonly park: string;
  readonly device: string;
  readonly metric: string;
  readonly rate: number;
}

const WRITE = `INSERT INTO max_rates
  VALUES (@park, @device, @metric, @rate, (SELECT coalesce(max(change), 0) + 1 FROM max_rates))
  ON CONFLICT (park, device, metric) DO UPDATE SET rate = excluded.rate, change = excluded.change`;

/**
 * The rates of devices' counters. They belong to the series of the device's history, and stay with them when it leaves the
 * registry: what was counted by them goes on so when it is heard again.
 */
export class MaxRateBook {
  private readonly byDevice = new Map<DeviceKey, MaxRates>();

  constructor(db: Database) {
    const rows = db.prepare<[], Row>('SELECT park, device, metric, rate FROM max_rates WHERE rate IS NOT NULL').all();
    for (const { park, device, metric, rate } of rows) {
      const key = deviceKey(park, device);
      this.byDevice.set(key, { ...this.byDevice.get(key), [metric]: rate });
    }
  }

  of(key: DeviceKey): MaxRates | null {
    return this.byDevice.get(key) ?? null;
  }

  /** The device with its rates; an id may have been of another domain before. */
  with(device: Device): Device {
    const maxRates = this.of(deviceKey(device.park, device.id));
    return maxRates === null || maxRateProblem(device.domain, maxRates) ? device : { ...device, maxRates };
  }

  /** Writes what is new, within the transaction that writes the device. */
  save(db: Database, key: DeviceKey, rates: MaxRates | null): void {
    const before = this.of(key) ?? {};
    const write = db.prepare(WRITE);
    for (const metric of new Set([...Object.keys(before), ...Object.keys(rates ?? {})])) {
      const rate = rates?.[metric] ?? null;
      if (rate !== (before[metric] ?? null)) write.run({ park: parkOf(key), device: deviceOf(key), metric, rate });
    }
  }

  keep(key: DeviceKey, rates: MaxRates | null): void {
    if (rates === null) this.byDevice.delete(key);
    else this.byDevice.set(key, rates);
  }
}

/** @throws RegistryError when the device has no such counter, or none can be so fast */
export function checkRates({ domain, maxRates }: DeviceInput): void {
  const problem = maxRateProblem(domain, maxRates ?? {});
  if (problem === null) return;
  throw new RegistryError('invalid', 'invalid_max_rate', problem.expected, `maxRates.${problem.metric}`);
}

/** The change to a device, none where the given rates are those it has; an empty list becomes null. */
export function changedRates(before: Device['maxRates'], given: Device['maxRates']): Pick<Device, 'maxRates'> {
  if (sameMaxRates(before, given)) return {};
  return { maxRates: given && Object.keys(given).length > 0 ? given : null };
}
