import { type Increment, quantitiesBetween } from '../../../../../src/intensity/model/quantity/increment.js';
import type { MeterContext, RegisterReading } from '../../../../../src/intensity/model/quantity/meter.js';
import { metric } from '../../../../../src/model/catalogue/index.js';
import { withMaxRate } from '../../../../../src/model/counter/max-rates.js';
import { HOUR_MS, MINUTE_MS } from '../../../../../src/model/time/duration.js';
import { type Period, windowEdges } from '../../../../../src/model/time/windows.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';

export const ENERGY = metric('energy', 'import_energy_kwh')!;
export const SHANGHAI = new TimeZone('Asia/Shanghai');
/** 2026-05-04 00:00 in Shanghai, a Monday. */
export const MONDAY = Date.UTC(2026, 4, 3, 16);
export const QUARTER = 15 * MINUTE_MS;

/** A meter of at most 400 kWh an hour, with nothing declared of gaps. */
export function meter(context: Partial<MeterContext> = {}): MeterContext {
  return {
    bounds: withMaxRate(ENERGY, 400),
    gapRules: [],
    swaps: [],
    voids: [],
    zone: SHANGHAI,
    rates: () => [],
    measuredHour: () => null,
    ...context,
  };
}

/** Good readings a quarter of an hour apart, from `from` on. */
export function quarters(values: readonly number[], from = MONDAY): RegisterReading[] {
  return values.map((value, i) => ({ ts: from + i * QUARTER, value, quality: 'good' }));
}

/** Good readings at hours after Monday's midnight. */
export function atHours(...values: readonly (readonly [hour: number, value: number])[]): RegisterReading[] {
  return values.map(([hour, value]) => ({ ts: MONDAY + hour * HOUR_MS, value, quality: 'good' }));
}

export const hours = (from: number, to: number) => ({ from: MONDAY + from * HOUR_MS, to: MONDAY + to * HOUR_MS });

/** Rows of the zone's hours, days, months or years that cover a period. */
export function calendarRows(
  increments: readonly Increment[],
  { from, to }: Period,
  unit: 'h' | 'd' | 'mo' | 'y',
  of: TimeZone,
) {
  const edges = windowEdges(from, to, { count: 1, unit }, of, 20_000);
  return quantitiesBetween(increments, edges).map((quantity, i) => ({ from: edges[i]!, to: edges[i + 1]!, quantity }));
}
