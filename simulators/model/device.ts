import type { Domain } from '../../src/model/reading.js';

/** Values of one reading by metric key. */
export type Values = Record<string, number | boolean>;

/** A simulated device: its readings at any instant are a pure function of its seed. */
export interface DeviceModel {
  readonly id: string;
  readonly park: string;
  readonly domain: Domain;
  /** The device's limit profile, where limits depend on it. */
  readonly limitProfile?: string | undefined;
  /** The device's place, where an event there concerns other devices too. */
  readonly place?: string | undefined;
  /** @param ts epoch milliseconds, not before 2020 */
  values(ts: number): Values;
}

/** Arguments of every device model. */
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

/** Reading of an eight-digit (or other) register for a running total. */
export function register(total: number, digits: number, modulus: number): number {
  return round(total, digits) % modulus;
}
