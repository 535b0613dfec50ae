import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule, Cause } from '../../../src/alarms/model/rule/rule.js';
import type { Device } from '../../../src/registry/port.js';
import { device, type Message, PARK, Run, T0 } from './helpers.js';

const S = 1_000;
const HOLD = 120;
let dir: string;
let run: Run;
let now: number;

const byId = (id: string) => DEFAULT_RULES.find((rule) => rule.id === id)!;
const because = (id: string, ...suppressedBy: readonly Cause[]): AlarmRule => ({ ...byId(id), suppressedBy });
/** A pump fault silences low pressure in its place; that in turn silences the tank; a controller fault the pump fault. */
const CHAIN = [
  byId('controller-fault'),
  because('fire-pump-fault', { rule: 'controller-fault', scope: 'park' }),
  { ...because('hydrant-pressure-low', { rule: 'fire-pump-fault', scope: 'place' }), onDelayS: 0 },
  { ...because('tank-level-low', { rule: 'hydrant-pressure-low', scope: 'device' }), onDelayS: 0 },
];
const devices: readonly Device[] = [
  device('controller-1', { place: 'gate' }),
  device('pump-1'),
  device('hydrant-1'),
  device('hydrant-far', { place: '9号楼', enterprise: null }),
  device('hydrant-other', { park: 'lc-xiedu-1' }),
];

const begin = async (rules: readonly AlarmRule[] = CHAIN) => {
  run = await Run.start(dir, { clock: () => now, defaults: rules }, devices);
};
const say = (id: string, at: number, values: Message['values']) => {
  now = T0 + at * S;
  const { park } = devices.find((one) => one.id === id)!;
  return run.send({ domain: 'fire', device: id, ts: now, values, park });
};
const controller = (at: number, on: boolean) => say('controller-1', at, { controller_fault: on });
const pump = (at: number, on: boolean) => say('pump-1', at, { fire_pump_fault: on });
const pressure = (at: number, low: boolean, id = 'hydrant-1') =>
  say(id, at, { hydrant_pressure_mpa: low ? 0.05 : 0.4 });
