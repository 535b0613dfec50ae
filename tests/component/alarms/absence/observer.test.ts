import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../src/alarms/model/rule/rule.js';
import { PARKS } from '../../../../src/registry/parks/data/parks.js';
import { eventually, T0, withDir } from '../helpers.js';
import { S, Setup, World } from './helpers.js';

const many = (world: World, gateway: string, count: number, prefix = 'smoke') => {
  for (let n = 0; n < count; n += 1) world.sensor(`${prefix}-${n}`, gateway);
  return world;
};
const within = (world: World, work: (setup: Setup) => Promise<void>, options: Parameters<typeof Setup.start>[2] = {}) =>
  withDir(async (dir) => {
    const setup = await Setup.start(world, dir, options);
    await work(setup);
    await setup.stop();
  });

describe('a silent device', () => {
  it('raises one alarm once it is overdue beside others, and ends it when it speaks', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      expect(await setup.for(100)).toEqual([]);
      world.sensors.get('smoke-1')!.values = null;
      expect(await setup.for(60)).toEqual([]);
      expect(await setup.for(15)).toEqual(['raised fire-device-silent:smoke-1']);
      expect(setup.run.alarms.standing()[0]).toMatchObject({ priority: 'high', domain: 'fire', metric: 'silence_s' });
      expect(await setup.for(600)).toEqual([]);
      world.sensors.get('smoke-1')!.values = { smoke_alarm: false };
      expect(await setup.for(20)).toEqual(['cleared fire-device-silent:smoke-1']);
      expect(await setup.for(300)).toEqual([]);
    });
  });

  it('is found by the interval it has shown, where the registry has none', async () => {
    const world = many(new World().gateway('gw'), 'gw', 2).sensor(
      'slow',
      'gw',
      { expectedIntervalS: null },
      {
        smoke_alarm: false,
      },
      60,
    );
    await within(world, async (setup) => {
      expect(await setup.for(60 * 12)).toEqual([]);
      world.sensors.get('slow')!.values = null;
      expect(await setup.for(175)).toEqual([]);
      expect(await setup.for(15)).toEqual(['raised fire-device-silent:slow']);
    });
  });

  it('is not missed where no interval is known', async () => {
    const world = many(new World().gateway('gw'), 'gw', 2).sensor('button', 'gw', { expectedIntervalS: null });
    await within(world, async (setup) => {
      await setup.for(60);
      world.sensors.get('button')!.values = null;
      expect(await setup.for(1_800)).toEqual([]);
    });
  });

  it('reaches the later levels of its rule as time goes by', async () => {
    const energy: Parameters<World['sensor']> = ['em', 'gw', { domain: 'energy' }, { active_power_kw: 5 }];
    const world = many(new World().gateway('gw'), 'gw', 1).sensor(...energy);
    const defaults = DEFAULT_RULES.map((rule): AlarmRule => {
      if (rule.id !== 'energy-device-silent') return rule;
      const levels = rule.comparison.levels.map((level, n) => ({ ...level, setpoint: [600, 1_200][n]! }));
      return { ...rule, comparison: { ...rule.comparison, levels } };
    });
    await within(
      world,
      async (setup) => {
        await setup.for(100);
        world.sensors.get('em')!.values = null;
        expect(await setup.for(660)).toEqual([]);
        expect(await setup.for(60)).toEqual(['raised energy-device-silent:em']);
        expect(await setup.for(600)).toEqual(['level_raised energy-device-silent:em']);
      },
      { defaults },
    );
  });

  it('is still missed after it moved to another gateway', async () => {
    const world = many(new World().gateway('gw').gateway('gw-2'), 'gw', 2);
    many(world, 'gw-2', 1, 'heat');
    await within(world, async (setup) => {
      await setup.for(60);
      world.sensor('smoke-1', 'gw-2');
      await setup.for(60);
      world.online('gw', false);
      world.sensors.get('smoke-1')!.values = null;
      expect(await setup.for(120)).toEqual(
        ['raised fire-device-silent:smoke-1', 'raised gateway-offline:gw'].slice(0, 1),
      );
    });
  });
});

