import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HistorianUnavailableError } from '../../../src/historian/port/errors.js';
import { KeptStore } from '../../../src/intensity/consumption/kept-store.js';
import { parseMonth } from '../../../src/intensity/model/statistics/period.js';
import type { Consumption } from '../../../src/intensity/port.js';
import { migrations } from '../../../src/intensity/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { DAY, HOUR, lake, MAY, meter, NOW, REGISTER } from './lake.js';

const [APRIL, JULY] = [parseMonth('2026-04')!, parseMonth('2026-07')!];
const SPAN = { first: APRIL, last: JULY, asAt: NOW };
const GAUGE = 'active_power_kw';
const deviceOf = (n: number) => `park-a/m-${n}` as const;
const scopeOf = (n: number) =>
  ({ kind: 'owner', park: 'park-a', owner: { kind: 'enterprise', id: `firm-${n}` } }) as const;

/** Firms with a meter each; every one begins and ends on another day, some have gaps and a gauge beside. */
async function firms(count: number) {
  const of = await lake();
  of.book.tree = Array.from({ length: count }, (_, n) => ({
    ...meter(MAY, Number.POSITIVE_INFINITY),
    device: deviceOf(n),
    owner: { kind: 'enterprise' as const, id: `firm-${n}` },
  }));
  const [from, to] = [(n: number) => (n % 3 === 2 ? n % 41 : 0), (n: number) => 80 - (n % 4)];
  await of.put(
    Array.from({ length: count }, (_, n) =>
      Array.from({ length: to(n) - from(n) }, (_, i) => from(n) + i)
        .filter((day) => n % 5 !== 1 || day % 30 < 20)
        .map((day) => ({
          ...{ device: `m-${n}`, metric: REGISTER, ts: MAY + day * DAY + (n % 7) * HOUR + 7 * 60_000 },
          value: 1_000 * (n + 1) + day * (24 + n),
        })),
    ).flat(),
  );
  await of.put(
    Array.from({ length: count }, (_, n) => n)
      .filter((n) => n % 5 === 1)
      .flatMap((n) =>
        Array.from({ length: 78 * 4 }, (_, i) => ({
          device: `m-${n}`,
          metric: GAUGE,
          ts: MAY + i * 6 * HOUR,
          value: 2 + n,
        })),
      ),
  );
  of.asked.length = 0;
  return of;
}

const scopes = (count: number) => Array.from({ length: count }, (_, n) => scopeOf(n));
const months = (of: Consumption, n: number) => of.months(scopeOf(n), 'electricity', APRIL, JULY, NOW);

async function oneByOne(of: Consumption, count: number) {
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(await months(of, n));
  return all;
}

describe('meters of many owners read together', () => {
  it('take as many questions as one of them does, and have what each has by itself', async () => {
    const COUNT = 48;
    const { open, asked } = await firms(COUNT);
    const alone = open();
    const expected = await oneByOne(alone, COUNT);
    const each = asked.length;
    expect(each).toBeGreaterThan(COUNT);
    const amounts = expected.map((rows) => rows.reduce((sum, { quantity }) => sum + quantity.measured, 0));
    expect(Math.min(...amounts)).toBeGreaterThan(0);
    expect(expected.some((rows) => rows.some(({ quantity }) => quantity.estimated > 0))).toBe(true);

    asked.length = 0;
    const together = open();
    await together.readTogether(scopes(COUNT), ['electricity'], SPAN);
    const questions = asked.length;
    // More where meters begin or stop on other days; by no meter one of its own.
    expect(questions).toBeLessThan(COUNT / 2);
    expect(await oneByOne(together, COUNT)).toEqual(expected);
    expect(asked).toHaveLength(questions);
    await together.readTogether(scopes(COUNT), ['electricity'], SPAN);
    expect(asked).toHaveLength(questions);
  });

  it('after a restart ask for the months alone that still run', async () => {
    const COUNT = 48;
    const { open, asked } = await firms(COUNT);
    const state = openState(join(tempDir(), 'park.sqlite'), { intensity: migrations });
    onTestFinished(() => state.close());
    const store = new KeptStore(state, () => 'the same');
    const first = open(store);
    await first.readTogether(scopes(COUNT), ['electricity'], SPAN);
    const expected = await oneByOne(first, COUNT);
    first.close();
    asked.length = 0;
    const second = open(store);
    await second.readTogether(scopes(COUNT), ['electricity'], SPAN);
    const questions = asked.length;
    expect(questions).toBeLessThan(COUNT / 3);
    expect(await oneByOne(second, COUNT)).toEqual(expected);
    expect(asked).toHaveLength(questions);
  });

  for (const error of [new RangeError('a meter that cannot be'), new HistorianUnavailableError('a damaged file')]) {
    it(`have their figures where one of them cannot be read, which alone is refused: ${error.name}`, async () => {
      const COUNT = 70;
      const { open, failing } = await firms(COUNT);
      const expected = await oneByOne(open(), COUNT);
      const consumption = open();
      const bad = 7;
      failing.of = ({ series }) => (series.some(({ device }) => device === deviceOf(bad)) ? error : null);
      await consumption.readTogether(scopes(COUNT), ['electricity'], SPAN);
      for (let n = 0; n < COUNT; n += 1) {
        if (n === bad) await expect(months(consumption, n)).rejects.toBe(error);
        else expect(await months(consumption, n)).toEqual(expected[n]);
      }
      failing.of = () => null;
      expect(await months(consumption, bad)).toEqual(expected[bad]);
    });
  }

  it('are asked for no further once nothing can be read', async () => {
    const { consumption, asked, failing } = await firms(200);
    failing.of = () => new HistorianUnavailableError('no disk');
    await consumption.readTogether(scopes(200), ['electricity'], SPAN);
    expect(asked).toHaveLength(1);
  });
});