const tank = (at: number, low: boolean) => say('hydrant-1', at, { tank_level_m: low ? 0.5 : 3 });
const tick = (at: number) => {
  now = T0 + at * S;
  run.alarms.tick(now);
};
const told = () => run.published.map(({ event, cause, alarm }) => `${event} ${alarm.id} ${cause}`);
const take = () => told().splice(0, run.published.splice(0).length);
const seen = () =>
  run.alarms
    .standing()
    .filter(({ suppression, active }) => suppression === null && active)
    .map(({ id }) => id)
    .sort();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
  now = T0;
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('suppression by design', () => {
  it('silences what begins after its cause, names it, and records the condition all the same', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true);
    expect(take()).toEqual([
      'raised fire-pump-fault:pump-1 reading',
      'suppressed hydrant-pressure-low:hydrant-1 design',
      'condition_began hydrant-pressure-low:hydrant-1 reading',
    ]);
    expect(run.alarms.get('hydrant-pressure-low:hydrant-1')).toMatchObject({
      active: true,
      unacknowledged: false,
      suppression: 'suppressed_by_design',
      cause: 'fire-pump-fault:pump-1',
    });
    expect(seen()).toEqual(['fire-pump-fault:pump-1']);
  });

  it('silences what stood before its cause began, unacknowledged as it is', async () => {
    await begin();
    await pressure(0, true);
    await pump(1, true);
    expect(take()).toEqual([
      'raised hydrant-pressure-low:hydrant-1 reading',
      'raised fire-pump-fault:pump-1 reading',
      'suppressed hydrant-pressure-low:hydrant-1 design',
    ]);
    expect(run.alarms.get('hydrant-pressure-low:hydrant-1')).toMatchObject({ unacknowledged: true, active: true });
  });

  it('reaches as far as its scope: not another place, not another park', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true, 'hydrant-far');
    await pressure(1, true, 'hydrant-other');
    expect(seen()).toEqual([
      'fire-pump-fault:pump-1',
      'hydrant-pressure-low:hydrant-far',
      'hydrant-pressure-low:hydrant-other',
    ]);
  });

  it.each([
    ['device', []],
    ['place', ['hydrant-1']],
    ['enterprise', ['hydrant-1']],
    ['park', ['hydrant-1', 'hydrant-far']],
  ] as const)('over a %s silences %s', async (scope, silenced) => {
    await begin([
      byId('fire-pump-fault'),
      { ...because('hydrant-pressure-low', { rule: 'fire-pump-fault', scope }), onDelayS: 0 },
    ]);
    await pump(0, true);
    for (const id of ['hydrant-1', 'hydrant-far', 'hydrant-other']) await pressure(1, true, id);
    const suppressed = run.alarms.standing({ suppressions: new Set(['suppressed_by_design']) });
    expect(suppressed.map((alarm) => alarm.device).sort()).toEqual(silenced);
  });

  it('holds for two minutes after its cause, so that what recovers with it asks nobody', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true);
    await pump(10, false);
    take();
    tick(10 + HOLD - 1);
    expect(take()).toEqual([]);
    await pressure(10 + HOLD - 1, false);
    expect(take()).toEqual([
      'condition_ended hydrant-pressure-low:hydrant-1 reading',
      'unsuppressed hydrant-pressure-low:hydrant-1 reading',
    ]);
    tick(10 + HOLD);
    expect(take()).toEqual([]);
    expect(seen()).toEqual([]);
  });

  it('ends after that, and what is still active asks for attention', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true);
    await pump(10, false);
    take();
    tick(10 + HOLD);
    expect(take()).toEqual([
      'unsuppressed hydrant-pressure-low:hydrant-1 design',
      'raised hydrant-pressure-low:hydrant-1 design',
    ]);
    expect(run.alarms.get('hydrant-pressure-low:hydrant-1')).toMatchObject({ state: 'unack_active', cause: null });
  });

  it('goes on when its cause is back before that, and is held anew when it ends again', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true);
    await pump(10, false);
    await pump(100, true);
    tick(10 + HOLD);
    await pump(200, false);
    take();
    tick(200 + HOLD - 1);
    expect(take()).toEqual([]);
    tick(200 + HOLD);
    expect(take()).toHaveLength(2);
  });

  it('is chained: each link is silenced by the one before, and freed link by link', async () => {
    await begin();
    await pressure(0, true);
    await tank(1, true);
    await pump(2, true);
    await controller(3, true);
    expect(seen()).toEqual(['controller-fault:controller-1']);
    const causes = run.alarms.standing().map(({ rule, cause }) => [rule, cause]);
    expect(Object.fromEntries(causes)).toEqual({
      'controller-fault': null,
      'fire-pump-fault': 'controller-fault:controller-1',
      'hydrant-pressure-low': 'fire-pump-fault:pump-1',
      'tank-level-low': 'hydrant-pressure-low:hydrant-1',
    });
    await controller(10, false);
    tick(10 + HOLD);
    expect(seen()).toEqual(['fire-pump-fault:pump-1']);
    await pressure(200, false);
    tick(200 + HOLD);
    expect(seen()).toEqual(['fire-pump-fault:pump-1', 'tank-level-low:hydrant-1']);
  });

  it('silences also when the cause itself is put aside by an operator', async () => {
    await begin();
    await pump(0, true);
    run.alarms.act(['fire-pump-fault:pump-1'], { kind: 'remove_from_service', comment: 'known' }, 'op');
    await pressure(1, true);
    expect(seen()).toEqual([]);
  });

  it.each([
    ['two that name each other', ['fire-pump-fault', 'controller-fault']],
    ['three in a ring', ['fire-pump-fault', 'controller-fault', 'hydrant-pressure-low']],
  ])('never silences the cause: of %s one is seen, whichever comes first', async (_, ring) => {
    const rules = ring.map((id, place) => {
      const cause = { rule: ring[(place + 1) % ring.length]!, scope: 'park' } as const;
      return { ...because(id, cause), onDelayS: 0 };
    });
    const raise: Record<string, (at: number, on: boolean) => Promise<void>> = {
      'fire-pump-fault': pump,
      'controller-fault': controller,
      'hydrant-pressure-low': pressure,
    };
    await begin(rules);
    for (const order of [ring, ring.toReversed()]) {
      const start = (now - T0) / S + 1_000;
      for (const [place, id] of order.entries()) {
        await raise[id]!(start + place, true);
        expect(seen()).toHaveLength(1);
      }
      for (const id of order) await raise[id]!(start + 10, false);
      tick(start + 500);
      expect(run.alarms.standing().filter(({ active, suppression }) => active || suppression !== null)).toEqual([]);
    }
  });

  it('of one rule over a place leaves the first of its alarms seen', async () => {
    await begin([{ ...because('hydrant-pressure-low', { rule: 'hydrant-pressure-low', scope: 'park' }), onDelayS: 0 }]);
    await pressure(0, true);
    await pressure(1, true, 'hydrant-far');
    expect(seen()).toEqual(['hydrant-pressure-low:hydrant-1']);
    await pressure(2, false);
    tick(2 + HOLD);
    expect(seen()).toEqual(['hydrant-pressure-low:hydrant-far']);
  });

  it.each(['stop', 'kill'])(
    'is as before after a %s, with the cause standing and with the hold running',
    async (how) => {
      const restart = async () => {
        if (how === 'stop') await run.stop();
        else run.crash();
        await begin();
      };
      await begin();
      await pump(0, true);
      await pressure(1, true);
      await restart();
      expect(seen()).toEqual(['fire-pump-fault:pump-1']);
      tick(5_000);
      expect(take()).toEqual([]);
      await pump(5_010, false);
      await restart();
      tick(5_010 + HOLD - 1);
      expect(seen()).toEqual([]);
      tick(5_010 + HOLD);
      expect(seen()).toEqual(['hydrant-pressure-low:hydrant-1']);
    },
  );

  it('follows the rules as they change: a cause that is named now silences, one that is not lets go', async () => {
    await begin();
    await pump(0, true);
    await pressure(1, true);
    await tank(1, true);
    take();
    const free = CHAIN.map((rule) => ({ ...rule, version: 9, suppressedBy: [] }));
    run.alarms.setRules(free);
    expect(take()).toEqual([]);
    tick(1 + HOLD);
    expect(seen()).toEqual(['fire-pump-fault:pump-1', 'hydrant-pressure-low:hydrant-1', 'tank-level-low:hydrant-1']);
    take();
    run.alarms.setRules(CHAIN.map((rule) => ({ ...rule, version: 10 })));
    expect(take()).toEqual([
      'suppressed hydrant-pressure-low:hydrant-1 design',
      'suppressed tank-level-low:hydrant-1 design',
    ]);
    run.alarms.setRules(CHAIN.filter(({ id }) => id !== 'fire-pump-fault'));
    expect(take()).toEqual(['cleared fire-pump-fault:pump-1 rule_withdrawn']);
    tick(1 + 2 * HOLD);
    expect(seen()).toEqual(['hydrant-pressure-low:hydrant-1']);
    expect(run.alarms.standing({ parks: new Set([PARK]) })).toHaveLength(3);
  });
});
