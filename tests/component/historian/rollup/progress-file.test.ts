import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TimeSpan } from '../../../../src/historian/port/stats.js';
import { DirtyHoursOfSeries } from '../../../../src/historian/rollup/progress/dirty-hours.js';
import { addRange, rangesFrom } from '../../../../src/historian/rollup/progress/hour-ranges.js';
import { ProgressFile } from '../../../../src/historian/rollup/progress/progress-file.js';
import Sqlite from '../../../../src/sqlite.js';
import { ENERGY, HOUR, MINUTE, POWER, T0 } from '../../../contract/historian/readings.js';
import { temporaryFolder } from './helpers.js';

async function marksFile() {
  const path = join(await temporaryFolder(), 'rollup.sqlite');
  const open = (scope?: string) => {
    const marks = ProgressFile.open(path, scope);
    onTestFinished(() => marks.close());
    return marks;
  };
  return { open, path };
}

const BOUNDS = { perSeries: 4, inAll: 10 };
const hours = (...pairs: [number, number][]) =>
  pairs.map(([from, to]) => ({ from: T0 + from * HOUR, to: T0 + to * HOUR }));

describe('the marks file', () => {
  it('keeps names and numbers, of each scope apart', async () => {
    const { open } = await marksFile();
    const [a, b] = [open('http://a:8086/readings'), open('http://b:8086/readings')];
    a.setNumber('cursor', 17);
    b.set('cursor', '4');
    b.replaceDirty(POWER, hours([0, 1]));
    expect([a.getNumber('cursor'), b.getNumber('cursor'), open().get('cursor')]).toEqual([17, 4, null]);
    expect(a.dirtyHours()).toEqual([]);
    expect(open('http://b:8086/readings').dirtyHours()).toEqual([{ ...POWER, from: T0, to: T0 + HOUR }]);
  });

  it('names by their keys the devices that another version named by their ids alone', async () => {
    const { open, path } = await marksFile();
    open().replaceDirty(POWER, hours([0, 1]));
    const db = new Sqlite(path);
    const insert = db.prepare("INSERT INTO dirty_hours VALUES ('', ?, ?, ?, ?)");
    insert.run('meter-2', ENERGY.metric, T0, T0 + HOUR);
    insert.run('nobody', ENERGY.metric, T0, T0 + HOUR);
    db.close();
    const marks = open();
    marks.keyDevices((id) => (id === 'meter-2' ? 'park-b/meter-2' : undefined));
    expect(marks.dirtyHours().map(({ device }) => device)).toEqual(['nobody', POWER.device, 'park-b/meter-2']);
  });

  it('changes all or nothing', async () => {
    const { open } = await marksFile();
    const marks = open();
    marks.setNumber('cursor', 1);
    const half = () =>
      marks.atomically(() => {
        marks.setNumber('cursor', 2);
        throw new Error('half way');
      });
    expect(half).toThrow('half way');
    expect(open().getNumber('cursor')).toBe(1);
  });
});

describe('hours that are out of date', () => {
  it('are on disk once saved, and only then', async () => {
    const { open } = await marksFile();
    const dirty = new DirtyHoursOfSeries(open(), BOUNDS);
    dirty.note(POWER, T0 + 5 * MINUTE);
    dirty.note(POWER, T0 + 3 * HOUR);
    expect(new DirtyHoursOfSeries(open(), BOUNDS).size).toBe(0);
    dirty.save();
    expect(new DirtyHoursOfSeries(open(), BOUNDS).get(POWER)?.ranges).toEqual(hours([0, 1], [3, 4]));
    dirty.clear(dirty.get(POWER)!, T0 + 2 * HOUR);
    dirty.save();
    expect(new DirtyHoursOfSeries(open(), BOUNDS).get(POWER)?.ranges).toEqual(hours([3, 4]));
    dirty.clear(dirty.get(POWER)!, T0 + 4 * HOUR);
    dirty.save();
    expect(open().dirtyHours()).toEqual([]);
  });

  it('are kept for the next try when the disk refuses', async () => {
    const { open, path } = await marksFile();
    const dirty = new DirtyHoursOfSeries(open(), BOUNDS);
    dirty.note(POWER, T0);
    const other = new Sqlite(path);
    onTestFinished(() => void other.close());
    other.exec("CREATE TRIGGER full BEFORE INSERT ON dirty_hours BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    expect(() => dirty.save()).toThrow('disk is full');
    other.exec('DROP TRIGGER full');
    dirty.save();
    expect(open().dirtyHours()).toHaveLength(1);
  });

  it('stay when more was noted since a correction began', async () => {
    const dirty = new DirtyHoursOfSeries((await marksFile()).open(), BOUNDS);
    dirty.note(POWER, T0);
    const { series, notes } = dirty.get(POWER)!;
    dirty.note(POWER, T0 + MINUTE);
    dirty.clear({ series, notes }, T0 + HOUR);
    expect(dirty.get(POWER)?.ranges).toEqual(hours([0, 1]));
  });

  it('of a series become one range at their bound', async () => {
    const { open } = await marksFile();
    const dirty = new DirtyHoursOfSeries(open(), BOUNDS);
    for (const hour of [2, 4, 6, 8]) dirty.note(POWER, T0 + hour * HOUR);
    expect(dirty.get(POWER)?.ranges).toEqual(hours([2, 3], [4, 5], [6, 7], [8, 9]));
    dirty.note(POWER, T0);
    expect(dirty.get(POWER)?.ranges).toEqual(hours([0, 9]));
    dirty.save();
    expect(new DirtyHoursOfSeries(open(), BOUNDS).get(POWER)?.ranges).toEqual(hours([0, 9]));
  });

  it('of all series stay near the bound of all: a series more has one range', async () => {
    const dirty = new DirtyHoursOfSeries((await marksFile()).open(), { perSeries: 100, inAll: 10 });
    for (let i = 0; i < 50; i += 1) dirty.note(POWER, T0 + i * 2 * HOUR);
    for (let i = 0; i < 50; i += 1) dirty.note(ENERGY, T0 + i * 2 * HOUR);
    const ranges = [...dirty.all()].flatMap((one) => one.ranges);
    expect(ranges.length).toBeLessThanOrEqual(11);
    for (const series of [POWER, ENERGY]) {
      const known = dirty.get(series)!.ranges;
      for (let i = 0; i < 50; i += 1) {
        const at = T0 + i * 2 * HOUR;
        expect(known.some(({ from, to }) => at >= from && at < to)).toBe(true);
      }
    }
  });
});

it('ranges of hours hold exactly what was put in and not taken out', () => {
  const action = fc.record({ from: fc.nat(40), length: fc.integer({ min: 1, max: 5 }), cut: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      let ranges: readonly TimeSpan[] = [];
      const model = new Set<number>();
      for (const { from, length, cut } of actions) {
        if (cut) {
          ranges = rangesFrom(ranges, from);
          for (const hour of model) if (hour < from) model.delete(hour);
        } else {
          ranges = addRange(ranges, { from, to: from + length });
          for (let i = 0; i < length; i += 1) model.add(from + i);
        }
      }
      const inside = ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      expect(inside).toEqual([...model].sort((a, b) => a - b));
      for (const [i, { from }] of ranges.slice(1).entries()) expect(from).toBeGreaterThan(ranges[i]!.to);
    }),
  );
});
