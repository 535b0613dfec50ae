import type { KeepRefused } from '../port/store.js';
import type { KeyOf } from '../rollup/keyed-devices.js';
import type { RateSource } from '../rollup/meter-rates.js';
import type { TransportOptions } from './transport.js';
import type { TagsOf } from './write/encoder.js';

export interface InfluxOptions extends Omit<TransportOptions, 'onFailure'> {
  /** Of the progress file, which has the cursor too, and of the list of series. */
  readonly folder: string;
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
  /** Most bytes of the journal that are kept to be written again. */
  readonly rewriteBytes?: number;
}
