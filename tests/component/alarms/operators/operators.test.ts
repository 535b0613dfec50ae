import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperatorAction } from '../../../../src/alarms/port.js';
import { StorageUnavailableError } from '../../../../src/state/port.js';
import { cod, device, eventually, Run, smoke, summary, T0 } from '../helpers.js';

const S = 1_000;
const HOUR_S = 3_600;
const SMOKE = 'smoke-alarm:smoke-1';
const COD = 'cod-high:outlet-1';
let dir: string;
let run: Run;
let now: number;

const devices = [device('smoke-1'), device('outlet-1', { domain: 'wastewater' })];
const begin = async (options: Parameters<typeof Run.start>[1] = {}) => {
  now = T0;
  run = await Run.start(dir, { clock: () => now, ...options }, devices);
};
const plain = (kind: 'acknowledge' | 'reset' | 'unshelve' | 'return_to_service', comment: string | null = null) =>
  ({ kind, comment }) satisfies OperatorAction;
const shelve = (forS: number, oneShot = false): OperatorAction => ({ kind: 'shelve', comment: 'works', forS, oneShot });
const REMOVE: OperatorAction = { kind: 'remove_from_service', comment: 'painting' };

/** What became of each. */
const act = (action: OperatorAction, ...ids: readonly string[]) =>
  run.alarms.act(ids, action, 'op-1').map(({ refused }) => refused?.code ?? 'done');
