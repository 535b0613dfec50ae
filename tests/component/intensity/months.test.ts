import { expect, it } from 'vitest';
import { DAY, HOUR, lake, MAY, METER, meter, NOW } from './lake.js';

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
