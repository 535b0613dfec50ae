import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperatorAction } from '../../../src/alarms/port.js';
import { cod, device, type Message, Run, smoke, T0 } from './helpers.js';

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const SMOKE = 'smoke-alarm:smoke-1';
const COD = 'cod-high:outlet-1';
const QUEUE = 'queue-long:gate-1';
const ACKNOWLEDGE: OperatorAction = { kind: 'acknowledge', comment: 'seen' };
const shelve = (forS: number): OperatorAction => ({ kind: 'shelve', comment: 'works', forS, oneShot: false });
const devices = [
  device('smoke-1'),
  device('outlet-1', { domain: 'wastewater' }),
  device('gate-1', { domain: 'traffic' }),
];

let dir: string;
let run: Run;
let now: number;

const begin = async () => {
  run = await Run.start(dir, { clock: () => now }, devices);
};
const act = (action: OperatorAction, id: string) => {
  const [result] = run.alarms.act([id], action, 'op-1');
  if (result?.refused) throw result.refused;
};
const tick = (at: number) => {
  now = at;
  run.alarms.tick(at);
};
/** What happened after the first so many events. */
const since = (seq: number) =>
  run.alarms
    .events({ afterSeq: seq, limit: 100 })
    .map(({ event, cause, at, by }) => `${event} ${cause} @${(at - T0) / S}${by === null ? '' : ` by ${by}`}`);
const raiseCod = async () => {
  await run.send(cod(T0 - MIN, 600));
  await run.send(cod(T0, 600));
};
const queue = (ts: number, metres: number): Message => ({
  domain: 'traffic',
  device: 'gate-1',
  ts,
  values: { queue_length_m: metres },
});

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
  now = T0;
  await begin();
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('as time passes', () => {
  it('a shelving is over when it was to be, and what is active asks for attention again', async () => {
    await raiseCod();
    act(shelve(600), COD);
    tick(T0 + 600 * S - 1);
    expect(since(2)).toEqual([]);
    tick(T0 + 600 * S);
    expect(since(2)).toEqual(['unshelved time @600', 'raised time @600']);
    expect(run.alarms.get(COD)).toMatchObject({ state: 'unack_active', shelved: null, suppression: null });
    tick(T0 + 601 * S);
    expect(since(4)).toEqual([]);
  });

  it('a shelving that was over while the service was not there ends with the first look', async () => {
    await raiseCod();
    act(shelve(600), COD);
    await run.stop();
    now = T0 + HOUR;
    await begin();
    expect(run.alarms.get(COD)).toMatchObject({ suppression: 'shelved' });
    tick(now);
    expect(since(2)).toEqual(['unshelved time @3600', 'raised time @3600']);
  });

  it.each([
    ['longer than any may last', 'ends', 30 * HOUR, ['unshelved time @0', 'raised time @0']],
    ['a moment longer', 'stays', S, []],
  ])('a shelving that would last %s, because the clock was set back, %s', async (_, __, aheadMs, told) => {
    await raiseCod();
    now = T0 + aheadMs;
    act(shelve(12 * 3_600), COD);
    tick(T0);
    expect(since(2)).toEqual(told);
    tick(T0 + S);
    expect(since(2)).toHaveLength(told.length);
  });

  it('an alarm that was acknowledged, or ended, in the future asks again or is over', async () => {
    await run.sendAll([smoke(T0, true), queue(T0 - 2 * MIN, 300), queue(T0, 300)]);
    now = T0 + 30 * HOUR;
    act(ACKNOWLEDGE, SMOKE);
    await run.send(queue(now, 0));
    tick(now + 5 * MIN);
    await run.send(queue(now, 0));
    expect(run.alarms.get(QUEUE)).toMatchObject({ state: 'rtn_unack' });
    tick(T0 + MIN);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'unack_active' });
    expect(run.alarms.get(QUEUE)).toMatchObject({ state: 'normal' });
  });

  it('an alarm that was normal leaves the list with its shelving', async () => {
    act(shelve(60), COD);
    tick(T0 + MIN);
    expect(since(1)).toEqual(['unshelved time @60']);
    expect(run.alarms.standing()).toEqual([]);
  });

  it('an acknowledged fire alarm that stands asks again after ten minutes, and again', async () => {
    await run.send(smoke(T0, true));
    tick(T0 + 9 * MIN);
    act(ACKNOWLEDGE, SMOKE);
    tick(T0 + 19 * MIN - 1);
    expect(since(2)).toEqual([]);
    tick(T0 + 19 * MIN);
    expect(since(2)).toEqual(['re_alarmed time @1140']);
    expect(run.alarms.get(SMOKE)).toMatchObject({
      state: 'unack_active',
      acknowledgedAt: null,
      acknowledgedBy: null,
      comment: null,
      raisedAt: T0,
    });
    tick(T0 + 40 * MIN);
    expect(since(3)).toEqual([]);
    act(ACKNOWLEDGE, SMOKE);
    await run.stop();
    await begin();
    tick(T0 + 50 * MIN);
    expect(since(3)).toEqual(['acknowledged operator @2400 by op-1', 're_alarmed time @3000']);
  });

  it('no alarm asks again that is out of service, that has ended, or whose class does not', async () => {
    await run.sendAll([smoke(T0, true), smoke(T0, true, 'smoke-2'), queue(T0 - 2 * MIN, 300), queue(T0, 300)]);
    for (const id of [SMOKE, 'smoke-alarm:smoke-2', QUEUE]) act(ACKNOWLEDGE, id);
    act({ kind: 'remove_from_service', comment: 'painting' }, SMOKE);
    await run.send(smoke(T0 + S, false, 'smoke-2'));
    const { seq } = run.published.at(-1)!;
    tick(T0 + 30 * 24 * HOUR);
    expect(since(seq)).toEqual([]);
  });

  it('an alarm of operation that has ended counts as acknowledged after an hour; one that stands does not', async () => {
    await run.sendAll([queue(T0 - 2 * MIN, 300), queue(T0, 300)]);
    tick(T0 + 5 * HOUR);
    expect(since(1)).toEqual([]);
    await run.send(queue(T0 + 5 * HOUR, 0));
    expect(run.alarms.get(QUEUE)).toMatchObject({ state: 'rtn_unack', clearedAt: T0 + 5 * HOUR });
    tick(T0 + 6 * HOUR - 1);
    expect(since(2)).toEqual([]);
    tick(T0 + 6 * HOUR);
    expect(since(2)).toEqual(['acknowledged time @21600']);
    expect(run.alarms.standing()).toEqual([]);
    expect(run.alarms.get(QUEUE)).toMatchObject({ acknowledgedAt: T0 + 6 * HOUR, acknowledgedBy: null });
  });

  it('nobody but a person acknowledges fire, or what pollutes', async () => {
    await raiseCod();
    await run.send(smoke(T0, true));
    await run.sendAll([smoke(T0 + S, false), cod(T0 + S, 100)]);
    const { seq } = run.published.at(-1)!;
    tick(T0 + 365 * 24 * HOUR);
    expect(since(seq)).toEqual([]);
    expect(run.alarms.standing().map(({ id, state }) => `${id} ${state}`)).toEqual([
      `${COD} rtn_unack`,
      `${SMOKE} latched_rtn`,
    ]);
  });
});
