import type { Believed } from '../intensity/model/statistics/ledger.js';
import type { WriteTime } from '../model/time/rfc3339.js';

/** Who recorded something in a ledger, when, from where and why. */
export const recordedToWire = (
  { version, recordedAt, by, source, reason }: Omit<Believed<unknown>, 'key' | 'value'>,
  time: WriteTime,
) => ({ version, recordedAt: time(recordedAt), by, source, reason: reason ?? null });