describe('a series that is missing from a device that sends others', () => {
  const station = (values: Record<string, number>) =>
    many(new World().gateway('gw'), 'gw', 1).sensor('ww', 'gw', { domain: 'wastewater' }, values);

  it('is found as that series, and its readings are not taken for its silence', async () => {
    const world = station({ ph: 7, cod_mg_l: 180, flow_l_s: 4 });
    await within(world, async (setup) => {
      expect(await setup.for(300)).toEqual([]);
      world.sensors.get('ww')!.values = { ph: 7, flow_l_s: 4 };
      expect(await setup.for(75)).toEqual([]);
      // Missed at 20 s, overdue at 80 s; told with the next that comes of the others.
      expect(await setup.for(35)).toEqual(['raised cod-silent:ww']);
      expect(await setup.for(300)).toEqual([]);
      world.sensors.get('ww')!.values = { ph: 7, cod_mg_l: 180, flow_l_s: 4 };
      expect(await setup.for(20)).toEqual(['cleared cod-silent:ww']);
      expect(await setup.for(300)).toEqual([]);
    });
  });

  it('is the device alone when nothing of it is heard any more', async () => {
    const world = station({ ph: 7, cod_mg_l: 180 });
    await within(world, async (setup) => {
      await setup.for(300);
      // Comes apart, but for good reason: each of the two goes on.
      world.sensors.get('ww')!.values = { ph: 7 };
      await setup.for(20);
      world.sensors.get('ww')!.values = { ph: 7, cod_mg_l: 180 };
      await setup.for(300);
      world.sensors.get('ww')!.values = null;
      expect(await setup.for(300)).toEqual(['raised wastewater-device-silent:ww']);
    });
  });
});

describe('a gateway', () => {
  it('that is down is one alarm and not two hundred, and its return is none', async () => {
    const world = many(new World().gateway('gw'), 'gw', 200);
    await within(world, async (setup) => {
      expect(await setup.for(60)).toEqual([]);
      world.online('gw', false);
      expect(await setup.for(115)).toEqual([]);
      expect(await setup.for(15)).toEqual(['raised gateway-offline:gw']);
      expect(setup.run.alarms.standing()[0]).toMatchObject({ domain: 'system', park: 'oh-diandu', priority: 'high' });
      expect(await setup.for(600)).toEqual([]);
      world.online('gw', true);
      expect(await setup.for(300)).toEqual(['cleared gateway-offline:gw']);
    });
  });

  it('that is connected and mute is one alarm, until something comes again', async () => {
    const world = many(new World().gateway('gw'), 'gw', 50);
    await within(world, async (setup) => {
      await setup.for(60);
      world.mute.add('gw');
      expect(await setup.for(90)).toEqual(['raised gateway-silent:gw']);
      // Connecting anew is not delivering.
      world.online('gw', false);
      await setup.for(5);
      world.online('gw', true);
      expect(await setup.for(20)).toEqual([]);
      expect(setup.standing()).toEqual(['gateway-silent:gw']);
      world.mute.delete('gw');
      expect(await setup.for(300)).toEqual(['cleared gateway-silent:gw']);
    });
  });

  it('leaves the alarms of its devices as they are while it is away', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      world.sensors.get('smoke-0')!.values = null;
      await setup.for(90);
      world.online('gw', false);
      await setup.for(300);
      expect(setup.standing()).toEqual(['fire-device-silent:smoke-0', 'gateway-offline:gw']);
      world.online('gw', true);
      expect(await setup.for(300)).toEqual(['cleared gateway-offline:gw']);
      expect(setup.standing()).toEqual(['fire-device-silent:smoke-0']);
    });
  });

  it('that was removed has no alarm any more, and one that was only just made has none yet', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      world.online('gw', false);
      await setup.for(130);
      expect(setup.standing()).toEqual(['gateway-offline:gw']);
      world.gateways.delete('gw');
      for (const { device } of world.sensors.values()) Object.assign(device, { gateway: null });
      world.gateway('new');
      Object.assign(world.gateways.get('new')!, { online: false, lastSeenAt: null });
      expect(await setup.for(900)).toEqual(['cleared gateway-offline:gw']);
    });
  });
});

