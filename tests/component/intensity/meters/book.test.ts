import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RawChunk } from '../../../../src/historian/port/queries.js';
import { openLedgers } from '../../../../src/intensity/ledger/ledgers.js';
import { openMeters } from '../../../../src/intensity/meters/book.js';
import type { MeterChange } from '../../../../src/intensity/meters/port.js';
import type { DraftVersion } from '../../../../src/intensity/model/boundary/problems.js';
import { migrations as intensityTables } from '../../../../src/intensity/schema.js';
import { deviceKey } from '../../../../src/model/ids.js';
import { openRegistry } from '../../../../src/registry/open.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';
import { NOW, PARK, REGISTER } from './helpers.js';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const AUTHOR = { by: 'tok-1', source: 'API', reason: 'test' };
const meterOf = (device: string) => ({ device: deviceKey(PARK, device), register: REGISTER });

/** One reading at every time that is asked for. */
const historian = {
  async *raw({ series, from }: { series: readonly RawChunk['series'][]; from: number }): AsyncGenerator<RawChunk> {
    const none = { flag: Uint8Array.of(0), quality: Uint8Array.of(0), receivedAt: Float64Array.of(NOW) };
    yield { series: series[0]!, ts: Float64Array.of(from), value: Float64Array.of(1), ...none };
  },
};

function open(dir = tempDir()) {
  const state = openState(join(dir, 'park.sqlite'), { registry: registryTables, intensity: intensityTables });
  const clock = () => NOW;
  const registry = openRegistry(state, { clock, discovery: true, adminToken: 'an administrator of tests' });
  const errors: string[] = [];
  const log = { error: (_: object, message: string) => errors.push(message) };
  const { audit } = registry;
  const meters = openMeters({ registry, audit, historian, log, clock, ledgers: openLedgers(state, clock) });
  for (const id of ['m-1', 'm-2', 'm-3']) registry.putDevice({ id, park: PARK, domain: 'energy' }, 'test');
  const close = () => {
    registry.close();
    state.close();
  };
  return { state, meters, errors, dir, close };
}

function opened() {
  const service = open();
  onTestFinished(service.close);
  return service;
}

const version = (device: string, from: number, to = Number.POSITIVE_INFINITY, more: Partial<DraftVersion> = {}) => ({
  ...meterOf(device),
  ...{ park: PARK, carrier: 'electricity', role: 'main', owner: { kind: 'park' as const, id: PARK }, parent: null },
  ...{ from, to },
  ...more,
});

describe('a change of meters', () => {
  it('is told with the meters and the time that it may touch, once it is recorded', async () => {
    const { meters, errors } = opened();
    const told: MeterChange[] = [];
    meters.onChanged(() => {
      throw new Error('a listener that fails');
    });
    meters.onChanged((change) => told.push(change));
    const from = BEGIN;
    const to = BEGIN + HOUR;
    meters.putVersions(PARK, [version('m-1', from, to), version('m-2', from + HOUR)], AUTHOR, false);
    meters.putVersions(PARK, [version('m-1', from, to)], AUTHOR, false);
    meters.putVersions(PARK, [version('m-3', from)], AUTHOR, true);
    meters.endMeter(meterOf('m-2'), from + 2 * HOUR, AUTHOR, false);
    const swap = meters.recordSwap(meterOf('m-1'), { ts: from + 5, closing: 2, opening: 1 }, AUTHOR);
    meters.withdrawSwap(PARK, swap.version, AUTHOR);
    await meters.recordVoid(meterOf('m-1'), { from, to }, AUTHOR);
    meters.withdrawVoid(PARK, 1, AUTHOR);
    const rules = [10, 20].map((ts) => ({ from: ts, longerThanMs: 1, method: 'linear' as const }));
    meters.putGapRules(meterOf('m-1'), rules, AUTHOR);
    meters.putGapRules(meterOf('m-1'), rules.slice(0, 1), AUTHOR);
    meters.putGapRules(meterOf('m-1'), rules.slice(0, 1), AUTHOR);
    const ever = Number.POSITIVE_INFINITY;
    const one = [meterOf('m-1')];
    expect(told).toEqual([
      { what: 'tree', park: PARK, meters: [meterOf('m-1'), meterOf('m-2')], from, to: ever },
      { what: 'tree', park: PARK, meters: [meterOf('m-2')], from: from + 2 * HOUR, to: ever },
      { what: 'swap', park: PARK, meters: one, from: from + 5, to: from + 6 },
      { what: 'swap', park: PARK, meters: one, from: from + 5, to: from + 6 },
      { what: 'void', park: PARK, meters: one, from, to },
      { what: 'void', park: PARK, meters: one, from, to },
      { what: 'gap_rules', park: PARK, meters: one, from: 10, to: ever },
      { what: 'gap_rules', park: PARK, meters: one, from: 20, to: ever },
    ]);
    expect(errors).toHaveLength(told.length);
  });

  it('is all there or not at all when the disk fails', async () => {
    const { meters, state } = opened();
    meters.putVersions(PARK, [version('m-1', BEGIN)], AUTHOR, false);
    const told: MeterChange[] = [];
    meters.onChanged((change) => told.push(change));
    const rows = () => state.db.prepare('SELECT count(*) FROM intensity_items').pluck().get();
    const before = [rows(), meters.tree(PARK), meters.newest('meters')];
    state.db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no room'); END");
    const changes = [
      () => meters.putVersions(PARK, [version('m-2', BEGIN), version('m-3', BEGIN)], AUTHOR, false),
      () => meters.endMeter(meterOf('m-1'), BEGIN + HOUR, AUTHOR, false),
      () => meters.recordSwap(meterOf('m-1'), { ts: BEGIN, closing: 2, opening: 1 }, AUTHOR),
      () => meters.putGapRules(meterOf('m-1'), [{ from: 1, longerThanMs: 1, method: 'linear' }], AUTHOR),
    ];
    for (const change of changes) expect(change).toThrow('no room');
    await expect(meters.recordVoid(meterOf('m-1'), { from: BEGIN, to: BEGIN + 1 }, AUTHOR)).rejects.toThrow('no room');
    expect([rows(), meters.tree(PARK), meters.newest('meters')]).toEqual(before);
    expect(meters.corrections(meterOf('m-1'))).toEqual({ swaps: [], voids: [], gapRules: [] });
    state.db.exec('DROP TRIGGER full');
    for (const change of changes) change();
    expect(told).toHaveLength(changes.length);
    expect(meters.tree(PARK)).toHaveLength(3);
  });
});

