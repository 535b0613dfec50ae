import { describe, expect, it } from 'vitest';
import {
  cubicMetres,
  kilograms,
  massOf,
  millilitresOfFlow,
  toGrid,
} from '../../../../src/emissions/model/statistics/amounts.js';
import { completenessRow } from '../../../../src/emissions/model/statistics/completeness.js';
import { effectiveDayOf, meanOfDays, tallyFigure } from '../../../../src/emissions/model/statistics/figure.js';
import { isProgramme } from '../../../../src/emissions/model/statistics/programme.js';
import { substitutesFor } from '../../../../src/emissions/model/statistics/substitutes.js';
import { EMPTY_TALLY, mergeTallies, type Tally } from '../../../../src/emissions/model/statistics/tally.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/model/time/duration.js';
import { at, DAY, dayOf, flowing, hourly, NOTHING, STEADY, samples, shown, slotsOf, value } from './helpers.js';

const figure = (tally: Tally, ms = DAY_MS) => tallyFigure(tally, 'flow', ms, 0.75);

describe('HJ 212-2017, appendix D', () => {
  const { slots, hours, day } = dayOf({ values: hourly(() => 40.1), flow: flowing(() => 17.5), rules: STEADY });

  it('17.5 L/s are 10.5 m³ in ten minutes, 63 in an hour, 1512 in a day', () => {
    expect(slots.map((slot) => shown(figure(slot).volume, 1))).toEqual(new Array(144).fill('10.5'));
    expect(hours.map((hour) => shown(figure(hour).volume, 1))).toEqual(new Array(24).fill('63.0'));
    expect(shown(figure(day).volume, 1)).toBe('1512.0');
    expect(shown(figure(day).meanFlow, 3)).toBe('17.500');
    expect(shown(figure(hours[0]!, HOUR_MS).meanFlow, 3)).toBe('17.500');
  });

  it('with 40.1 mg/L: 421.05 g, 2.5263 kg, 60.6312 kg', () => {
    // 40.1 × 10.5 = 421.05; × 63 = 2526.3; × 1512 = 60 631.2.
    expect(shown(figure(slots[0]!).mass?.measured, 5)).toBe('0.42105');
    expect(shown(figure(hours[0]!).mass?.measured, 4)).toBe('2.5263');
    expect(shown(figure(day).mass?.measured, 4)).toBe('60.6312');
    expect(shown(figure(day).mean, 6)).toBe('40.100000');
  });

  it('a real minute: 909.87 L/s × 60 s = 54.59 m³, 54.59 kg at 999.99 mg/L, 1.65 kg at 30.18', () => {
    const volume = millilitresOfFlow(909.87, MINUTE_MS);
    expect(shown(cubicMetres(volume), 2)).toBe('54.59');
    expect(shown(kilograms(massOf(toGrid(999.99), volume)), 2)).toBe('54.59');
    expect(shown(kilograms(massOf(toGrid(30.18), volume)), 2)).toBe('1.65');
  });
});

