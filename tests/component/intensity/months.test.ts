import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { BucketQuery, Historian } from '../../../src/historian/port/queries.js';
import { openConsumption } from '../../../src/intensity/consumption/consumption.js';
import { DEFAULT_LOSS_LIMITS } from '../../../src/intensity/model/boundary/losses.js';
import type { Meter, MeterTree, MeterVersion } from '../../../src/intensity/model/boundary/tree.js';
import { parseMonth } from '../../../src/intensity/model/statistics/period.js';
import type { MeterCorrections } from '../../../src/intensity/port.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { message } from '../../contract/historian/readings.js';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const REGISTER = 'import_energy_kwh';
const METER = { device: 'park-a/m-1', register: REGISTER } as const;
const PARK = { kind: 'park', park: 'park-a' } as const;
const MAY = Date.parse('2026-05-01T00:00:00+08:00');
const NOW = Date.parse('2026-07-20T12:00:00+08:00');

const meter = (from: number, to: number): MeterVersion => ({
  ...METER,
  ...{ carrier: 'electricity', park: 'park-a', role: 'main', owner: { kind: 'park', id: 'park-a' }, parent: null },
  ...{ from, to },
});

/** A lake with an hourly register from May on, 10 kWh an hour, and a book that the test edits. */
async function lake() {
  const folder = await mkdtemp(join(tmpdir(), 'months-'));
  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
  await store.open();
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  let seq = 0;
  const put = (rows: readonly { readonly ts: number; readonly value: number; readonly metric?: string }[]) => {
    seq += 1;
    const messages = rows.map((row) => message({ device: 'm-1', metric: REGISTER, ...row }));
    return store.append([{ seq, messages }]);
  };
  const book = { tree: [meter(MAY, Number.POSITIVE_INFINITY)] as MeterTree };
  const corrections: MeterCorrections = { swaps: [], voids: [], gapRules: [] };
  const listeners: ((change: { readonly meters: readonly Meter[] }) => void)[] = [];
  const asked: BucketQuery[] = [];
  const consumption = openConsumption({
    book: {
      tree: () => book.tree,
      corrections: () => corrections,
      lossLimits: () => DEFAULT_LOSS_LIMITS,
      keptSince: () => Number.NEGATIVE_INFINITY,
      onChanged: (listener) => void listeners.push(listener),
    },
    historian: {
      buckets: (query) => {
        asked.push(query);
        return store.buckets(query);
      },
      raw: (query) => store.raw(query),
      get stats() {
        return { rollups: store.stats().rollups } as Historian['stats'];
      },
    },
    registry: { device: () => undefined },
    zone: new TimeZone('Asia/Shanghai'),
    clock: () => NOW,
  });
  const months = async () =>
    (await consumption.months(PARK, 'electricity', parseMonth('2026-04')!, parseMonth('2026-09')!)).map(
      ({ month, quantity }) => [month, quantity.measured / 1000, quantity.estimated / 1000, quantity.dueMs / HOUR],
    );
  const settle = async (keepFrom: number) => {
    await store.flush();
    for (let i = 0; i < 6; i += 1) {
      do await store.maintain(NOW + i * DAY, keepFrom);
      while (store.stats().rollups.dirtySeries > 0 || (store.stats().rollups.rolledTo ?? 0) < NOW - HOUR);
    }
  };
  const change = () => {
    for (const listener of listeners) listener({ meters: [METER] });
  };
  return { put, book, consumption, months, settle, change, asked };
}

const hourly = (from: number, to: number, opening: number) =>
  Array.from({ length: (to - from) / HOUR }, (_, i) => ({ ts: from + i * HOUR, value: opening + 10 * i }));

it('gives months of the zone in which meters counted, and asks no more of those that are final', async () => {
  const { put, book, months, settle, change, asked } = await lake();
  await put(hourly(MAY, NOW, 5));
  const expected = [
    ['2026-05', 7440, 0, 744],
    ['2026-06', 7200, 0, 720],
    ['2026-07', 10 * (19 * 24 + 11), 0, 19 * 24 + 12],
  ];
  expect(await months()).toEqual(expected);
  // Late readings change any month while raw readings are kept: nothing is kept in memory.
  asked.length = 0;
  await put([{ ts: MAY + 30 * DAY + 10 * HOUR + 1, value: 5 + 10 * (30 * 24 + 10) + 3 }]);
  expect(await months()).toEqual(expected);
  const all = asked.length;
  expect(all).toBeGreaterThanOrEqual(3);
  // Readings of May and most of June are dropped: the same figures come from roll-ups.
  await settle(Date.parse('2026-06-10T00:00:00Z'));
  expect(await months()).toEqual(expected);
  asked.length = 0;
  expect(await months()).toEqual(expected);
  expect(asked.every(({ from }) => from >= Date.parse('2026-05-30T00:00:00+08:00'))).toBe(true);
  expect(asked.length).toBeGreaterThan(0);
  // What is recorded of the meter makes it be asked for again.
  change();
  asked.length = 0;
  book.tree = [meter(MAY + 10 * DAY, Number.POSITIVE_INFINITY)];
  const [may] = await months();
  expect(may).toEqual(['2026-05', 210 * 24, 0, 21 * 24]);
  expect(asked.some(({ from }) => from < Date.parse('2026-05-01T00:00:00+08:00'))).toBe(true);
});

it('integrates power where the register is missing, and counts nothing twice over the edge of months', async () => {
  const { put, months, consumption } = await lake();
  const quarters = (from: number, to: number) =>
    Array.from({ length: (to - from) / (HOUR / 4) }, (_, i) => ({
      ...{ ts: from + (i * HOUR) / 4, value: 10, metric: 'active_power_kw' },
    }));
  const june = MAY + 31 * DAY;
  // No register for the last two days of May and the first of June; what it counted meanwhile is known.
  await put([...hourly(MAY, june - 2 * DAY, 0), ...hourly(june + DAY, june + 30 * DAY, 10 * (32 * 24))]);
  await put(quarters(june - 2 * DAY - HOUR, june + DAY));
  const found = (await months()).slice(0, 2);
  expect(found.map(([, measured, estimated]) => Number(measured) + Number(estimated))).toEqual([7440, 7190]);
  expect(Number(found[0]![2])).toBeCloseTo(490, 0);
  const { rows } = await consumption.rows({
    ...{ park: 'park-a', of: { kind: 'meter', meter: METER }, carrier: 'electricity', every: 'year' },
    ...{ from: MAY, to: NOW, maxRows: 10, maxCells: 10 },
  });
  expect(rows.map(({ quantity }) => (quantity.measured + quantity.estimated) / 1000)).toEqual([7440 + 7190]);
});
