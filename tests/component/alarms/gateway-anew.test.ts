import { describe, expect, it } from 'vitest';
import { Setup, World } from './absence/helpers.js';
import { PARK, withDir } from './helpers.js';

const ELSEWHERE = 'lc-xiedu-1';

/** The gateway is removed and made anew in another park, where nobody has heard of it yet. */
function moveGateway(world: World): void {
  world.gateways.delete('gw');
  world.sensors.clear();
  world.gateway('gw', ELSEWHERE);
  world.sensor('smoke-new', 'gw');
}

describe('a gateway that is removed and made anew in another park', () => {
  it('keeps nothing of the old park in its alarm, and what stood there ends there', async () => {
    const world = new World().gateway('gw').sensor('smoke-old', 'gw');
    await withDir(async (dir) => {
      const setup = await Setup.start(world, dir);
      await setup.for(60);
      world.online('gw', false);
      expect(await setup.for(130)).toEqual(['raised gateway-offline:gw']);
      expect(setup.run.alarms.get('gateway-offline:gw')).toMatchObject({ park: PARK, active: true });

      moveGateway(world);
      const told = setup.run.published.length;
      await setup.for(30);
      const ended = setup.run.published.slice(told);
      expect(ended.map(({ event, alarm }) => `${event} ${alarm.park}`)).toEqual([
        `cleared ${PARK}`,
        `acknowledged ${PARK}`,
      ]);
      expect(setup.run.alarms.standing()).toEqual([]);

      world.online('gw', false);
      expect(await setup.for(130)).toEqual(['raised gateway-offline:gw']);
      expect(setup.run.alarms.standing()).toMatchObject([{ id: 'gateway-offline:gw', park: ELSEWHERE, active: true }]);
      await setup.stop();
    });
  });

  it('while the service was down, likewise', async () => {
    const world = new World().gateway('gw').sensor('smoke-old', 'gw');
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(60);
      world.online('gw', false);
      await first.for(130);
      first.crash();
      moveGateway(world);
      const second = await Setup.start(world, dir);
      await second.for(30);
      expect(second.run.alarms.standing()).toEqual([]);
      world.online('gw', false);
      await second.for(130);
      expect(second.run.alarms.standing()).toMatchObject([{ park: ELSEWHERE, active: true }]);
      await second.stop();
    });
  });

  it('while the service was down and removed for good: its alarm ends', async () => {
    const world = new World().gateway('gw').gateway('other').sensor('smoke-old', 'gw').sensor('smoke', 'other');
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(60);
      world.online('gw', false);
      await first.for(130);
      expect(first.standing()).toEqual(['gateway-offline:gw']);
      first.crash();
      world.gateways.delete('gw');
      world.sensors.delete('smoke-old');
      const second = await Setup.start(world, dir);
      await second.for(30);
      expect(second.standing()).toEqual([]);
      await second.stop();
    });
  });
});

describe('a device that is scrapped', () => {
  it('is missed no longer, and its silence alarm ends, also over a restart', async () => {
    const world = new World().gateway('gw').sensor('smoke-0', 'gw').sensor('smoke-1', 'gw');
    await withDir(async (dir) => {
      const first = await Setup.start(world, dir);
      await first.for(100);
      const sensor = world.sensors.get('smoke-1')!;
      sensor.values = null;
      expect(await first.for(120)).toEqual(['raised fire-device-silent:smoke-1']);
      Object.assign(sensor.device, { retiredAt: world.wallClock() });
      first.run.alarms.reviewDevice(sensor.device);
      first.watch.forget(`${PARK}/smoke-1`);
      expect(first.standing()).toEqual([]);
      expect(await first.for(300)).toEqual([]);
      first.crash();
      const second = await Setup.start(world, dir);
      expect(await second.for(300)).toEqual([]);
      expect(second.standing()).toEqual([]);
      // Taken into use again it is missed again.
      Object.assign(sensor.device, { retiredAt: null });
      second.run.alarms.reviewDevice(sensor.device);
      expect(await second.for(300)).toEqual(['raised fire-device-silent:smoke-1']);
      await second.stop();
    });
  });
});