describe('the mean', () => {
  it('is weighted by flow, and idle hours have none', () => {
    // Hour 0: 3.6 m³ at 10 mg/L = 36 g; hour 1: 10.8 m³ at 40 = 432 g; 468 ÷ 14.4 = 32.5. The rest is no discharge.
    const flow = flowing((hour) => [1, 3][hour] ?? 0);
    const { hours, day } = dayOf({ values: hourly((hour) => [10, 40][hour] ?? 0), flow });
    const whole = figure(day);
    expect([shown(whole.mean, 3), shown(whole.arithmeticMean, 3)]).toEqual(['32.500', '25.000']);
    expect([shown(whole.min, 0), shown(whole.max, 0)]).toEqual(['10', '40']);
    expect(figure(hours[5]!)).toMatchObject({ mean: null, effectiveness: 'no_discharge' });
    expect(shown(figure(hours[5]!).mass?.measured, 3)).toBe('0.000');
    expect(day).toMatchObject({ expected: 2, valid: 2, idleSlots: 132 });
  });

  it('is exact where a small flow meets the limit all day', () => {
    const { day } = dayOf({
      values: hourly(() => 0.1),
      flow: flowing(() => 0.000_037),
      rules: { ...STEADY, detection: null },
    });
    expect(figure(day).mean).toEqual({ unscaled: 10n ** 19n, digits: 20 });
  });

  it('of pH is arithmetic with its range, and has no mass', () => {
    const { day } = dayOf({
      values: hourly((hour) => (hour < 12 ? 6 : 9)),
      flow: flowing((hour) => (hour < 12 ? 1 : 9)),
      rules: STEADY,
    });
    const ph = tallyFigure(day, 'range', DAY_MS, 0.75);
    expect([shown(ph.mean, 2), shown(ph.min, 0), shown(ph.max, 0), ph.mass]).toEqual(['7.50', '6', '9', null]);
  });

  it('has what is below detection as the substitute, counted', () => {
    const { day } = dayOf({ values: hourly((hour) => (hour < 6 ? 0.3 : 10)), flow: flowing(() => 1), rules: STEADY });
    expect(shown(figure(day).arithmeticMean, 2)).toBe('8.00');
    expect([shown(figure(day).min, 1), day.belowDetection]).toEqual(['2.0', 6]);
  });
});

describe('whether a day is effective', () => {
  it.each([
    [18, 'effective'],
    [17, 'not_effective'],
  ])('with %i of 24 hours valid: %s', (valid, effectiveness) => {
    const values = hourly((hour) => 50 + hour).map((one, hour) =>
      hour < valid ? one : { ...one, flag: 'D' as const },
    );
    const { day } = dayOf({ values, flow: flowing(() => 1) });
    expect(figure(day).effectiveness).toBe(effectiveness);
    expect(completenessRow(day, 0.75)).toMatchObject({
      ...{ expected: 24, received: 24, valid, invalid: 24 - valid, missing: 0, effectiveness },
      byReason: { flag: 24 - valid },
    });
  });

  it('is counted by the programme of the analyser, while there is discharge', () => {
    // Every two hours; discharge from 08:00 to 18:00 are five intervals, one without a value.
    const flow = flowing((hour) => (hour >= 8 && hour < 18 ? 2 : 0));
    const values = [8, 10, 12, 16].map((hour) => value(at(hour), 60 + hour));
    const { day, hours } = dayOf({ values, flow, everyMs: 2 * HOUR_MS });
    expect(day).toMatchObject({ expected: 5, valid: 4, lost: { missing: 1 } });
    expect(hours.map(({ expected }) => expected).join('')).toBe('000000001010101010000000');
    // The value of 08:00 also holds for 09:00: 2 L/s for an hour are 7.2 m³, at 68 mg/L 489.6 g.
    expect(shown(figure(hours[9]!).mass?.measured, 4)).toBe('0.4896');
    // So does its verdict: 14:00 has no value, 18:00 no discharge.
    const verdicts = [8, 9, 14, 15, 18].map((hour) => figure(hours[hour]!, HOUR_MS).effectiveness);
    expect(verdicts).toEqual(['effective', 'effective', 'not_effective', 'not_effective', 'no_discharge']);
    expect([HOUR_MS, 2 * HOUR_MS, 600_000, 5 * HOUR_MS, 300_000].map((everyMs) => isProgramme({ everyMs }))).toEqual([
      ...[true, true, true, false, false],
    ]);
  });

  it('names what came late, once, by its first receipt', () => {
    const late = value(at(3), 50, { receivedAt: at(9) });
    const again = value(at(4), 51, { receivedAt: at(20) });
    const values = [...hourly((hour) => 47 + hour).filter(({ ts }) => ts !== late.ts), late, again];
    expect(dayOf({ values, flow: flowing(() => 1) }).day).toMatchObject({ valid: 24, late: 1 });
  });
});

