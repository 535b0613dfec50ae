import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { KeptStore } from '../../../src/intensity/consumption/kept-store.js';
import { type Month, parseMonth } from '../../../src/intensity/model/statistics/period.js';
import type { Consumption } from '../../../src/intensity/port.js';
import { migrations } from '../../../src/intensity/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { DAY, HOUR, lake, MAY, METER, NOW, PARK } from './lake.js';

const [APRIL, JULY] = [parseMonth('2026-04')!, parseMonth('2026-07')!];
const DAYS = Math.floor((NOW - MAY) / DAY);

/** Once a day, and once an hour in some weeks; a reading is missing here and there. */
const readings = () =>
  Array.from({ length: DAYS }, (_, day) => (day % 21 < 5 ? 24 : 1))
    .flatMap((times, day) => Array.from({ length: times }, (_, hour) => MAY + day * DAY + hour * HOUR + 7 * 60_000))
    .filter((_, i) => i % 17 !== 5)
    .map((ts) => ({ ts, value: shown(ts) }));
const shown = (ts: number) => 1_000 + Math.round(((ts - MAY) / HOUR) * 10_000) / 1_000;

const all = (of: Consumption, first: Month = APRIL, last: Month = JULY) => of.months(PARK, 'electricity', first, last);

/** What a stop keeps, in a state file of its own; more comes in as the test says. */
function keptStore() {
  const state = openState(join(tempDir(), 'park.sqlite'), { intensity: migrations });
  onTestFinished(() => state.close());
  let head = 1;
  const moveOn = () => {
    head += 1;
  };
  return { store: new KeptStore(state, () => String(head)), moveOn, db: state.db };
}

/** Each month asked for by itself, which reads nothing ahead. */
async function oneByOne(of: Consumption) {
  const months = [];
  for (let month = APRIL; month <= JULY; month += 1) months.push(...(await all(of, month, month)));
  return months;
}

it('answers the same from what is kept, from what was read ahead, and month by month, whatever is said or comes late', async () => {
  const happening = fc.oneof(
    fc.record({
      what: fc.constant('late' as const),
      day: fc.integer({ min: 0, max: DAYS - 27 }),
      off: fc.double({ min: -3, max: 3, noNaN: true }),
    }),
    fc.record({ what: fc.constant('void' as const), day: fc.integer({ min: 0, max: DAYS - 2 }), off: fc.constant(0) }),
    fc.record({ what: fc.constant('swap' as const), day: fc.integer({ min: 0, max: DAYS - 2 }), off: fc.constant(0) }),
    fc.record({ what: fc.constant('gaps' as const), day: fc.integer({ min: 0, max: DAYS - 2 }), off: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 5 }), async (happenings) => {
      const { put, said, open, change } = await lake();
      const keeps = keptStore();
      const consumption = open(keeps.store);
      await put(readings());
      expect(await all(consumption)).toEqual(await oneByOne(open()));
      for (const { what, day, off } of happenings) {
        const ts = MAY + day * DAY + 3 * HOUR;
        const told = { by: 'test', at: NOW, why: 'test' };
        const { swaps, voids, gapRules } = said.corrections;
        if (what === 'late') {
          await put([{ ts, value: Math.round((shown(ts) + off) * 1_000) / 1_000 }]);
          consumption.noteLate(METER.device);
        } else {
          const value = shown(ts);
          said.corrections = {
            swaps: what === 'swap' ? [...swaps, { ...told, ts, closing: value, opening: value }] : swaps,
            voids: what === 'void' ? [...voids, { ...told, from: ts - 4 * HOUR, to: ts + HOUR }] : voids,
            gapRules:
              what === 'gaps' ? [...gapRules, { from: ts, longerThanMs: 26 * HOUR, method: 'linear' }] : gapRules,
          };
          change();
        }
        const expected = await oneByOne(open());
        expect(await all(consumption)).toEqual(expected);
        expect(await all(open())).toEqual(expected);
        expect(await oneByOne(consumption)).toEqual(expected);
        keeps.moveOn();
        consumption.close();
        expect(await all(open(keeps.store))).toEqual(expected);
      }
    }),
    { numRuns: 5 },
  );
});

