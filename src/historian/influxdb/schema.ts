import { DATA_FLAGS, type DataFlag, type Domain, QUALITIES, type Quality } from '../../model/reading.js';

/**
 * How readings lie in InfluxDB: what both the writing and the reading side must agree on. A point of the raw bucket is
 * one device at one time (ms): measurement = domain, tags = `DeviceTags`, one float field per metric, and beside them what
 * is below. Roll-ups are one point per series and bucket of time, with the metric as a tag.
 */

/** The bucket of roll-ups and epochs, which are kept for good, beside the bucket of the readings. */
export const rollupsBucket = (bucket: string): string => `${bucket}_rollups`;

/** Measurements of the roll-ups' bucket. */
export const hourMeasurement = (domain: Domain): string => `${domain}_1h`;
export const dayMeasurement = (domain: Domain): string => `${domain}_1d`;
/** Tag device; time = valid from; string fields `EPOCH_FIELDS`. */
export const EPOCHS = 'devices';
export const EPOCH_FIELDS = ['park', 'district', 'enterprise', 'domain'] as const;
/** Where a point is tried that any healthy server takes; nobody reads it. */
export const CANARY = 'canary';

/** Integer, ms from event to receipt: of every reading of the point that has none of its own. */
export const DELAY = 'delay_ms';
/** Integer field of one metric, see `statusCode`; absent means a good reading of flag N. */
export const statusField = (metric: string): string => `${metric}_status`;
/** Integer field of one metric, ms from event to receipt; absent means that of the point, `DELAY`. */
export const delayField = (metric: string): string => `${metric}_delay_ms`;

/** Flag and quality as one integer. */
export function statusCode(flag: DataFlag, quality: Quality): number {
  return QUALITIES.indexOf(quality) * 8 + DATA_FLAGS.indexOf(flag);
}

/** Index into QUALITIES, of a status. */
export const qualityOf = (status: number): number => status >> 3;
/** Index into DATA_FLAGS, of a status. */
export const flagOf = (status: number): number => status & 7;

/** What a device belongs to: the tags of its points, from some time on. */
export interface DeviceTags {
  readonly park: string;
  readonly district: string;
  /** Empty when it belongs to none; then the tag is left out. */
  readonly enterprise: string;
  readonly domain: Domain;
}