describe('mass', () => {
  // 1 L/s: 3.6 m³ an hour. Twenty hours of 50 mg/L are 3.6 kg; four hours are missing.
  const flow = flowing(() => 1);
  const values = hourly((hour) => (hour < 20 ? (hour % 2 === 0 ? 40 : 60) : null));

  it('is what was measured, with substitutes, and at worst', () => {
    const substitutes = { ...NOTHING, concentration: toGrid(45) };
    const { mass } = figure(dayOf({ values, flow, substitutes }).day);
    // 20 × 3.6 × 50 = 3600 g; 14.4 m³ at 45 = 648 g; at 60 = 864 g.
    expect([mass?.measured, mass?.withSubstitutes, mass?.worst].map((one) => shown(one, 3))).toEqual([
      ...['3.600', '4.248', '4.464'],
    ]);
  });

  it('has no figure with substitutes where nothing can stand in: a gap is not 0', () => {
    const { mass } = figure(dayOf({ values, flow }).day);
    expect([shown(mass?.measured, 3), mass?.withSubstitutes, shown(mass?.worst, 3)]).toEqual(['3.600', null, '4.464']);
    expect(figure(dayOf({ values: [], flow }).day).mass).toMatchObject({ withSubstitutes: null, worst: null });
  });

  it('has at worst what an instrument at the end of its range showed', () => {
    const over = value(at(21), 200, { flag: 'T' });
    const { day } = dayOf({ values: [...values, over], flow });
    // 14.4 m³ at 200 = 2880 g.
    expect(shown(figure(day).mass?.worst, 3)).toBe('6.480');
    expect(day.lost).toEqual({ missing: 3, flag: 1 });
  });

  it('takes manual samples first, each for six hours at most', () => {
    const all = hourly((hour) => (hour < 8 ? 40 + hour : null));
    const substitutes = { concentration: toGrid(45), slot: null, samples: samples([at(8, 30), 30], [at(20), 70]) };
    const { day } = dayOf({ values: all, flow, substitutes });
    // Hours 8 to 13 are nearer to the first (middle 13:30 is 5 h away), 14 to 23 to the second; 22:30 and 23:30 are within 6 h.
    // 6 × 3.6 × 30 = 648 g; 10 × 3.6 × 70 = 2520 g.
    expect(day).toMatchObject({ substitutedCount: 16, manualCount: 16 });
    expect(shown(kilograms(day.manual), 3)).toBe('3.168');
  });

  it('has a figure for flow that is unknown, which is not 0', () => {
    const holed = flowing((hour) => (hour === 5 ? null : 1));
    const steady = hourly(() => 50);
    const rules = STEADY;
    const without = figure(dayOf({ values: steady, flow: holed, rules }).day);
    // 23 × 3.6 × 50 = 4140 g; at worst the hour has the largest ten minutes six times: 180 g.
    expect([shown(without.mass?.measured, 3), without.mass?.withSubstitutes, shown(without.mass?.worst, 3)]).toEqual([
      ...['4.140', null, '4.320'],
    ]);
    const substitutes = { ...NOTHING, slot: 500_000n };
    const filled = figure(dayOf({ values: steady, flow: holed, rules, substitutes }).day);
    // 3 m³ at the measured 50 mg/L.
    expect([shown(filled.mass?.withSubstitutes, 3), shown(filled.volume, 1), shown(filled.knownVolume, 1)]).toEqual([
      ...['4.290', '85.8', '82.8'],
    ]);
  });
});

