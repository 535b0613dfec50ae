import { describe, expect, it } from 'vitest';
import type { MeterSwap, Void } from '../../../../../src/intensity/model/quantity/corrections.js';
import { swapErrors, voidErrors } from '../../../../../src/intensity/model/quantity/corrections.js';
import { fromThousandths } from '../../../../../src/intensity/model/quantity/grid.js';
import { consumption } from '../../../../../src/intensity/model/quantity/increment.js';
import { beginning, incrementsOf, MeterEvaluation } from '../../../../../src/intensity/model/quantity/meter.js';
import { amountOf, completenessOf, totalQuantity } from '../../../../../src/intensity/model/quantity/quantity.js';
import { DAY_MS, HOUR_MS } from '../../../../../src/model/time/duration.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { atHours, calendarRows, hours, MONDAY, meter, QUARTER, quarters, SHANGHAI } from './helpers.js';

const author = { by: 'chen', at: MONDAY, why: 'exchanged after ten years' };
const swapAt = (hour: number, closing: number, opening: number): MeterSwap => ({
  ts: MONDAY + hour * HOUR_MS,
  closing,
  opening,
  ...author,
});

const kwh = (readings: Parameters<typeof incrementsOf>[1], context = meter(), period = hours(0, 24)) =>
  fromThousandths(amountOf(consumption(incrementsOf(beginning(MONDAY), readings, period.to, context), period)));

describe('the consumption of a period', () => {
  it('divides an increment at the edges of the period, and loses nothing', () => {
    const increments = incrementsOf(
      beginning(MONDAY),
      atHours([0, 100], [0.5, 110], [1.5, 130]),
      hours(0, 2).to,
      meter(),
    );
    const [first, second] = [consumption(increments, hours(0, 1)), consumption(increments, hours(1, 1.5))];
    expect(first.measured).toBe(20_000);
    expect(second.measured).toBe(10_000);
    expect(completenessOf(first)).toBe(1);
    expect(completenessOf(consumption(increments, hours(0, 2)))).toBe(0.75);
  });

  it('puts what does not divide on the grid once, not twice', () => {
    const increments = incrementsOf(beginning(MONDAY), atHours([0, 0], [2, 0.1]), hours(0, 2).to, meter());
    const thirds = [0, 1, 2].map((i) => consumption(increments, hours((i * 2) / 3, ((i + 1) * 2) / 3)).measured);
    expect(thirds).toEqual([33, 34, 33]);
  });

  it('takes good readings alone, and leaves voided ones out', () => {
    const readings = quarters([100, 105, 160, 115]);
    const voided: Void = { from: MONDAY + 2 * QUARTER, to: MONDAY + 2 * QUARTER + 1, ...author, why: 'wrong digit' };
    const flagged = readings.with(2, { ...readings[2]!, quality: 'flagged' as const });
    expect(kwh(readings)).toBe(60);
    expect(kwh(readings, meter({ voids: [voided] }))).toBe(15);
    expect(kwh(flagged)).toBe(15);
  });

  it('adds days of 23 and 25 hours to their month', () => {
    const zone = new TimeZone('Europe/Berlin');
    const from = zone.toInstant(Date.UTC(2026, 2, 1));
    const to = zone.toInstant(Date.UTC(2026, 3, 1));
    const readings = Array.from({ length: 32 }, (_, i) => ({
      ts: from + i * DAY_MS,
      value: i * 777.7,
      quality: 'good' as const,
    }));
    const rules = [{ from, longerThanMs: 25 * HOUR_MS, method: 'none' as const }];
    const increments = incrementsOf(beginning(from), readings, to, meter({ gapRules: rules }));
    const days = calendarRows(increments, { from, to }, 'd', zone);
    const [month] = calendarRows(increments, { from, to }, 'mo', zone);
    expect(days).toHaveLength(31);
    expect(days.map((day) => (day.to - day.from) / HOUR_MS)).toContain(23);
    expect(totalQuantity(days.map(({ quantity }) => quantity))).toEqual(month!.quantity);
    // 30 days and 23 hours at 777.7 kWh a day.
    expect(amountOf(month!.quantity)).toBe(Math.round((777_700 * (30 * 24 + 23)) / 24));
  });
});

