import type { DeviceKey } from './ids.js';

/** The four domains that parks report on; `traffic` is people and vehicles. */
export const DOMAINS = ['energy', 'wastewater', 'fire', 'traffic'] as const;
export type Domain = (typeof DOMAINS)[number];

export function isDomain(text: string): text is Domain {
  return (DOMAINS as readonly string[]).includes(text);
}

/**
 * HJ 212-2017 table 8: N normal, F stopped, M maintenance, S set by hand, D fault, C calibration,
 * T over the upper range, B communication fault between instrument and logger.
 */
export const DATA_FLAGS = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B'] as const;
export type DataFlag = (typeof DATA_FLAGS)[number];

/**
 * The verdict stored with every value. Values of all verdicts are stored; statistics use `good` alone. `flagged`: the
 * device sent a data flag other than N. `out_of_range`: outside the catalogue's plausible range.
 */
export const QUALITIES = ['good', 'flagged', 'out_of_range'] as const;
export type Quality = (typeof QUALITIES)[number];

/** One value of one metric. `ts` is event time in epoch milliseconds; booleans are stored as 1 and 0. */
export interface Reading {
  readonly metric: string;
  readonly ts: number;
  readonly value: number;
  readonly flag: DataFlag;
  readonly quality: Quality;
}

/**
 * The readings of one message: one device, one time of receipt (epoch milliseconds). `replayedAt` is set when the
 * message waited in quarantine until then: it gives the readings' age, the receipt gives their order of arrival.
 */
export interface DeviceReadings {
  readonly park: string;
  readonly domain: Domain;
  readonly device: DeviceKey;
  readonly gateway: string;
  readonly receivedAt: number;
  readonly replayedAt?: number;
  readonly readings: readonly Reading[];
}
