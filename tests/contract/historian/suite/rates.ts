import { expect, it } from 'vitest';
import type { Harness } from '../helpers.js';
import { DAY, ENERGY, HOUR, MINUTE, type Row, T0 } from '../readings.js';

const DAYS = 3;
/** 2 kWh/h; the second reading of every day shows 300 kWh too much. */
const rows: readonly Row[] = Array.from({ length: DAYS * 96 }, (_, i) => ({
  ts: T0 + i * 15 * MINUTE,
  value: 10 + i / 2 + (i % 96 === 1 ? 300 : 0),
  metric: ENERGY.metric,
}));
const TRUE_KWH = (rows.length - 1) / 2;
const HOURS = Array.from({ length: DAYS * 24 + 1 }, (_, i) => T0 + i * HOUR);
/** From roll-ups, from days of them, and from readings. */
const WAYS = [HOURS, [T0, T0 + DAYS * DAY], [T0, T0 + 5 * HOUR + 1, T0 + DAYS * DAY]];

/** Counters of devices that have a rate of their own. */
export function rateSuite(h: Harness): void {
  const perWindow = async (edges: readonly number[]) => {
    const found: number[] = [];
    const query = { series: [ENERGY], edges: Float64Array.from(edges), fn: 'delta' } as const;
    for await (const { value } of h.store.windows(query)) found.push(...value);
    return found;
  };
  const total = async (edges: readonly number[]) => (await perWindow(edges)).reduce((sum, one) => sum + one, 0);
  const totals = async () => {
    const [first, ...others] = await Promise.all(WAYS.map(total));
    for (const other of others) expect(other, 'whichever way').toBeCloseTo(first!, 6);
    return first!;
  };

  it('counts a meter by its registered rate from its first reading on, in every total', async () => {
    h.rates.set(ENERGY, 8);
    await h.put(...rows);
    await h.rollUp(T0 + 30 * HOUR);
    expect(await totals()).toBeCloseTo(TRUE_KWH, 6);
    await h.settle();
    expect(await totals()).toBeCloseTo(TRUE_KWH, 6);
  });

  it('makes totals of the past anew when a rate is registered or taken back, over restarts and crashes', async () => {
    await h.put(...rows);
    await h.settle();
    const learned = await totals();
    expect(learned).toBeGreaterThan(TRUE_KWH + 100);
    h.rates.set(ENERGY, 8);
    await h.settle();
    expect(await totals()).toBeCloseTo(TRUE_KWH, 6);
    await h.reopen();
    await h.replay();
    expect(await totals()).toBeCloseTo(TRUE_KWH, 6);
    h.rates.set(ENERGY, null);
    await h.crash();
    await h.settle();
    expect(await totals()).toBeCloseTo(learned, 6);
  });

  it('leaves totals whose readings are gone', async () => {
    await h.put(...rows);
    await h.settle(T0 + DAY);
    const [before, kept] = [await perWindow(HOURS), HOURS.findIndex((hour) => hour >= T0 + DAY)];
    h.rates.set(ENERGY, 8);
    await h.settle(T0 + DAY);
    const after = await perWindow(HOURS);
    expect(after.slice(0, kept)).toEqual(before.slice(0, kept));
    expect(after.slice(kept).reduce((sum, one) => sum + one, 0)).toBeCloseTo((DAYS - 1) * 48, 6);
  });
}
