import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_RULES, ELECTROPLATING } from '../../../src/alarms/model/defaults/index.js';
import type { Device } from '../../../src/registry/port.js';
import { cod, device, eventually, PARK, Run, smoke, summary, T0 } from './helpers.js';

const S = 1_000;
const SMOKE = 'smoke-alarm:smoke-1';
let dir: string;
let run: Run;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('alarms from the journal', () => {
  it('raise and clear, each told once and in order', async () => {
    run = await Run.start(dir, {}, [device('smoke-1')]);
    await run.send(smoke(T0, false));
    await run.send(smoke(T0 + S, true));
    await run.send(smoke(T0 + 2 * S, true));
    expect(run.alarms.standing()).toEqual([
      expect.objectContaining({
        id: 'smoke-alarm:smoke-1',
        park: PARK,
        domain: 'fire',
        priority: 'critical',
        level: 'alarm',
        alarmClass: 'fire_alarm',
        state: 'unack_active',
        active: true,
        unacknowledged: true,
        latched: true,
        suppression: null,
        value: 1,
        setpoint: 1,
        raisedAt: T0 + S,
        receivedAt: T0 + S,
        clearedAt: null,
        place: '3号楼2层',
        enterprise: 'hongda',
        seq: 1,
      }),
    ]);
    await run.send(smoke(T0 + 3 * S, false));
    expect(run.alarms.standing()).toMatchObject([
      { state: 'latched_rtn', active: false, unacknowledged: true, clearedAt: T0 + 3 * S, seq: 2 },
    ]);
    expect(run.alarms.act([SMOKE], { kind: 'acknowledge', comment: null }, 'op')).toEqual([
      { id: SMOKE, refused: null },
    ]);
    expect(run.alarms.act([SMOKE], { kind: 'reset', comment: null }, 'op')).toEqual([{ id: SMOKE, refused: null }]);
    expect(run.alarms.standing()).toEqual([]);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'normal', clearedAt: T0 + 3 * S, seq: 4 });
    expect(summary(run.published)).toEqual([
      '1 raised smoke-alarm:smoke-1 @1',
      '2 cleared smoke-alarm:smoke-1 @3',
      '3 acknowledged smoke-alarm:smoke-1 @0',
      '4 reset smoke-alarm:smoke-1 @0',
    ]);
    expect(run.alarms.events({ afterSeq: 0, limit: 10 })).toEqual(run.published);
    expect(run.alarms.stats).toMatchObject({ standing: 0, events: 4, messages: 4 });
    expect(run.alarms.stats.happened).toMatchObject({ raised: 1, cleared: 1, acknowledged: 1, reset: 1, shelved: 0 });
  });

  it('escalate from level to level as one alarm, and come back the same way', async () => {
    run = await Run.start(dir, {}, [device('gas-1'), device('crowd-1', { domain: 'traffic' })]);
    const gas = (at: number, pct: number) =>
      run.send({ domain: 'fire', device: 'gas-1', ts: T0 + at * S, values: { combustible_gas_lel_pct: pct } });
    for (const [at, pct] of [24.9, 25, 49, 50, 45, 44.9, 20, 19.9].entries()) await gas(at, pct);
    expect(summary(run.published)).toEqual([
      '1 raised combustible-gas:gas-1 @1',
      '2 level_raised combustible-gas:gas-1 @3',
      '3 level_lowered combustible-gas:gas-1 @5',
      '4 cleared combustible-gas:gas-1 @7',
    ]);
    const told = run.published.map(({ alarm }) => [alarm.level, alarm.priority, alarm.setpoint, alarm.value]);
    expect(told).toEqual([
      ['level 1', 'high', 25, 25],
      ['level 2', 'critical', 50, 50],
      ['level 1', 'high', 25, 50],
      ['level 1', 'high', 25, 50],
    ]);
    expect(run.alarms.standing()).toHaveLength(1);
    const crowd = (at: number, density: number) =>
      run.send({ domain: 'traffic', device: 'crowd-1', ts: T0 + at * S, values: { people_density_per_m2: density } });
    for (const [at, density] of [
      [0, 2.17],
      [29, 3.99],
      [30, 3],
      [40, 4],
      [49, 4],
      [50, 4],
    ] as const) {
      await crowd(at, density);
    }
    expect(summary(run.published).slice(4)).toEqual([
      '5 raised crowd-density-high:crowd-1 @30',
      '6 level_raised crowd-density-high:crowd-1 @50',
    ]);
    expect(run.published.slice(4).map(({ alarm }) => alarm.priority)).toEqual(['medium', 'critical']);
  });

  it('put fire first within a commit', async () => {
    run = await Run.start(dir);
    await run.send(cod(T0, 900));
    await run.sendAll([cod(T0 + 60 * S, 900), smoke(T0 + 60 * S, true)]);
    expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @60', '2 raised cod-high:outlet-1 @60']);
  });

  it('raise nothing from a backlog older than the live window, and raise from its live end', async () => {
    run = await Run.start(dir);
    const receivedAt = T0 + 3_600 * S;
    for (let at = T0; at < receivedAt - 120 * S; at += 60 * S) {
      await run.send({ ...cod(at, 900), receivedAt });
      expect(run.published).toEqual([]);
    }
    await run.send({ ...cod(receivedAt, 900), receivedAt });
    expect(summary(run.published)).toEqual(['1 raised cod-high:outlet-1 @3600']);
  });

  it('use the limits of the device’s profile, and end what no longer applies when the profile changes', async () => {
    const outlet = { ...device('outlet-1', { domain: 'wastewater' }) } as { -readonly [K in keyof Device]: Device[K] };
    run = await Run.start(dir, {}, [outlet]);
    outlet.limitProfile = ELECTROPLATING;
    await run.send(cod(T0, 100));
    await run.send(cod(T0 + 60 * S, 100));
    outlet.limitProfile = null;
    await run.send(cod(T0 + 70 * S, 100));
    expect(summary(run.published)).toEqual([
      '1 raised cod-high-electroplating:outlet-1 @60',
      '2 cleared cod-high-electroplating:outlet-1 @70',
    ]);
    expect(run.published[1]?.cause).toBe('rule_withdrawn');
    await run.send(cod(T0 + 130 * S, 501));
    await run.send(cod(T0 + 190 * S, 501));
    expect(run.alarms.standing().map((alarm) => [alarm.id, alarm.state])).toEqual([
      ['cod-high:outlet-1', 'unack_active'],
      ['cod-high-electroplating:outlet-1', 'rtn_unack'],
    ]);
  });

  it('list standing alarms by scope, the newest first, in pages', async () => {
    run = await Run.start(dir);
    for (let n = 1; n <= 5; n += 1)
      await run.send({ ...smoke(T0 + n * S, true, `s-${n}`), park: n % 2 ? PARK : 'lc-xiedu-1' });
    await run.sendAll([cod(T0, 900), cod(T0 + 60 * S, 900)]);
    const seqs = (query: Parameters<typeof run.alarms.standing>[0]) =>
      run.alarms.standing(query).map((alarm) => alarm.seq);
    expect(seqs({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(seqs({ limit: 2, beforeSeq: 5 })).toEqual([4, 3]);
    expect(seqs({ parks: new Set(['lc-xiedu-1']) })).toEqual([4, 2]);
    expect(seqs({ domains: new Set(['wastewater']) })).toEqual([6]);
    expect(seqs({ minPriority: 'high' })).toEqual([5, 4, 3, 2, 1]);
    expect(seqs({ device: 's-3' })).toEqual([3]);
  });

  it('keep the newest events only, and go on numbering', async () => {
    run = await Run.start(dir, { keepEvents: 4 });
    for (let n = 0; n < 5; n += 1) {
      await run.send(smoke(T0 + 2 * n * S, true));
      await run.send(smoke(T0 + (2 * n + 1) * S, false));
    }
    expect(run.alarms.events({ afterSeq: 0, limit: 100 }).map((event) => event.seq)).toEqual([7, 8, 9, 10]);
    expect([run.alarms.oldestSeq(), run.alarms.headSeq(), run.alarms.stats.events]).toEqual([7, 10, 4]);
  });

  it('watch no more conditions than the bound, count the rest, and go on with those they watch', async () => {
    // One rule for each device.
    const defaults = DEFAULT_RULES.filter(({ id }) => id === 'smoke-alarm');
    run = await Run.start(dir, { maxConditions: 2, defaults });
    for (const id of ['s-1', 's-2', 's-3']) await run.send(smoke(T0, true, id));
    expect(run.alarms.standing().map((alarm) => alarm.device)).toEqual(['s-2', 's-1']);
    expect(run.alarms.stats).toMatchObject({ conditions: 2, refusedConditions: 1 });
  });

  it('publish nothing before it is stored: a failing write is tried again, what came meanwhile follows', async () => {
    run = await Run.start(dir, { retryMs: 5 });
    run.state.db.exec(`CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    await run.send(smoke(T0, true));
    await run.send(smoke(T0 + S, true, 'smoke-2'));
    await eventually(() => expect(run.alarms.stats.failedWrites).toBeGreaterThan(2));
    expect(run.published).toEqual([]);
    expect(run.alarms.standing()).toEqual([]);
    expect(run.alarms.stats.failing).toBe('disk full');
    run.state.db.exec('DROP TRIGGER full');
    await eventually(() => expect(run.published).toHaveLength(2));
    expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @0', '2 raised smoke-alarm:smoke-2 @1']);
    expect(run.alarms.stats.failing).toBeNull();
    await run.send(smoke(T0 + 2 * S, false));
    await eventually(() => expect(run.published).toHaveLength(3));
  });

  it('go on for the other listeners when one throws', async () => {
    const error = vi.fn();
    run = await Run.start(dir, { log: { info: () => {}, warn: () => {}, error } });
    const heard: number[] = [];
    run.alarms.onEvent(() => {
      throw new Error('listener');
    });
    const stop = run.alarms.onEvent((event) => heard.push(event.seq));
    await run.send(smoke(T0, true));
    stop();
    await run.send(smoke(T0 + S, false));
    expect(heard).toEqual([1]);
    expect(error).toHaveBeenCalledTimes(2);
  });

  it('let the journal go once its readings are evaluated and the cursor is stored', async () => {
    run = await Run.start(dir, { saveEveryMs: 5 });
    for (let n = 0; n < 5; n += 1) await run.send(smoke(T0 + n * S, false));
    await eventually(() => expect(run.alarms.stats.storedCursor).toBe(run.journal.head()));
    await eventually(() => expect(run.journal.stats.trimmedTo).toBe(run.journal.head() - 1));
  });

  it('start with the default rules', async () => {
    run = await Run.start(dir);
    expect(run.alarms.rules()).toHaveLength(DEFAULT_RULES.length);
    expect(run.alarms.rules()).toEqual(expect.arrayContaining([...DEFAULT_RULES]));
  });
});
