import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmOptions } from '../../../src/alarms/engine/running.js';
import { placeId } from '../../../src/alarms/engine/watch/place-id.js';
import { DEFAULT_RULES, ELECTROPLATING } from '../../../src/alarms/model/defaults/index.js';
import { deviceKey } from '../../../src/model/ids.js';
import type { Device } from '../../../src/registry/port.js';
import { cod, device, type Message, PARK, Run, smoke, T0, type Values } from './helpers.js';

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const outlet = (more: Partial<Device> = {}) =>
  device('outlet-1', { domain: 'wastewater', limitProfile: ELECTROPLATING, ...more });
const COD = `cod-high-${ELECTROPLATING}:outlet-1`;
const SMOKE = 'smoke-alarm:smoke-1';

let dir: string;
let run: Run;
let now: number;
let devices: Device[];

const begin = async (more: Partial<AlarmOptions> = {}) => {
  run = await Run.start(dir, { clock: () => now, ...more }, devices);
};
/** The service's clock goes to `at`, looked at every second where something is due, else once. */
const tick = (at: number) => {
  now = at;
  run.alarms.tick(at);
};
const send = async (message: Message) => {
  now = message.receivedAt ?? message.ts;
  await run.send(message);
};
const told = () =>
  run.alarms
    .events({ afterSeq: 0, limit: 1_000 })
    .map(({ event, at, alarm }) => `${event} ${alarm.id} @${(at - T0) / S}`);
