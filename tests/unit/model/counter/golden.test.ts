import { describe, expect, it } from 'vitest';
import { metric } from '../../../../src/model/catalogue/index.js';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ENERGY = metric('energy', 'import_energy_kwh')!;
const WATER = metric('energy', 'water_volume_m3')!;
const PEOPLE = metric('traffic', 'people_in')!;

/** What is counted of readings a quarter of an hour apart, or at the times given. */
function counted(values: readonly (number | readonly [ts: number, value: number])[], of = ENERGY, every = 15): number {
  const counter = new CounterIncrements(of);
  return values.reduce<number>((sum, one, i) => {
    const [ts, value] = typeof one === 'number' ? [i * every * MINUTE, one] : one;
    return sum + counter.push(ts, value).increment;
  }, 0);
}

describe('a counter of unknown size', () => {
  it.each<[name: string, readings: number[], consumed: number]>([
    ['a reading far above', [1000, 1005, 8000, 1010, 1015, 1020], 20],
    ['two readings far above', [1000, 1005, 8000, 8003, 1015, 1020], 20],
    ['two that have nothing to do with each other', [1000, 1005, 8000, 5500, 1015, 1020], 20],
    ['one stuck far above', [1000, 1005, 8000, 8000, 8000, 1020, 1025], 25],
    ['a reading of zero near the modulus', [99_999_000, 99_999_005, 0, 99_999_010, 99_999_015, 99_999_020], 20],
    ['a first reading that is too low', [0, 1000, 1005], 5],
    ['a first reading that is too high', [8000, 1000, 1005], 5],
    ['a restart that finds its old total again', [500, 500.2, 0, 0.01, 0.02, 500.4, 500.6], 0.6],
    ['the same, with nothing else', [500.2, 0, 0.01, 0.02, 500.4], 0.2],
    ['a momentary zero', [13_423.7, 0, 13_423.9], 0.2],
    ['a fall of the last digit', [215.6, 215.7, 215.6, 215.7, 215.8], 0.2],
    ['a total set back to what was saved some time ago', [1000, 1005, 1010, 1015, 1020, 700, 705, 710], 30],
    ['three different readings far below, of which two rise', [9900, 9904, 3069, 6237, 8518, 9916, 9920], 20],
    ['three different readings far below, near zero', [1000, 1005, 40, 10, 12, 1020, 1025], 25],
    ['three different readings far above', [1000, 1005, 3000, 6000, 9000, 1020, 1025], 25],
    ['a first reading far above, then a total that a day might reach', [7774, 243, 244, 245], 2],
    ['a line below that its own comes back from', [1000, 1005, 900, 901, 1015, 1020], 20],
  ])('%s', (_name, readings, consumed) => {
    expect(counted(readings)).toBeCloseTo(consumed, 6);
  });

  it('counts people once, not the leap of a camera', () => {
    expect(counted([100, 110, 5_110, 120, 130], PEOPLE)).toBe(30);
    expect(counted([100, 110, 5_110, 120, 130], PEOPLE, 60)).toBe(30);
    expect(counted([0, 10, 20, 5_020, 30], PEOPLE, 1)).toBe(30);
  });

  it('counts what a long silence hid, not a glitch at its end', () => {
    const late = (...values: number[]) =>
      values.map((value, i): [number, number] => [20 * DAY + i * 15 * MINUTE, value]);
    expect(counted([[0, 1000], ...late(1900, 1905)])).toBe(905);
    expect(counted([[0, 1000], ...late(8_949_000, 1900, 1905)])).toBe(905);
    expect(counted([[0, 1000], ...late(0, 1900, 1905)])).toBe(905);
  });

  it('counts nothing of a register that only wavers', () => {
    for (const [from, digit, levels] of [
      [100, 0.01, 3],
      [215.5, 0.1, 3],
      [1000, 0.1, 4],
    ] as const) {
      for (const of of [ENERGY, WATER]) {
        const wave = (n: number) => from + ((n * 7) % levels) * digit;
        const values = Array.from({ length: 720 }, (_, n) => Number(wave(n).toFixed(2)));
        const most = digit === 0.01 ? 0 : digit * (levels - 1) + 1e-9;
        expect(counted(values, of, 1)).toBeLessThanOrEqual(most);
      }
    }
  });

  it('counts a load that grows many times over, however small the night was', () => {
    const night = Array.from({ length: 20 }, (_, n) => 1000 + n * 0.5);
    const day = Array.from({ length: 5 }, (_, n) => 1009.5 + (n + 1) * 120);
    expect(counted([...night, ...day])).toBeCloseTo(609.5, 9);
  });

  it('counts what a gateway held back while it repeated an old value', () => {
    const before = [1000, 1005, 1010, 1015, 1020];
    const held = Array.from({ length: 40 }, () => 1020);
    expect(counted([...before, ...held, 1220, 1225, 1230, 1235, 1240])).toBe(240);
  });

  it('counts nothing of the way to the total of another meter, above or below', () => {
    const before = [1000, 1005, 1010, 1015, 1020];
    expect(counted([...before, 8000, 8005, 8010, 8015, 8020, 8025])).toBe(45);
    expect(counted([...before, 600, 605, 610])).toBe(30);
  });

  it('counts a bound of the device in full at once', () => {
    const registered = { maxRatePerHour: 50_000, rollover: 100_000_000 };
    const counter = new CounterIncrements(registered);
    counter.push(0, 1000);
    expect(counter.push(15 * MINUTE, 8000)).toEqual({ verdict: 'rise', increment: 7000 });
  });
});