describe('substitutes', () => {
  const effective = [-1, -2, -3, -40].map((ago) => ({
    ...{ from: DAY.from + ago * DAY_MS, mean: toGrid(-10 * ago), meanSlot: 600_000n },
  }));
  const of = (calibrations: readonly number[]) => substitutesFor(DAY, effective, calibrations, []).concentration;

  it('are the mean of effective days since the last passed calibration', () => {
    expect(of([DAY.from - 2 * DAY_MS + HOUR_MS])).toBe(toGrid(15));
    expect(of([DAY.from - 9 * DAY_MS])).toBe(toGrid(20));
    // After the day: it was not known to pass when the values were lost.
    expect(of([DAY.from - 9 * DAY_MS, DAY.to])).toBe(toGrid(20));
  });

  it('are of thirty days where no calibration is known, and nothing without any', () => {
    expect(of([])).toBe(toGrid(20));
    expect(substitutesFor({ from: 0, to: DAY_MS }, effective, [], [])).toEqual(NOTHING);
  });

  it('come from days that are effective alone', () => {
    const { day } = dayOf({ values: hourly((hour) => 40 + hour), flow: flowing((hour) => (hour < 12 ? 1 : 0)) });
    // Means of 40 to 51 weighted alike: 45.5; 0.6 m³ in each ten minutes with discharge.
    expect(effectiveDayOf(DAY.from, day, 'flow', 0.75)).toEqual({
      from: DAY.from,
      mean: toGrid(45.5),
      meanSlot: 600_000n,
    });
    expect(effectiveDayOf(DAY.from, { ...day, valid: 8 }, 'flow', 0.75)).toBeNull();
  });
});

describe('the volume of ten minutes', () => {
  const rise = (from: number, to: number, m3: number) => ({ from, to, m3 });
  const of = (slots: ReturnType<typeof slotsOf>, from: number, to: number) =>
    slots.slice(from * 6, to * 6).map(({ volume, source }) => `${source} ${volume}`);

  it('is the logger’s count where it gives one, of an hour shared out evenly', () => {
    const slots = slotsOf([value(at(2), 17.5, { intervalMs: HOUR_MS, volume: 63 }), value(at(3), 1)]);
    expect(of(slots, 2, 3)).toEqual(new Array(6).fill('logger 10500000'));
    expect(of(slots, 3, 4)).toEqual(['flow 600000', ...new Array(5).fill('unknown null')]);
  });

  it('is a totaliser’s difference, spread over what is unknown between its readings', () => {
    const flow = flowing((hour) => (hour === 6 || hour === 7 ? null : 1));
    // 3.6 m³ of hour 5 are known; 11.1 − 3.6 = 7.5 m³ over twelve slots.
    const slots = slotsOf(flow, [rise(at(5), at(8), 11.1)]);
    expect(of(slots, 6, 8)).toEqual(new Array(12).fill('totaliser 625000'));
    expect(of(slots, 5, 6)).toEqual(new Array(6).fill('flow 600000'));
    // No more than was counted.
    expect(of(slotsOf(flow, [rise(at(5), at(8), 1)]), 6, 7)).toEqual(new Array(6).fill('totaliser 0'));
  });

  it('shares a difference out to the last millilitre', () => {
    const slots = slotsOf([], [rise(at(0), at(1), 0.000_007)]);
    expect(slots.slice(0, 6).reduce((sum, { volume }) => sum + volume!, 0n)).toBe(7n);
  });
});

it('a month is the mean of its effective days, and needs three quarters of them', () => {
  const days = [10, 20, 60].map((one, at) => ({
    ...EMPTY_TALLY,
    ...{
      volume: 1_000n,
      measuredVolume: 1_000n,
      measured: toGrid(one) * 1_000n,
      expected: 24,
      valid: at === 2 ? 17 : 24,
    },
  }));
  const idle = { ...EMPTY_TALLY, idleSlots: 144 };
  const month = meanOfDays([...days, idle], 'flow', 0.75);
  expect([shown(month.mean, 2), month.effectiveDays, month.days, month.isEffective]).toEqual(['15.00', 2, 3, false]);
  expect(meanOfDays([days[0]!, days[1]!, idle], 'flow', 0.75).isEffective).toBe(true);
  expect(meanOfDays([idle], 'flow', 0.75)).toMatchObject({ mean: null, isEffective: false });
  // By flow it is (10 + 20 + 60) ÷ 3.
  expect(shown(figure(mergeTallies(days)).mean, 2)).toBe('30.00');
});
