import type { MeterVersion } from '../../../../../src/intensity/model/boundary/tree.js';
import type { Quantity } from '../../../../../src/intensity/model/quantity/quantity.js';
import { HOUR_MS } from '../../../../../src/model/time/duration.js';
import type { Period } from '../../../../../src/model/time/windows.js';

export const PARK = { kind: 'park', id: 'binhai' } as const;
export const firm = (id: string) => ({ kind: 'enterprise', id }) as const;
const START = Date.UTC(2026, 0);

/** A time some hours after the beginning of 2026 UTC. */
export const hour = (n: number): number => START + n * HOUR_MS;
export const during = (from: number, to: number): Period => ({ from: hour(from), to: hour(to) });

export const meterOf = (device: string, register = 'import_energy_kwh') =>
  ({ device: `binhai/${device}`, register }) as const;

/** A meter of electricity that is there for good; a sub-meter where something is above it. */
export function version(device: string, above: string | null, rest: Partial<MeterVersion> = {}): MeterVersion {
  return {
    ...meterOf(device),
    ...{ from: hour(0), to: Number.POSITIVE_INFINITY },
    ...{ carrier: 'electricity', park: 'binhai', role: above === null ? 'main' : 'sub', owner: PARK },
    parent: above === null ? null : meterOf(above),
    ...rest,
  };
}

/** Wholly measured, so many thousandths an hour by device. */
export const steadily =
  (perHour: Readonly<Record<string, number>>) =>
  ({ device }: { readonly device: string }, { from, to }: Period): Quantity => {
    const measured = (perHour[device.slice('binhai/'.length)]! * (to - from)) / HOUR_MS;
    const ms = to - from;
    return { measured, estimated: 0, filled: 0, metered: 0, dueMs: ms, measuredMs: ms, knownMs: ms };
  };
