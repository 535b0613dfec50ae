import { DATA_FLAGS, type DataFlag, type Domain, QUALITIES, type Quality } from '../../model/reading.js';

/**
 * Format of readings in InfluxDB, shared by the writing and the reading side. A point of the raw bucket is one device
 * at one time (ms): measurement = domain, tags = `PointTags`, one float field per metric, and the fields below.
 * Roll-ups are one point per series and bucket of time, with the metric as a tag.
 */

/** The bucket of roll-ups and epochs, without retention, beside the bucket of the readings. */
export const rollupsBucket = (bucket: string): string => `${bucket}_rollups`;

/** Measurements of the roll-ups' bucket. */
export const hourMeasurement = (domain: Domain): string => `${domain}_1h`;
export const dayMeasurement = (domain: Domain): string => `${domain}_1d`;
/** Tag device; time = valid from; string fields `EPOCH_FIELDS`. */
export const EPOCHS = 'devices';
export const EPOCH_FIELDS = ['park', 'district', 'enterprise', 'domain'] as const;
/** Measurement of a test point that any healthy server accepts; no query reads it. */
export const CANARY = 'canary';

/** Integer, ms from event to receipt: for readings of the point without a delay of their own. */
export const DELAY = 'delay_ms';
/** Integer field of one metric, see `statusCode`; absent for a good reading with flag N. */
export const statusField = (metric: string): string => `${metric}_status`;
/** Integer field of one metric, ms from event to receipt; if absent, the point's `DELAY` applies. */
export const delayField = (metric: string): string => `${metric}_delay_ms`;

/** Flag and quality as one integer. */
export function statusCode(flag: DataFlag, quality: Quality): number {
  return QUALITIES.indexOf(quality) * 8 + DATA_FLAGS.indexOf(flag);
}

/** Index into QUALITIES. */
export const qualityOf = (status: number): number => status >> 3;
/** Index into DATA_FLAGS. */
export const flagOf = (status: number): number => status & 7;

/** Tags of a device's points from some time on. */
export interface PointTags {
  readonly park: string;
  readonly district: string;
  /** Empty for a device without an enterprise; the tag is then left out. */
  readonly enterprise: string;
  readonly domain: Domain;
}
