import type { KeyOf } from '../durable-file.js';
import type { KeepRefused } from '../port/store.js';
import type { RateSource } from '../rollup/meter-rates.js';
import type { TransportOptions } from './transport.js';
import type { TagsOf } from './write/encoder.js';

export interface InfluxOptions extends Omit<TransportOptions, 'onFailure'> {
  /** Folder of the progress file, which also has the cursor, and of the series list. */
  readonly folder: string;
  readonly bucket: string;
  readonly rawDays: number;
  /** IANA time zone of the daily roll-ups. */
  readonly timeZone: string;
  readonly tagsOf: TagsOf;
  /** Maximum rates of the devices' counters. */
  readonly rates?: RateSource;
  /** Resolves device ids in files of an older version, which stored no park. */
  readonly keyOf?: KeyOf;
  readonly keepRefused: KeepRefused;
  readonly onWarning: (message: string) => void;
  readonly clock?: () => number;
  /** Most bytes of the journal that are kept in order to write them again. */
  readonly rewriteBytes?: number;
}
