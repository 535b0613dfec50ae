import { type DeviceKey, deviceKey } from '../../model/ids.js';
import { openReadOnly } from '../../sqlite.js';

/** The most that one counter of a device can rise in an hour, as it is since change number `change`; null: not known. */
export interface MaxRateChange {
  readonly device: DeviceKey;
  readonly metric: string;
  readonly rate: number | null;
  readonly change: number;
}

/** Asks the registry for the rates of devices' counters, from any thread. */
export interface MaxRatesReader {
  /** What changed since change number `change`, in that order; from 0 on, all there is. */
  after(change: number): readonly MaxRateChange[];
  close(): void;
}

type Row = Omit<MaxRateChange, 'device'> & { readonly park: string; readonly device: string };

/** A reader with a read-only connection of its own; it sees what is durable. */
export function openMaxRates(statePath: string): MaxRatesReader {
  const db = openReadOnly(statePath);
  const after = db.prepare<[number], Row>(
    'SELECT park, device, metric, rate, change FROM max_rates WHERE change > ? ORDER BY change',
  );
  return {
    after: (change) =>
      after.all(change).map(({ park, device, ...row }) => ({ ...row, device: deviceKey(park, device) })),
    close: () => db.close(),
  };
}