const about = (id: string) => told().filter((line) => line.includes(` ${id} `));
const fire = (id: string, ts: number, values: Values, receivedAt = ts): Message => ({
  ...{ domain: 'fire', device: id, ts, values, receivedAt },
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
  now = T0;
  devices = [device('smoke-1'), outlet()];
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('a value that is the newest and not stale goes on holding', () => {
  it('one COD reading beyond the limit raises after its delay, although the next is an hour away', async () => {
    await begin();
    await send(cod(T0, 200));
    tick(T0 + MIN - 1);
    expect(told()).toEqual([]);
    tick(T0 + MIN);
    expect(told()).toEqual([`raised ${COD} @60`]);
    expect(run.alarms.get(COD)).toMatchObject({ value: 200, since: T0, raisedAt: T0 + MIN, state: 'unack_active' });
    await send(cod(T0 + HOUR, 40));
    expect(about(COD).at(-1)).toBe(`cleared ${COD} @3600`);
  });

  it('an off-delay ends by the clock too', async () => {
    devices = [device('gas-1')];
    const rule = DEFAULT_RULES.find(({ id }) => id === 'combustible-gas')!;
    await begin({ defaults: [{ ...rule, offDelayS: 120 }] });
    await send(fire('gas-1', T0, { combustible_gas_lel_pct: 60 }));
    await send(fire('gas-1', T0 + MIN, { combustible_gas_lel_pct: 5 }));
    tick(T0 + 3 * MIN - 1);
    expect(told()).toEqual(['raised combustible-gas:gas-1 @0']);
    tick(T0 + 3 * MIN);
    expect(told()).toEqual(['raised combustible-gas:gas-1 @0', 'cleared combustible-gas:gas-1 @180']);
  });

  it('a hydrant without pressure that reports every 10 minutes', async () => {
    devices = [device('hydrant-1')];
    await begin();
    for (let at = T0; at < T0 + 48 * HOUR; at += 10 * MIN) {
      await send(fire('hydrant-1', at, { hydrant_pressure_mpa: 0 }));
      tick(at + MIN);
    }
    expect(about('hydrant-pressure-low:hydrant-1')).toEqual(['raised hydrant-pressure-low:hydrant-1 @30']);
  });

  it('an analyser registered at four hours, five times above the limit for ten days', async () => {
    devices = [outlet({ expectedIntervalS: 4 * 3_600, limitProfile: null })];
    await begin();
    for (let at = T0; at < T0 + 10 * DAY; at += 4 * HOUR) await send(cod(at, 2_500));
    expect(about('cod-high:outlet-1')).toEqual(['raised cod-high:outlet-1 @60']);
  });

  it('a meter of every 15 minutes on which a phase is lost', async () => {
    const voltages = DEFAULT_RULES.filter(({ id }) => id.startsWith('phase-lost') || id.startsWith('voltage-'));
    devices = [...new Set(voltages.map((rule) => rule.limitProfile))].map((limitProfile) =>
      device(`meter-${limitProfile}`, { domain: 'energy', limitProfile, place: null }),
    );
    await begin();
    for (let at = T0; at < T0 + DAY; at += 15 * MIN) {
      for (const { id } of devices) {
        const values = { voltage_a_v: 0, voltage_b_v: 300, voltage_c_v: 0 };
        await send({ domain: 'energy', device: id, ts: at, values });
      }
      tick(at + 5 * MIN);
    }
    for (const { id } of devices)
      expect(told().some((line) => line.includes(`raised`) && line.includes(id))).toBe(true);
  });

  it('a series of every ten seconds that falls silent ends no delay, not even over a kill', async () => {
    devices = [device('door-1')];
    const door = { ...DEFAULT_RULES.find(({ id }) => id === 'fire-door-open')!, onDelayS: 900, maxGapS: null };
    await begin({ defaults: [door], saveEveryMs: HOUR });
    const open = (at: number, on: boolean) => send(fire('door-1', at, { fire_door_open: on }));
    for (let at = 0; at < 100; at += 10) await open(T0 + at * S, false);
    await open(T0 + 100 * S, true);
    await run.alarms.close();
    run.crash();
    await begin({ defaults: [door] });
    tick(T0 + 50 * MIN);
    expect(told()).toEqual([]);
    await open(T0 + HOUR, true);
    tick(T0 + HOUR + MIN);
    expect(told()).toEqual([]);
  });

  it('a delay that runs goes on over a kill, and ends by the clock after it', async () => {
    await begin({ saveEveryMs: HOUR });
    await send(cod(T0, 200));
    run.crash();
    await begin();
    tick(T0 + 5 * MIN);
    expect(told()).toEqual([`raised ${COD} @60`]);
    expect(run.alarms.events({ afterSeq: 0, limit: 1 })[0]).toMatchObject({ cause: 'time', receivedAt: T0 + 5 * MIN });
  });
});

describe('a gateway whose clock is slow', () => {
  it('has an alarm of its own, and its alarms come all the same', async () => {
    await begin();
    const lag = 10 * MIN;
    for (let at = T0; at <= T0 + 5 * MIN; at += 20 * S) {
      await send({ ...cod(at - lag, 200), receivedAt: at });
      tick(at + S);
    }
    expect(about(COD).filter((line) => line.startsWith('raised '))).toHaveLength(1);
    expect(run.alarms.get(COD)).toMatchObject({ state: 'unack_active' });
    expect(run.alarms.get('gateway-lagging:gw-1')).toMatchObject({
      ...{ state: 'unack_active', park: PARK, domain: 'system', value: 600 },
    });
    await send(cod(T0 + 6 * MIN, 40));
    tick(T0 + 6 * MIN);
    expect(run.alarms.get(COD)).toMatchObject({ active: false });
    expect(run.alarms.get('gateway-lagging:gw-1')).toMatchObject({ active: false });
  });

  it('ends its alarm after a restart as well', async () => {
    await begin();
    for (let at = T0; at <= T0 + 3 * MIN; at += 20 * S) {
      await send({ ...cod(at - HOUR, 40), receivedAt: at });
      tick(at + S);
    }
    expect(run.alarms.get('gateway-lagging:gw-1')).toMatchObject({ active: true });
    run.crash();
    await begin();
    tick(T0 + 4 * MIN);
    expect(run.alarms.get('gateway-lagging:gw-1')).toMatchObject({ active: true });
    await send(cod(T0 + 5 * MIN, 40));
    tick(T0 + 5 * MIN);
    expect(run.alarms.get('gateway-lagging:gw-1')).toMatchObject({ active: false });
  });

  it.each([
    ['delayed by 121 seconds', 121 * S],
    ['the only one, after an outage of three minutes', 3 * MIN],
    ['of ten hours ago', 10 * HOUR],
  ])('fire raises at any age while it is the newest: %s', async (_, age) => {
    await begin();
    await send({ ...smoke(T0 - age, true), receivedAt: T0 });
    tick(T0 + 3 * S);
    expect(about(SMOKE)).toEqual([`raised ${SMOKE} @${-age / S}`]);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'unack_active' });
  });
});

