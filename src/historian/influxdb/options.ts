import type { KeepRefused } from '../port/store.js';
import type { KeyOf } from '../rollup/keyed-devices.js';
import type { RateSource } from '../rollup/meter-rates.js';
import type { InfluxApi } from './transport.js';
import type { TagsOf } from './write/encoder.js';

export interface InfluxOptions {
  /** Of the cursor and the marks of roll-ups. */
  readonly folder: string;
  readonly url: string;
  readonly api: InfluxApi;
  readonly token?: string;
  readonly org?: string;
  readonly bucket: string;
  readonly rawDays: number;
  /** IANA time zone in which daily roll-ups are cut. */
  readonly timeZone: string;
  readonly tagsOf: TagsOf;
  /** Bounds of devices' counters. */
  readonly rates?: RateSource;
  /** For what a version left here that named devices by their ids alone. */
  readonly keyOf?: KeyOf;
  readonly keepRefused: KeepRefused;
  readonly onWarning: (message: string) => void;
  readonly clock?: () => number;
  /** Milliseconds for the answer to a write, and for each part of that to a query. */
  readonly timeoutMs?: number;
  readonly queryTimeoutMs?: number;
  /** Most bytes of the journal that are kept to be written again. */
  readonly rewriteBytes?: number;
}
