import { grouped } from '../../model/grouped.js';
import { meterKey } from '../model/boundary/tree.js';
import type { Month } from '../model/statistics/period.js';
import type { MeterPart } from './kept-quantities.js';

/** Meters whose readings are in memory at once: of many months, and of few. */
const METERS_AT_ONCE = { fewest: 16, most: 64 };
const METER_MONTHS_AT_ONCE = 384;

/** A quantity to be worked out, and its place in the order in which it was asked for. */
export interface Missing {
  readonly piece: MeterPart;
  readonly at: number;
}

/** What is worked out at once: of each meter those of its pieces that lie in these months. */
export interface Step {
  readonly group: readonly (readonly Missing[])[];
  readonly months: ReadonlySet<Month>;
}

/**
 * All that is missing, in steps of bounded memory. Meters of which about as much is missing go together, so that for one
 * with years to read nothing more is read of the others.
 */
export function* stepsOf(missing: readonly Missing[]): Generator<Step> {
  for (const alike of grouped(byMeter(missing), ({ length }) => Math.ceil(Math.log2(length))).values()) {
    const longest = alike.reduce((most, { length }) => Math.max(most, length), 0);
    const { fewest, most } = METERS_AT_ONCE;
    const meters = Math.min(most, Math.max(fewest, Math.floor(METER_MONTHS_AT_ONCE / longest)));
    for (let i = 0; i < alike.length; i += meters) {
      const group = alike.slice(i, i + meters);
      const months = [...new Set(group.flatMap((some) => some.map(({ piece }) => piece.month)))].sort((a, b) => a - b);
      const atOnce = Math.max(1, Math.floor(METER_MONTHS_AT_ONCE / group.length));
      for (let m = 0; m < months.length; m += atOnce) {
        const some = new Set(months.slice(m, m + atOnce));
        yield { group: group.filter((own) => own.some(({ piece }) => some.has(piece.month))), months: some };
      }
    }
  }
}

/** A meter comes as few objects again and again: these are told apart faster than its names. */
function byMeter(missing: readonly Missing[]): Missing[][] {
  const byObject = grouped(missing, ({ piece }) => piece.meter).values();
  const byName = grouped(byObject, ([one]) => `${meterKey(one!.piece.meter)} ${one!.piece.meter.carrier}`);
  return Array.from(byName.values(), (some) => (some.length === 1 ? some[0]! : some.flat()));
}