const raiseCod = async (at = 0, id = 'outlet-1') => {
  await run.send(cod(T0 + at * S, 600, id));
  await run.send(cod(T0 + (at + 60) * S, 600, id));
};
const names = () => run.published.map(({ event, alarm }) => `${event} ${alarm.id}`);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('what operators do to alarms', () => {
  it('is told with who, when and what they said, and stands on the alarm', async () => {
    await begin();
    await run.send(smoke(T0, true));
    now = T0 + 30 * S;
    expect(act(plain('acknowledge', 'on my way'), SMOKE)).toEqual(['done']);
    expect(run.published.at(-1)).toMatchObject({
      seq: 2,
      event: 'acknowledged',
      cause: 'operator',
      at: now,
      receivedAt: now,
      by: 'op-1',
      comment: 'on my way',
      alarm: { id: SMOKE, state: 'acked_active', acknowledgedAt: now, acknowledgedBy: 'op-1', comment: 'on my way' },
    });
    expect(run.alarms.standing()).toEqual([run.published.at(-1)!.alarm]);
    await run.send(smoke(T0 + 40 * S, false));
    await run.send(smoke(T0 + 50 * S, true));
    expect(run.alarms.get(SMOKE)).toMatchObject({
      state: 'unack_active',
      acknowledgedAt: null,
      acknowledgedBy: null,
      comment: null,
    });
  });

  it('is done to each of many by itself: those that are possible happen, the others say why not', async () => {
    await begin();
    await run.sendAll([smoke(T0, true), smoke(T0, true, 'smoke-2')]);
    act(plain('acknowledge'), SMOKE);
    const results = run.alarms.act(
      [SMOKE, 'smoke-alarm:smoke-2', 'smoke-alarm:nobody', 'no-rule:smoke-1', 'nonsense', 'smoke-alarm:smoke-2'],
      plain('acknowledge'),
      'op-2',
    );
    expect(results.map(({ id, refused }) => [id, refused?.code ?? 'done'])).toEqual([
      [SMOKE, 'not_unacknowledged'],
      ['smoke-alarm:smoke-2', 'done'],
      ['smoke-alarm:nobody', 'unknown_alarm'],
      ['no-rule:smoke-1', 'unknown_alarm'],
      ['nonsense', 'unknown_alarm'],
      ['smoke-alarm:smoke-2', 'not_unacknowledged'],
    ]);
    expect(results[0]?.refused?.message).toBe(`alarm ${SMOKE}: there is nothing to acknowledge`);
    expect(summary(run.published.slice(2))).toEqual([
      `3 acknowledged ${SMOKE} @0`,
      '4 acknowledged smoke-alarm:smoke-2 @0',
    ]);
    expect(run.alarms.headSeq()).toBe(4);
  });

  it('resets what is latched, once it has ended and somebody has acknowledged it', async () => {
    await begin();
    await run.send(smoke(T0, true));
    expect(act(plain('reset'), SMOKE)).toEqual(['still_active']);
    await run.send(smoke(T0 + S, false));
    expect(act(plain('reset'), SMOKE)).toEqual(['acknowledge_first']);
    expect(act(plain('acknowledge'), SMOKE)).toEqual(['done']);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'latched_rtn', unacknowledged: false });
    expect(act(plain('reset'), SMOKE)).toEqual(['done']);
    expect(act(plain('reset'), SMOKE)).toEqual(['not_latched']);
    expect(run.alarms.standing()).toEqual([]);
  });

  it('shelves no longer than the class allows, and what can be fire never', async () => {
    await begin();
    await raiseCod();
    await run.send(smoke(T0, true));
    expect(act(shelve(60), SMOKE, 'smoke-alarm:smoke-1', 'hydrant-pressure-low:smoke-1')).toEqual([
      'not_shelvable',
      'not_shelvable',
      'not_shelvable',
    ]);
    expect(act(shelve(12 * HOUR_S + 1), COD)).toEqual(['shelved_too_long']);
    expect(act(shelve(12 * HOUR_S), COD)).toEqual(['done']);
    expect(act(shelve(60), COD)).toEqual(['already_shelved']);
    expect(run.alarms.get(COD)).toMatchObject({
      suppression: 'shelved',
      state: 'unack_active',
      shelved: { by: 'op-1', why: 'works', at: T0, until: T0 + 12 * HOUR_S * S, oneShot: false },
    });
    expect(act(plain('unshelve'), COD)).toEqual(['done']);
    expect(act(plain('unshelve'), COD)).toEqual(['not_shelved']);
    expect(names().slice(2)).toEqual([`shelved ${COD}`, `unshelved ${COD}`, `raised ${COD}`]);
    expect(run.published.at(-1)).toMatchObject({ cause: 'operator', by: 'op-1', alarm: { state: 'unack_active' } });
  });

  it('shelves an alarm before it ever stood, even of a device that has said nothing', async () => {
    await begin();
    expect(run.alarms.get(COD)).toBeUndefined();
    expect(run.alarms.find(COD)).toMatchObject({ id: COD, state: 'normal', raisedAt: null, seq: 0 });
    expect(act(shelve(HOUR_S, true), COD)).toEqual(['done']);
    expect(run.alarms.standing()).toMatchObject([{ id: COD, state: 'normal', suppression: 'shelved' }]);
    await run.stop();
    await begin();
    expect(run.alarms.standing()).toMatchObject([{ id: COD, state: 'normal', suppression: 'shelved' }]);
    await raiseCod();
    await run.send(cod(T0 + 120 * S, 100));
    await raiseCod(180);
    expect(names()).toEqual([`condition_began ${COD}`, `condition_ended ${COD}`, `unshelved ${COD}`, `raised ${COD}`]);
    expect(run.published[0]?.alarm).toMatchObject({ active: true, state: 'acked_active', suppression: 'shelved' });
  });

  it('takes out of service, fire too, without a limit of time, and back', async () => {
    await begin();
    expect(act(REMOVE, SMOKE)).toEqual(['done']);
    expect(act(REMOVE, SMOKE)).toEqual(['already_out_of_service']);
    await run.send(smoke(T0, true));
    expect(run.alarms.get(SMOKE)).toMatchObject({
      suppression: 'out_of_service',
      active: true,
      unacknowledged: false,
      outOfService: { by: 'op-1', why: 'painting', at: T0 },
    });
    now = T0 + 400 * 24 * HOUR_S * S;
    run.alarms.tick(now);
    expect(names()).toEqual([`out_of_service ${SMOKE}`, `condition_began ${SMOKE}`]);
    expect(act(plain('return_to_service'), SMOKE)).toEqual(['done']);
    expect(act(plain('return_to_service'), SMOKE)).toEqual(['not_out_of_service']);
    expect(names().slice(2)).toEqual([`returned_to_service ${SMOKE}`, `raised ${SMOKE}`]);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'unack_active', latched: true, suppression: null });
  });

  it('knows no alarm of a rule that is not for the device, and none of a part that was never measured', async () => {
    await begin();
    await run.send(smoke(T0, false));
    const unknown = ['cod-high:smoke-1', 'smoke-alarm:outlet-1', 'journal-filling:smoke-1', 'journal-filling:journal'];
    expect(act(shelve(60), ...unknown)).toEqual(unknown.map(() => 'unknown_alarm'));
    for (const id of unknown) expect(run.alarms.find(id)).toBeUndefined();
    run.alarms.observe('journal_fill_pct', 0, T0);
    expect(act(shelve(60), 'journal-filling:journal')).toEqual(['done']);
  });

  it('changes nothing by asking about an alarm, though the registry says something new', async () => {
    const outlet = { ...device('outlet-1', { domain: 'wastewater' }), limitProfile: 'electroplating' as string | null };
    now = T0;
    run = await Run.start(dir, { clock: () => now, registry: { device: () => outlet } });
    await run.send(cod(T0, 100));
    await run.send(cod(T0 + 60 * S, 100));
    outlet.limitProfile = null;
    expect(run.alarms.find('cod-high-electroplating:outlet-1')).toMatchObject({ state: 'unack_active' });
    expect(run.alarms.find('ph-high-electroplating:outlet-1')).toMatchObject({ state: 'normal' });
    expect(act(plain('acknowledge'), 'cod-high:outlet-1')).toEqual(['unknown_alarm']);
    expect(names()).toEqual(['raised cod-high-electroplating:outlet-1']);
    await run.send(cod(T0 + 70 * S, 100));
    expect(names().slice(1)).toEqual(['cleared cod-high-electroplating:outlet-1']);
  });
});

