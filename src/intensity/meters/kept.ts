import { type Meter, type MeterVersion, meterKey } from '../model/boundary/tree.js';

/** What a meter counts, and where it stands. */
type Installation = Pick<MeterVersion, 'carrier' | 'park' | 'role' | 'owner' | 'parent'>;

/** What was said of one meter for a time, epoch ms in whole hours, instead of what was known of that time before. */
export interface MeterEdit extends Meter {
  readonly from: number;
  /** Null: without end. */
  readonly to: number | null;
  /** Null: the meter is in no tree in that time; a removal is recorded so. */
  readonly place: Installation | null;
}

/** The key of what was said of a meter; `parts` tell it from what else was said of the meter. */
export const meterFactKey = (meter: Meter, ...parts: readonly number[]): string =>
  [meterKey(meter), ...parts].join(' ');

/** The `meterKey` of what a key was made for: no name in it has a space. */
export const meterOfKey = (key: string): string => key.split(' ', 2).join(' ');