describe('exceedances that arrive late', () => {
  const backlog = async (from: number, to: number, mgL: number, receivedAt: number) => {
    for (let at = from; at < to; at += MIN) await send({ ...cod(at, mgL), receivedAt });
  };

  it('are recorded as of the past, once, and the alarm stays as it is', async () => {
    await begin();
    await backlog(T0, T0 + 55 * MIN, 300, T0 + HOUR);
    expect(about(COD)).toEqual([]);
    tick(T0 + HOUR + 5 * S);
    const found = [`raised_late ${COD} @60`];
    expect(about(COD)).toEqual(found);
    await send(cod(T0 + HOUR + MIN, 40));
    tick(T0 + HOUR + 2 * MIN);
    await send(cod(T0 + HOUR + 4 * MIN, 40));
    found.push(`cleared_late ${COD} @3660`);
    expect(about(COD)).toEqual(found);
    expect(run.alarms.standing()).toEqual([]);
    expect(run.alarms.events({ afterSeq: 1, limit: 1 })[0]?.alarm).toMatchObject({
      ...{ value: 300, since: T0, raisedAt: T0 + MIN, clearedAt: T0 + HOUR + MIN, state: 'normal', active: false },
    });
    await backlog(T0, T0 + 55 * MIN, 300, T0 + HOUR + 5 * MIN);
    expect(about(COD)).toEqual(found);
    run.crash();
    await begin();
    await backlog(T0, T0 + 55 * MIN, 300, T0 + HOUR + 6 * MIN);
    expect(about(COD)).toEqual(found);
  });

  it('that ended in the backlog itself, of every class, are told with their end; short ones are none', async () => {
    devices = [outlet(), device('hydrant-1'), device('gate-1', { domain: 'traffic' })];
    await begin();
    const receivedAt = T0 + HOUR;
    const late = (one: Message) => send({ ...one, receivedAt });
    const gate = (ts: number, metres: number): Message => ({
      ...{ domain: 'traffic', device: 'gate-1', ts, values: { queue_length_m: metres } },
    });
    await send(cod(receivedAt, 40));
    for (const [at, mgL] of [
      [0, 40],
      [1, 200],
      [2, 200],
      [3, 40],
      [3.5, 200],
      [4, 40],
    ] as const)
      await late(cod(T0 + at * MIN, mgL));
    for (const [at, mpa] of [
      [0, 0],
      [1, 0],
      [2, 0.3],
    ] as const)
      await late(fire('hydrant-1', T0 + at * MIN, { hydrant_pressure_mpa: mpa }));
    for (const [at, metres] of [
      [0, 300],
      [2, 300],
      [4, 0],
    ] as const)
      await late(gate(T0 + at * MIN, metres));
    // What is older still may come for a moment.
    tick(receivedAt + 5 * S);
    expect(about(COD)).toEqual([`raised_late ${COD} @120`, `cleared_late ${COD} @180`]);
    expect(about('hydrant-pressure-low:hydrant-1')).toEqual([
      'raised_late hydrant-pressure-low:hydrant-1 @30',
      'cleared_late hydrant-pressure-low:hydrant-1 @120',
    ]);
    expect(about('queue-long:gate-1')).toEqual([
      'raised_late queue-long:gate-1 @120',
      'cleared_late queue-long:gate-1 @240',
    ]);
    expect(run.alarms.standing()).toEqual([]);
    expect(run.alarms.stats.happened).toMatchObject({ raised: 0, raised_late: 3, cleared_late: 3 });
  });

  it.each([
    ['the newest, and followed by a normal one', [[4 * HOUR, 40]], [], `@${4 * 3_600}`],
    ['the newest, and nothing follows', [], [], null],
    ['overtaken by a newer one', [], [[4 * HOUR, 40]], `@${4 * 3_600}`],
  ] as const)('held for their delay by their interval, one reading alone: %s', async (_, after, overtakers, end) => {
    devices = [outlet({ expectedIntervalS: 4 * 3_600 })];
    await begin();
    await send(cod(T0 - 4 * HOUR, 50));
    for (const [at, mgL] of overtakers) await send(cod(T0 + at, mgL));
    await send({ ...cod(T0, 300), receivedAt: T0 + 4 * HOUR + (overtakers.length > 0 ? MIN : -MIN) });
    for (const [at, mgL] of after) await send(cod(T0 + at, mgL));
    tick(T0 + 4 * HOUR + 5 * MIN);
    expect(about(COD)).toEqual([`raised_late ${COD} @60`, ...(end === null ? [] : [`cleared_late ${COD} ${end}`])]);
    expect(run.alarms.standing()).toEqual([]);
  });

  it('overtaken by what came sooner than their delay are none', async () => {
    devices = [outlet()];
    await begin();
    for (let at = 0; at <= 60; at += 1) if (at !== 30) await send(cod(T0 + at * 30 * S, 40));
    await send({ ...cod(T0 + 30 * 30 * S, 300), receivedAt: T0 + HOUR });
    tick(T0 + 2 * HOUR);
    expect(told()).toEqual([]);
  });

  it('belong to the alarm that stands on them, and to what stood', async () => {
    await begin();
    await backlog(T0, T0 + 59 * MIN, 300, T0 + HOUR);
    await send(cod(T0 + HOUR, 300));
    expect(about(COD)).toEqual([`raised ${COD} @3480`]);
    await send(cod(T0 + HOUR + MIN, 40));
    const before = told();
    await send({ ...cod(T0 + HOUR, 300), receivedAt: T0 + 2 * HOUR });
    expect(told()).toEqual(before);
  });
});

