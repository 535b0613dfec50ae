import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SeriesDictionary } from '../../../../src/historian/lake/catalog/series-dictionary.js';
import { RollupTable } from '../../../../src/historian/lake/rollups/rollup-table.js';
import { type Carry, NO_CARRY } from '../../../../src/historian/rollup/model/bucket.js';
import type { Rollup, RollupLevel, SeriesRollups } from '../../../../src/historian/rollup/port.js';
import type { CounterState } from '../../../../src/model/counter/state.js';
import { DAY, ENERGY, HOUR, POWER, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';

async function openTable(folder: string) {
  const series = await SeriesDictionary.open(folder);
  if (series.size === 0) {
    series.device(POWER.device, 'park-a', 'energy');
    for (const { metric } of [POWER, ENERGY]) series.number(POWER.device, metric);
  }
  const table = RollupTable.open(join(folder, 'rollup.sqlite'), series);
  let open = true;
  const end = async () => {
    if (!open) return;
    open = false;
    table.close();
    await series.close();
  };
  onTestFinished(end);
  return { table, end };
}

function row(start: number, value = 1, carry?: Carry): Rollup {
  const [firstTs, lastTs] = [start + 1, start + HOUR - 1];
  const figures = { count: 2, sum: 2 * value, min: value, max: value, first: value, last: value, delta: value };
  const held = { integral: value * 1e6, coveredMs: 1_000_000 };
  return {
    start,
    firstTs,
    lastTs,
    ...figures,
    ...held,
    carry: carry ?? { last: { ts: lastTs, value }, counter: null },
  };
}

const nothing = Number.NaN;
const empty = (start: number, carry: Carry): Rollup => ({
  ...row(start, nothing, carry),
  count: 0,
  sum: 0,
  firstTs: nothing,
  lastTs: nothing,
  delta: 0,
});

async function all(table: RollupTable, level: RollupLevel = 'hour', from = T0 - 5000 * DAY, to = T0 + 5000 * DAY) {
  const found: SeriesRollups[] = [];
  for await (const rows of table.read(level, [POWER], from, to)) found.push(rows);
  return found.flatMap(({ rollups: rows }) => rows);
}

const hours = (count: number, from = T0) => Array.from({ length: count }, (_, i) => row(from + i * HOUR, i + 0.1));

describe('the roll-ups of the lake', () => {
  it('come back as they were written, whatever they carry', async () => {
    const folder = tempDir();
    const last = { ts: T0 - 3 * DAY, value: -0.1 };
    const counter: CounterState = { last, doubtful: { ts: T0, value: 7 }, beforeRollover: null, latestTs: T0 };
    const rolled = { ...counter, doubtful: null, beforeRollover: { point: last, counted: 0.25 } };
    const own = { ts: T0 + 6 * HOUR - 1, value: 5 };
    const line: CounterState = { last: own, doubtful: null, beforeRollover: null, latestTs: own.ts };
    const rows = [
      row(T0),
      empty(T0 + HOUR, { last, counter: null }),
      empty(T0 + 2 * HOUR, NO_CARRY),
      row(T0 + 3 * HOUR, Number.MAX_VALUE, { last, counter }),
      row(T0 + 4 * HOUR, 1e-300, { last: null, counter: rolled }),
      row(T0 + 5 * HOUR, 5, { last: own, counter: line }),
      row(T0 + 6 * HOUR + HOUR, 5, {
        last: { ts: T0 + 8 * HOUR - 1, value: 5 },
        counter: {
          ...line,
          last: { ts: T0 + 8 * HOUR - 1, value: 5 },
          latestTs: T0 + 8 * HOUR - 1,
          detail: { mark: 4.99, usual: { rate: 0.125, day: 20_000, rises: 4 } },
        },
      }),
      row(T0 + 700 * HOUR, 5, { last: own, counter: { ...line, latestTs: null } }),
    ];
    const { table, end } = await openTable(folder);
    await table.write('hour', [{ series: POWER, rollups: rows }]);
    expect(await all(table)).toEqual(rows);
    await end();
    const again = await openTable(folder);
    expect(await all(again.table), 'after a restart').toEqual(rows);
  });

  it('are read by range, level and series', async () => {
    const { table } = await openTable(tempDir());
    await table.write('hour', [
      { series: ENERGY, rollups: hours(3, T0 + HOUR) },
      { series: POWER, rollups: hours(100) },
    ]);
    await table.write('day', [{ series: POWER, rollups: [row(T0 - 8 * HOUR, 7, NO_CARRY)] }]);
    expect(await all(table, 'hour', T0 + 30 * HOUR, T0 + 33 * HOUR)).toEqual(hours(33).slice(30));
    expect(await all(table, 'hour', T0 + 30 * HOUR + 1, T0 + 31 * HOUR)).toEqual([]);
    expect(await all(table, 'hour', T0, T0)).toEqual([]);
    expect(await all(table, 'day')).toEqual([row(T0 - 8 * HOUR, 7, NO_CARRY)]);
    const seen: [string, number][] = [];
    const unknown = { device: 'park-a/nobody', metric: 'ph' } as const;
    for await (const { series, rollups: rows } of table.read('hour', [ENERGY, unknown, POWER], 0, T0 + 9 * DAY)) {
      seen.push([series.metric, rows.length]);
    }
    expect(seen).toEqual([
      [ENERGY.metric, 3],
      [POWER.metric, 100],
    ]);
  });

  it('of five years of hours come back whole and in order', async () => {
    const { table } = await openTable(tempDir());
    const rows = hours(5 * 8766, T0 - 5 * 366 * DAY);
    await table.write('hour', [{ series: POWER, rollups: rows }]);
    expect(await all(table)).toEqual(rows);
  });

  it('give the newest hour before a time, however long ago, across empty blocks', async () => {
    const { table } = await openTable(tempDir());
    await table.write('hour', [{ series: POWER, rollups: [row(T0 - 900 * DAY), row(T0 + HOUR), row(T0 + 2 * HOUR)] }]);
    const last = async (before: number) =>
      (await table.lastBefore([POWER, ENERGY], before)).get(`${POWER.device}/${POWER.metric}`)?.start;
    expect(await last(T0 + 9 * DAY)).toBe(T0 + 2 * HOUR);
    expect(await last(T0 + 2 * HOUR)).toBe(T0 + HOUR);
    expect(await last(T0 + HOUR)).toBe(T0 - 900 * DAY);
    expect(await last(T0 - 900 * DAY)).toBeUndefined();
    expect((await table.lastBefore([ENERGY], T0)).size).toBe(0);
  });

  it('are refused for a series the lake does not know', async () => {
    const { table } = await openTable(tempDir());
    const rows = [{ series: { device: 'park-a/nobody', metric: 'ph' } as const, rollups: [row(T0)] }];
    await expect(table.write('hour', rows)).rejects.toThrow(/nobody\/ph/);
  });

  it('written in any order, the later of one start counts', async () => {
    const { table } = await openTable(tempDir());
    const expected = new Map<string, Rollup>();
    const writes = fc.tuple(
      fc.constantFrom('hour' as const, 'day' as const),
      fc.uniqueArray(fc.integer({ min: -200, max: 200 }), { maxLength: 60 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    await fc.assert(
      fc.asyncProperty(writes, async ([level, starts, value]) => {
        const carry = level === 'day' ? NO_CARRY : undefined;
        const rows = starts.sort((a, b) => a - b).map((hour) => row(T0 + hour * HOUR, value, carry));
        await table.write(level, [{ series: POWER, rollups: rows }]);
        for (const one of rows) expected.set(`${level} ${one.start}`, one);
        const kept = [...expected].filter(([name]) => name.startsWith(level)).map(([, one]) => one);
        expect(await all(table, level)).toEqual(kept.sort((a, b) => a.start - b.start));
      }),
      { numRuns: 40 },
    );
  });
});