it('reads a meter again when something is heard of it, and nothing else again', async () => {
  const { put, consumption, asked, change } = await lake();
  await put(readings());
  const before = await all(consumption, APRIL, JULY - 2);
  expect(before).toHaveLength(1);
  asked.length = 0;
  expect(await all(consumption, APRIL, JULY - 2)).toEqual(before);
  expect(asked).toEqual([]);
  consumption.noteLate('park-a/another');
  await all(consumption, APRIL, JULY - 2);
  expect(asked).toEqual([]);
  change();
  expect(await all(consumption, APRIL, JULY - 2)).toEqual(before);
  expect(asked.length).toBeGreaterThan(0);
  // A month that readings may still come of is read each time, or once for a moment that is named.
  asked.length = 0;
  const july = await all(consumption, JULY, JULY);
  expect(asked.length).toBeGreaterThan(0);
  const asAt = await consumption.months(PARK, 'electricity', JULY, JULY, NOW);
  expect(asAt).toEqual(july);
  asked.length = 0;
  expect(await consumption.months(PARK, 'electricity', JULY, JULY, NOW)).toEqual(july);
  expect(asked).toEqual([]);
});

it('keeps settled months over a stop, and works out again what is damaged, has moved on or was never put', async () => {
  const { put, open, asked } = await lake();
  const { store, moveOn, db } = keptStore();
  const settled = (of: Consumption) => all(of, APRIL, JULY - 2);
  const next = async () => {
    asked.length = 0;
    const months = await settled(open(store));
    return { months, isRead: asked.length > 0 };
  };
  await put(readings());
  const first = open(store);
  const expected = await settled(first);
  expect(expected).toHaveLength(1);
  // As after a kill: nothing was put.
  expect(await next()).toEqual({ months: expected, isRead: true });
  first.close();
  expect(await next()).toEqual({ months: expected, isRead: false });
  expect(await next()).toEqual({ months: expected, isRead: false });
  const numbers = db.prepare('SELECT numbers FROM intensity_kept_months').pluck().get() as Buffer;
  const another = Buffer.from(numbers);
  another.writeUInt8(another.readUInt8(0) ^ 1);
  for (const damaged of [numbers.subarray(1), numbers.subarray(8), another, Buffer.alloc(0)]) {
    db.prepare('UPDATE intensity_kept_months SET numbers = ?').run(damaged);
    expect(await next()).toEqual({ months: expected, isRead: true });
  }
  first.close();
  db.prepare(`UPDATE intensity_kept_months SET raw_from = '{'`).run();
  expect(await next()).toEqual({ months: expected, isRead: true });
  first.close();
  moveOn();
  expect(await next()).toEqual({ months: expected, isRead: true });
  first.close();
  expect(await next()).toEqual({ months: expected, isRead: false });
});

it('keeps nothing that was measured while something was heard', async () => {
  const { put, consumption, open } = await lake();
  await put(readings());
  const measuring = all(consumption);
  const ts = MAY + 30 * DAY + 2 * HOUR;
  await put([{ ts, value: shown(ts) + 2 }]);
  consumption.noteLate(METER.device);
  await measuring;
  expect(await all(consumption)).toEqual(await oneByOne(open()));
});

it('keeps no month that is over of an answer that lacks readings: nobody would tell when they come in', async () => {
  const { put, consumption, asked, behind, open } = await lake();
  const [first, ...rest] = readings();
  await put([first!]);
  behind.lag = { completeThrough: first!.ts };
  await all(consumption, APRIL, JULY - 2);
  await put(rest);
  behind.lag = null;
  expect(await all(consumption, APRIL, JULY - 2)).toEqual(await all(open(), APRIL, JULY - 2));
  asked.length = 0;
  await all(consumption, APRIL, JULY - 2);
  expect(asked).toEqual([]);
});