describe('readings out of order', () => {
  it('of a fire leave their trace, even inside one message', async () => {
    await begin();
    const text = JSON.stringify([
      { ts: T0 + 50 * S, values: { smoke_alarm: 0 } },
      { ts: T0 + 10 * S, values: { smoke_alarm: 1 } },
    ]);
    const readings = [
      { metric: 'smoke_alarm', ts: T0 + 50 * S, value: 0, flag: 'N', quality: 'good' },
      { metric: 'smoke_alarm', ts: T0 + 10 * S, value: 1, flag: 'N', quality: 'good' },
    ] as const;
    const receivedAt = T0 + 51 * S;
    const decoded = {
      park: PARK,
      domain: 'fire',
      device: deviceKey(PARK, 'smoke-1'),
      gateway: 'gw-1',
      receivedAt,
      readings,
    } as const;
    const payload = Buffer.from(text);
    await run.journal.append({
      ...{ park: PARK, topic: `parks/${PARK}/fire/smoke-1/readings`, gateway: 'gw-1', receivedAt, payload, decoded },
    });
    expect(about(SMOKE)).toEqual([`raised ${SMOKE} @10`, `cleared ${SMOKE} @50`]);
    expect(run.alarms.get(SMOKE)).toMatchObject({ state: 'latched_rtn' });
  });

  it('in another message are recorded as of the past', async () => {
    await begin();
    await send(smoke(T0 + 50 * S, false));
    await send({ ...smoke(T0 + 10 * S, true), receivedAt: T0 + 51 * S });
    await send({ ...smoke(T0 + 10 * S, true), receivedAt: T0 + 52 * S });
    tick(T0 + 57 * S);
    expect(about(SMOKE)).toEqual([`raised_late ${SMOKE} @10`]);
    tick(T0 + 52 * S + 2 * MIN);
    expect(about(SMOKE)).toEqual([`raised_late ${SMOKE} @10`, `cleared_late ${SMOKE} @50`]);
    await send({ ...smoke(T0 + 10 * S, true), receivedAt: T0 + 5 * MIN });
    tick(T0 + 6 * MIN);
    expect(about(SMOKE)).toHaveLength(2);
    expect(run.alarms.standing()).toEqual([]);
  });
});