describe('an exchange of the meter', () => {
  const month = { from: SHANGHAI.toInstant(Date.UTC(2026, 4, 1)), to: SHANGHAI.toInstant(Date.UTC(2026, 5, 1)) };
  const swap: MeterSwap = { ts: month.from + 14.5 * DAY_MS, closing: 9_145.2, opening: 6_012.4, ...author };
  /** 10 kWh each day; the new meter is first read a day after it was put in. */
  const readings = Array.from({ length: 32 }, (_, day) => ({
    ts: month.from + day * DAY_MS,
    value: day <= 14 ? 9_000 + day * 10 : 6_012.4 + (day - 14.5) * 10,
    quality: 'good' as const,
  }));
  const rules = [{ from: 0, longerThanMs: 25 * HOUR_MS, method: 'none' as const }];
  const count = (swaps: readonly MeterSwap[]) => {
    const increments = incrementsOf(beginning(month.from), readings, month.to, meter({ swaps, gapRules: rules }));
    return consumption(increments, month);
  };

  it('in mid-month counts up to the closing reading and from the opening one', () => {
    // 140 to the 15th, 5.2 to the exchange, 165 from there to the reading at the month's end.
    const counted = count([swap]);
    expect(fromThousandths(counted.measured)).toBe(140 + 5.2 + 165);
    expect(completenessOf(counted)).toBe(1);
  });

  it('is found without a record, and what nobody read is not counted', () => {
    const counted = count([]);
    expect(fromThousandths(amountOf(counted))).toBe(140 + 160);
    expect(counted.measuredMs).toBe(30 * DAY_MS);
    expect(counted.knownMs).toBe(counted.measuredMs);
  });

  it('as recorded wins over what the readings look like', () => {
    // The new meter shows almost what the old one did: readings alone look like an ordinary rise.
    expect(kwh(atHours([0, 1000], [1, 1010], [2, 1022]), meter({ swaps: [swapAt(1.5, 1016, 1018)] }))).toBe(20);
    // The recorded closing reading is believed although the register had been silent.
    expect(kwh(atHours([0, 1000], [23, 3]), meter({ swaps: [swapAt(22, 9_000, 0)] }))).toBe(8_003);
  });

  it('bears a reading of the new meter before its time, and of the old one after it', () => {
    const readingsAround = atHours([0, 5000], [0.5, 3], [1.5, 5003], [2, 8]);
    expect(kwh(readingsAround, meter({ swaps: [swapAt(1, 5002, 0)] }))).toBe(10);
  });

  it('passes the modulus before it where the register could get so far, else says that the closing is below', () => {
    const rolled = meter({ swaps: [swapAt(1, 4, 0)] });
    expect(kwh(atHours([0, 99_999_990], [2, 6]), rolled)).toBe(20);
    const below = meter({ swaps: [swapAt(1, 900, 0)] });
    const evaluation = new MeterEvaluation(beginning(MONDAY), below);
    for (const reading of atHours([0, 1000], [2, 6])) evaluation.push(reading);
    evaluation.finish(MONDAY + DAY_MS);
    expect(evaluation.findings.map(({ kind }) => kind)).toEqual(['closing_below', 'recorded_swap']);
    expect(amountOf(consumption(evaluation.increments, hours(0, 24)))).toBe(6_000);
  });

  it('counts twice in one day', () => {
    const swaps = [swapAt(2, 110, 0), swapAt(1, 105, 50)];
    expect(kwh(atHours([0, 100], [1.5, 52], [3, 7]), meter({ swaps }))).toBe(5 + 60 + 7);
  });

  it('is refused where it cannot be', () => {
    const { bounds } = meter();
    const fields = (one: MeterSwap, others: MeterSwap[] = []) =>
      swapErrors(one, others, bounds, MONDAY + HOUR_MS).map(({ field }) => field);
    expect(fields(swapAt(1, 5, 0))).toEqual([]);
    expect(fields(swapAt(2, -1, 2e8))).toEqual(['ts', 'closing', 'opening']);
    expect(fields({ ...swapAt(1, 5, Number.NaN), by: ' ', why: '' })).toEqual(['opening', 'by', 'why']);
    expect(fields(swapAt(1, 5, 0), [swapAt(1, 6, 0)])).toEqual(['ts']);
    expect(voidErrors({ from: 5, to: 5, ...author, why: '' }).map(({ field }) => field)).toEqual(['to', 'why']);
  });
});