describe('the tree as of any version', () => {
  const HOURS = 12;
  /** An edit of two meters' time: from, to (or without end), and as what; null ends it. */
  const edit = fc.record({
    meter: fc.constantFrom('m-1', 'm-2'),
    from: fc.nat({ max: HOURS - 1 }),
    hours: fc.option(fc.integer({ min: 1, max: HOURS }), { nil: null }),
    carrier: fc.constantFrom('electricity', null),
  });

  it('says of each hour what was said of it last, and says the same after a restart', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
        const first = open();
        /** What was said last of each hour and meter, after each version. */
        const said: Map<string, string>[] = [new Map()];
        for (const { meter, from, hours, carrier } of edits) {
          const at = BEGIN + from * HOUR;
          const to = hours === null || carrier === null ? Number.POSITIVE_INFINITY : at + hours * HOUR;
          // A generator or a main, so that what was said last can be told from what was said before.
          const role = said.length % 2 === 0 ? 'generation' : 'main';
          try {
            if (carrier === null) first.meters.endMeter(meterOf(meter), at, AUTHOR, false);
            else first.meters.putVersions(PARK, [version(meter, at, to, { carrier, role })], AUTHOR, false);
          } catch (error) {
            expect(error).toMatchObject({ code: 'unknown_meter' });
            continue;
          }
          if (first.meters.newest('meters') === said.length - 1) continue;
          const now = new Map(said.at(-1));
          for (let hour = from; hour < HOURS * 2 && BEGIN + hour * HOUR < to; hour += 1) {
            if (carrier === null) now.delete(`${meter} ${hour}`);
            else now.set(`${meter} ${hour}`, role);
          }
          said.push(now);
        }
        const check = ({ meters }: ReturnType<typeof open>) => {
          for (const [at, expected] of said.entries()) {
            const seen = new Map<string, string>();
            const asOf = at === said.length - 1 ? 'latest' : { version: at };
            for (const { device, from, to, role } of meters.tree(PARK, asOf)) {
              for (let hour = 0; hour < HOURS * 2; hour += 1) {
                const time = BEGIN + hour * HOUR;
                const key = `${device.slice(PARK.length + 1)} ${hour}`;
                if (from > time || time >= to) continue;
                expect(seen.has(key)).toBe(false);
                seen.set(key, role);
              }
            }
            expect(seen).toEqual(expected);
          }
        };
        check(first);
        first.close();
        const second = open(first.dir);
        check(second);
        second.close();
      }),
      { numRuns: 25 },
    );
  });
});
