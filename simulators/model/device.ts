import type { Domain } from '../../src/model/reading.js';

/** Values of one reading by metric key. */
export type Values = Record<string, number | boolean>;

/** A simulated device: what it would read at any instant, a pure function of the seed it was made with. */
export interface DeviceModel {
  readonly id: string;
  readonly park: string;
  readonly domain: Domain;
  /** The limit profile it belongs to, where limits depend on what is measured. */
  readonly limitProfile?: string | undefined;
  /** Where it stands, where what happens there concerns others too. */
  readonly place?: string | undefined;
  /** @param ts epoch milliseconds, not before 2020 */
  values(ts: number): Values;
}

/** What every device model is made from. */
export interface DeviceSeat {
  readonly id: string;
  readonly park: string;
  readonly seed: number;
}

/** Rounds to `digits` decimals, as a meter's display does. */
export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** What an eight-digit (or other) register shows of a running total. */
export function register(total: number, digits: number, modulus: number): number {
  return round(total, digits) % modulus;
}