describe('a disk that fails', () => {
  it('leaves everything as it was, and says so', async () => {
    await begin({ retryMs: 5 });
    await run.sendAll([smoke(T0, true), smoke(T0, true, 'smoke-2')]);
    const before = structuredClone(run.alarms.standing());
    run.state.db.pragma('query_only = ON');
    expect(() => act(plain('acknowledge'), SMOKE, 'smoke-alarm:smoke-2')).toThrow(StorageUnavailableError);
    expect(() => act(REMOVE, 'heat-alarm:smoke-1')).toThrow(/nothing was stored/);
    expect(run.alarms.standing()).toEqual(before);
    expect(run.alarms.headSeq()).toBe(2);
    expect(run.published).toHaveLength(2);
    run.state.db.pragma('query_only = OFF');
    expect(act(plain('acknowledge'), SMOKE)).toEqual(['done']);
    expect(summary(run.published.slice(2))).toEqual([`3 acknowledged ${SMOKE} @0`]);
    expect(run.alarms.events({ afterSeq: 0, limit: 10 })).toEqual(run.published);
    await run.stop();
    await begin();
    expect(run.alarms.standing().map(({ id, state }) => `${id} ${state}`)).toEqual([
      `${SMOKE} acked_active`,
      'smoke-alarm:smoke-2 unack_active',
    ]);
  });

  it('lets nobody change an alarm while events wait for it, for they would be told out of order', async () => {
    await begin({ retryMs: 5 });
    await run.send(smoke(T0, true));
    run.state.db.exec(`CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    await run.send(smoke(T0 + S, true, 'smoke-2'));
    expect(() => act(plain('acknowledge'), SMOKE)).toThrow(StorageUnavailableError);
    run.state.db.exec('DROP TRIGGER full');
    await eventually(() => expect(act(plain('acknowledge'), SMOKE)).toEqual(['done']));
    expect(summary(run.published)).toEqual([
      `1 raised ${SMOKE} @0`,
      '2 raised smoke-alarm:smoke-2 @1',
      `3 acknowledged ${SMOKE} @0`,
    ]);
  });
});
