import { describe, expect, it } from 'vitest';
import { LivenessBook } from '../../../../src/alarms/absence/liveness-book.js';
import { deviceKey } from '../../../../src/model/ids.js';
import type { Device } from '../../../../src/registry/port.js';
import { PARK, withDir } from '../helpers.js';
import { S, Setup, World } from './helpers.js';

const DISCOVERED: Partial<Device> = { expectedIntervalS: null, origin: 'discovered' };

/** Everything signs in anew, as after a power cut that took gateways too. */
const restart = (world: World) => {
  world.nowS += 120;
  for (const gateway of world.gateways.values())
    Object.assign(gateway, { online: true, lastSeenAt: world.wallClock() });
};

describe('after a power cut', () => {
  it('a device that never speaks again is missed, though only its readings had told how often it does', async () => {
    const world = new World().gateway('gw');
    for (const id of ['a', 'b', 'c']) world.sensor(id, 'gw', DISCOVERED, { smoke_alarm: false }, 60);
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      expect(await first.for(60 * 20)).toEqual([]);
      first.crash();

      world.sensors.get('b')!.values = null;
      restart(world);
      const second = await Setup.start(world, dir);
      expect(await second.for(150)).toEqual([]);
      expect(await second.for(120)).toEqual(['raised fire-device-silent:b']);
      // Nothing has been heard of it in this run, and still it outlives the next one.
      second.crash();
      world.sensors.get('c')!.values = null;
      restart(world);
      const third = await Setup.start(world, dir);
      expect(await third.for(300)).toEqual(['raised fire-device-silent:c']);
      expect(third.standing()).toEqual(['fire-device-silent:b', 'fire-device-silent:c']);
      await third.stop();
    });
  });

  it('an analyser that is missing from a station that speaks is missed', async () => {
    const ww: Partial<Device> = { ...DISCOVERED, domain: 'wastewater' };
    const world = new World()
      .gateway('gw')
      .sensor('outlet', 'gw', ww, { ph: 7, cod_mg_l: 30 }, 60)
      .sensor('other', 'gw', ww, { ph: 7 }, 60);
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(60 * 20);
      first.crash();
      world.sensors.get('outlet')!.values = { ph: 7 };
      restart(world);
      const second = await Setup.start(world, dir);
      expect(await second.for(400)).toEqual(['raised cod-silent:outlet']);
      await second.stop();
      // By now it is followed apart from the rest of its station.
      restart(world);
      const third = await Setup.start(world, dir);
      expect(await third.for(900)).toEqual([]);
      expect(third.standing()).toEqual(['cod-silent:outlet']);
      world.sensors.get('outlet')!.values = { ph: 7, cod_mg_l: 30 };
      expect(await third.for(120)).toEqual(['cleared cod-silent:outlet']);
      await third.stop();
    });
  });

  it('is followed by another: what was learned until then goes on being learned', async () => {
    const world = new World().gateway('gw').sensor('slow', 'gw', DISCOVERED, { smoke_alarm: false }, 600);
    world.sensor('beside', 'gw', { expectedIntervalS: 20 });
    await withDir(async (dir) => {
      for (let run = 0; run < 4; run += 1) {
        const setup = await Setup.start(world, dir);
        expect(await setup.for(600 * 4)).toEqual([]);
        setup.crash();
        restart(world);
      }
      world.sensors.get('slow')!.values = null;
      const last = await Setup.start(world, dir);
      expect(await last.for(2_100)).toEqual(['raised fire-device-silent:slow']);
      await last.stop();
    });
  });
});

describe('two outages within sixteen messages', () => {
  it('do not make anybody forget how often the device speaks', async () => {
    const world = new World().gateway('gw').sensor('a', 'gw', DISCOVERED, { smoke_alarm: false }, 60);
    world.sensor('beside', 'gw', { expectedIntervalS: 20 });
    await withDir(async (dir) => {
      const setup = await Setup.start(world, dir);
      const a = world.sensors.get('a')!;
      const { values } = a;
      await setup.for(60 * 20);
      for (const _ of [1, 2]) {
        a.values = null;
        expect(await setup.for(900)).toEqual(['raised fire-device-silent:a']);
        a.values = values;
        expect(await setup.for(300)).toEqual(['cleared fire-device-silent:a']);
      }
      a.values = null;
      expect(await setup.for(300)).toEqual(['raised fire-device-silent:a']);
      await setup.stop();
    });
  });
});

describe('what was learned of devices', () => {
  it('is asked for by device and by metric: as registered, else as learned', async () => {
    const ww: Partial<Device> = { ...DISCOVERED, domain: 'wastewater' };
    const world = new World().gateway('gw').sensor('outlet', 'gw', ww, { ph: 7, cod_mg_l: 30 }, 60);
    world.sensor('registered', 'gw', { expectedIntervalS: 4 * 3_600 });
    await withDir(async (dir) => {
      const setup = await Setup.start(world, dir);
      for (let n = 0; n < 20; n += 1) {
        world.sensors.get('outlet')!.values = n % 4 === 0 ? { ph: 7, cod_mg_l: 30 } : { ph: 7 };
        await setup.for(60);
      }
      await setup.for(600);
      const registry = world.registry();
      const { state } = setup.run;
      await setup.watch.stop();
      const heard = new LivenessBook({ registry, state });
      expect(heard.expectedMs(deviceKey(PARK, 'outlet'), 'ph')).toBe(60 * S);
      expect(heard.expectedMs(deviceKey(PARK, 'registered'))).toBe(4 * 3_600 * S);
      expect(heard.expectedMs(deviceKey(PARK, 'nobody'))).toBeNull();
      await setup.run.stop();
    });
  });

  it('is dropped with a device that the registry has no more', async () => {
    const world = new World().gateway('gw').sensor('a', 'gw', DISCOVERED, { smoke_alarm: false }, 20);
    world.sensor('b', 'gw', DISCOVERED, { smoke_alarm: false }, 20);
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(900);
      await first.stop();
      world.sensors.delete('a');
      const second = await Setup.start(world, dir);
      await second.for(30);
      expect(second.run.state.db.prepare('SELECT device FROM heard_devices').pluck().all()).toEqual([
        deviceKey(PARK, 'b'),
      ]);
      await second.stop();
    });
  });
});
