import type { Period } from '../../model/time/windows.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import type { MeterBook, MonthCorrection } from '../port.js';

/**
 * What was said of the readings of meters: swaps and voids, each with whether it has its effect.
 * @returns those of a meter in a period, by time
 */
export function correctionsOf(book: Pick<MeterBook, 'corrections' | 'keptSince'>, meters: Iterable<Meter>) {
  const keptSince = book.keptSince();
  const known = new Map<string, readonly MonthCorrection[]>();
  for (const { device, register } of meters) {
    const meter = { device, register };
    const key = meterKey(meter);
    if (known.has(key)) continue;
    const { swaps, voids } = book.corrections(meter);
    const of = (
      what: MonthCorrection['what'],
      { from, to }: Period,
      said: { by: string; at: number; why: string },
    ) => ({
      ...{ what, ...meter, from, to, by: said.by, at: said.at, why: said.why },
      hasEffect: from >= keptSince,
    });
    const all = [
      ...swaps.map((one) => of('swap', { from: one.ts, to: one.ts + 1 }, one)),
      ...voids.map((one) => ({
        ...of('void', one, one),
        ...(one.readings !== undefined && { readings: one.readings }),
      })),
    ];
    if (all.length > 0)
      known.set(
        key,
        all.sort((a, b) => a.from - b.from),
      );
  }
  return (meter: Meter, period: Period): readonly MonthCorrection[] =>
    known.get(meterKey(meter))?.filter(({ from, to }) => from < period.to && to > period.from) ?? [];
}