describe('seventeen gateways', () => {
  const parks = () => {
    const world = new World();
    for (const { id } of PARKS) many(world.gateway(`gw-${id}`, id), `gw-${id}`, 6, id);
    return world;
  };
  const all = (world: World, online: boolean) => {
    for (const id of world.gateways.keys()) world.online(id, online);
  };

  it('that return at once after an outage, with all they kept meanwhile, raise nothing', async () => {
    const world = parks();
    await within(world, async (setup) => {
      expect(await setup.for(60)).toEqual([]);
      const outage = world.nowS;
      all(world, false);
      expect(await setup.for(600)).toHaveLength(17);
      all(world, true);
      const backlog = [...world.sensors.values()].flatMap(({ device: { id, domain, park } }) =>
        Array.from({ length: 30 }, (_, n) => ({
          ...{ device: id, domain, park, values: { smoke_alarm: false } },
          ts: T0 + (outage + 20 * n) * S,
        })),
      );
      await setup.send(backlog);
      const told = await setup.for(600);
      expect(told).toHaveLength(17);
      expect(told.every((line) => line.startsWith('cleared gateway-offline'))).toBe(true);
    });
  });

  it('are not there yet after a restart: nothing is raised, and what stood stands until it is judged anew', async () => {
    const world = parks();
    const silent = world.sensors.get(`${PARKS[0]!.id}-0`)!;
    const cured = world.sensors.get(`${PARKS[1]!.id}-0`)!;
    const dead = `gw-${PARKS[2]!.id}`;
    const stood = [
      `fire-device-silent:${silent.device.id}`,
      `fire-device-silent:${cured.device.id}`,
      `gateway-offline:${dead}`,
    ].sort();
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(60);
      silent.values = cured.values = null;
      world.online(dead, false);
      await first.for(180);
      expect(first.standing()).toEqual(stood);
      await first.stop();

      for (const gateway of world.gateways.values()) Object.assign(gateway, { online: false, lastSeenAt: null });
      world.nowS += 30;
      cured.values = { smoke_alarm: false };
      const second = await Setup.start(world, dir);
      expect(await second.for(170)).toEqual([]);
      expect(second.standing()).toEqual(stood);
      for (const id of world.gateways.keys()) if (id !== dead) world.online(id, true);
      expect(await second.for(600)).toEqual([`cleared fire-device-silent:${cured.device.id}`]);
      expect(second.standing()).toEqual(stood.filter((id) => !id.includes(cured.device.id)));
      await second.stop();
    });
  });

  it('are missed one by one where they do not sign in after a restart', async () => {
    const world = parks();
    for (const gateway of world.gateways.values()) Object.assign(gateway, { online: false, lastSeenAt: null });
    const dead = `gw-${PARKS[2]!.id}`;
    await within(world, async (setup) => {
      await setup.for(60);
      for (const id of world.gateways.keys()) if (id !== dead) world.online(id, true);
      expect(await setup.for(230)).toEqual([]);
      expect(await setup.for(30)).toEqual([`raised gateway-offline:${dead}`]);
    });
  });
});

describe('what is no absence', () => {
  it('is a backlog being sent: it is old, and a sign of life', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      for (const sensor of world.sensors.values()) sensor.values = null;
      for (let n = 0; n < 60; n += 1) {
        const ts = T0 - 7_200 * S + n * S;
        const old = [...world.sensors.keys()].map((id) => ({
          domain: 'fire' as const,
          device: id,
          ts,
          values: { smoke_alarm: false },
        }));
        await setup.send(old);
        expect(await setup.for(10)).toEqual([]);
      }
    });
  });

  it('is a clock that jumps, whichever way', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      for (const jump of [86_400 * S, -2 * 86_400 * S, 3_600 * S]) {
        world.jumpedMs += jump;
        expect(await setup.for(300)).toEqual([]);
      }
      world.sensors.get('smoke-0')!.values = null;
      world.jumpedMs -= 7_200 * S;
      expect(await setup.for(90)).toEqual(['raised fire-device-silent:smoke-0']);
      world.sensors.get('smoke-0')!.values = { smoke_alarm: false };
      world.jumpedMs -= 7_200 * S;
      expect(await setup.for(30)).toEqual(['cleared fire-device-silent:smoke-0']);
    });
  });

  it('is our own refusing to take readings, and the minute after it', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      world.mute.add('gw');
      setup.refusing = true;
      expect(await setup.for(1_800)).toEqual([]);
      setup.refusing = false;
      expect(await setup.for(30)).toEqual([]);
      world.mute.delete('gw');
      expect(await setup.for(600)).toEqual([]);
    });
  });

  it('is a look that came late', async () => {
    const world = many(new World().gateway('gw'), 'gw', 3);
    await within(world, async (setup) => {
      await setup.for(60);
      world.nowS += 120;
      setup.watch.look();
      expect(await setup.for(300)).toEqual([]);
    });
  });
});

describe('the watch', () => {
  it('tells again what the alarms could not take', async () => {
    const world = many(new World().gateway('gw'), 'gw', 2);
    await within(
      world,
      async (setup) => {
        await setup.for(60);
        setup.run.state.db.exec(
          `CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
        );
        world.sensors.get('smoke-0')!.values = null;
        expect(await setup.for(100)).toEqual([]);
        setup.run.state.db.exec('DROP TRIGGER full');
        world.sensors.get('smoke-0')!.values = { smoke_alarm: false };
        await eventually(() => expect(setup.standing()).toEqual(['fire-device-silent:smoke-0']));
        expect(await setup.for(300)).toEqual(['cleared fire-device-silent:smoke-0']);
      },
      { retryMs: 5 },
    );
  });

  it('takes no more devices than it may, and counts the others, whose gateway they still show to be there', async () => {
    const world = many(new World().gateway('gw'), 'gw', 5);
    await within(
      world,
      async (setup) => {
        expect(await setup.for(60)).toEqual([]);
        expect(setup.watch.stats.devices).toBe(3);
        expect(setup.watch.stats.turnedAway).toBeGreaterThanOrEqual(2);
        for (const id of ['smoke-0', 'smoke-1', 'smoke-2']) world.sensors.get(id)!.values = null;
        expect((await setup.for(120)).sort()).toEqual([0, 1, 2].map((n) => `raised fire-device-silent:smoke-${n}`));
      },
      { maxDevices: 3 },
    );
  });
});
