/** HJ 212-2017 table 8, and P (power fault) of HJ/T 212-2005. */
export const EMISSION_FLAGS = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B', 'P'] as const;
export type EmissionFlag = (typeof EMISSION_FLAGS)[number];

/** One value of one pollutant or of the flow at one outlet, as it came: nothing is repaired in it. */
export interface EmissionValue {
  /** Epoch ms: the instant of a reading, or the start of the interval that a logger averaged over. */
  readonly ts: number;
  /** In the catalogue's unit. */
  readonly value: number;
  readonly flag: EmissionFlag;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** Length of the interval that the logger averaged over; left out of a reading. */
  readonly intervalMs?: number;
  /** Smallest and largest value in the interval, as the logger says. */
  readonly min?: number;
  readonly max?: number;
  /** m³ that the logger counted in the interval (`w00000-Cou`). */
  readonly volume?: number;
}

/** A value of a time with its first receipt: a value that is sent again is no later for it. */
export interface ReceivedValue extends EmissionValue {
  readonly firstReceivedAt: number;
}

/** Rising in time, one value for each time and interval, whatever the order and however often they came; the newest receipt counts. */
export function latestValues(values: Iterable<EmissionValue>): ReceivedValue[] {
  const found = new Map<string, ReceivedValue>();
  for (const value of values) {
    const key = `${value.ts}/${value.intervalMs ?? 0}`;
    const known = found.get(key);
    const firstReceivedAt = Math.min(known?.firstReceivedAt ?? value.receivedAt, value.receivedAt);
    const newest = known === undefined || isNewer(value, known) ? value : known;
    found.set(key, { ...newest, firstReceivedAt });
  }
  return [...found.values()].sort((a, b) => a.ts - b.ts || (a.intervalMs ?? 0) - (b.intervalMs ?? 0));
}

/** Of one receipt the larger entersStatistics, so that the order of arrival does not. */
function isNewer(value: EmissionValue, known: EmissionValue): boolean {
  if (value.receivedAt !== known.receivedAt) return value.receivedAt > known.receivedAt;
  if (value.value !== known.value) return value.value > known.value;
  return contentOf(value) > contentOf(known);
}

const contentOf = ({ flag, min, max, volume }: EmissionValue) => [flag, min, max, volume].join('/');