describe('after the clock was set back by an hour', () => {
  const restarts = [
    ['at once', false],
    ['after a restart', true],
  ] as const;
  const setBack = async (restart: boolean) => {
    if (!restart) return;
    run.crash();
    now = T0;
    await begin();
  };

  it.each(restarts)('smoke raises %s', async (_, restart) => {
    await begin({ saveEveryMs: HOUR });
    await send(smoke(T0 + HOUR, false));
    await setBack(restart);
    await send(smoke(T0 + S, false));
    await send(smoke(T0 + 2 * S, true));
    expect(about(SMOKE)).toEqual([`raised ${SMOKE} @2`]);
  });

  it.each(restarts)('a standing alarm ends %s', async (_, restart) => {
    await begin();
    await send(smoke(T0 + HOUR, true));
    await setBack(restart);
    await send(smoke(T0 + 10 * S, false));
    expect(run.alarms.get(SMOKE)).toMatchObject({ active: false, state: 'latched_rtn' });
    await send(smoke(T0 + 20 * S, true));
    expect(run.alarms.get(SMOKE)).toMatchObject({ active: true });
  });

  it('delays and signals run again', async () => {
    devices = [outlet(), device('gate-1', { domain: 'traffic' })];
    const stuck = {
      ...DEFAULT_RULES.find(({ id }) => id === 'queue-long')!,
      ...({ id: 'queue-stuck', family: 'queue-stuck', signal: { kind: 'unchanged' }, onDelayS: 0 } as const),
      comparison: {
        ...({ side: 'high', inclusive: true } as const),
        levels: [{ name: 'alarm', setpoint: 60, deadband: 0, priority: 'low' } as const],
      },
    };
    await begin({ defaults: [...DEFAULT_RULES, stuck] });
    const gate = (ts: number): Message => ({ domain: 'traffic', device: 'gate-1', ts, values: { queue_length_m: 7 } });
    await send(cod(T0 + HOUR, 200));
    await send(gate(T0 + HOUR));
    for (const at of [10, 40, 70, 80]) {
      await send(cod(T0 + at * S, 200));
      await send(gate(T0 + at * S));
    }
    expect(about(COD)).toEqual([`raised ${COD} @70`]);
    expect(about('queue-stuck:gate-1')).toEqual(['raised queue-stuck:gate-1 @70']);
  });
});

describe('votes of a place', () => {
  const HERE = `fire-confirmed:${placeId(PARK, '3号楼2层')}`;
  beforeEach(() => {
    devices = ['a', 'b', 'c'].map((id) => device(id));
  });

  it('two detectors that both stand confirm, six minutes apart', async () => {
    await begin();
    await send(smoke(T0, true, 'a'));
    await send(smoke(T0 + 6 * MIN, true, 'b'));
    expect(about(HERE)).toEqual([`raised ${HERE} @360`]);
  });

  it('smoke of ten hours ago and one live detector do not', async () => {
    await begin();
    await send(smoke(T0, true, 'a'));
    await send({ ...smoke(T0 - 10 * HOUR, true, 'b'), receivedAt: T0 + S });
    await send(smoke(T0 + 2 * S, true, 'a'));
    expect(about(HERE)).toEqual([]);
  });

  it('an older reading that arrives late is not the newest of its detector', async () => {
    await begin();
    await send(smoke(T0 + 50 * S, false, 'b'));
    await send({ ...smoke(T0 + 10 * S, true, 'b'), receivedAt: T0 + 55 * S });
    await send(smoke(T0 + MIN, true, 'a'));
    expect(about(HERE)).toEqual([]);
  });

  it('two metrics of one combined detector are one voter', async () => {
    await begin();
    await send(fire('a', T0, { smoke_alarm: 1, heat_alarm: 1 }));
    expect(about(HERE)).toEqual([]);
    await send(fire('b', T0 + S, { heat_alarm: 1 }));
    expect(about(HERE)).toEqual([`raised ${HERE} @1`]);
  });
});

describe('an old data folder', () => {
  it('opens: conditions that know no newest measure wait for a reading', async () => {
    await begin();
    await send(cod(T0, 200));
    await run.alarms.close();
    run.state.db
      .prepare("UPDATE alarm_watches SET condition = json_remove(condition, '$.newest', '$.past', '$.steps')")
      .run();
    run.crash();
    await begin();
    tick(T0 + 2 * MIN);
    expect(told()).toEqual([]);
    await send(cod(T0 + 3 * MIN, 200));
    expect(told()).toEqual([`raised ${COD} @180`]);
  });
});
