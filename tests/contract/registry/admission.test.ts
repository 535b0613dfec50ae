import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import { committed, fillDisk, freeDisk, OTHER_PARK, openTestRegistry, PARK, START } from './helpers.js';

describe('device admission', () => {
  it('takes an unknown device on at once and has it on disk with the commit of its reading', async () => {
    const test = openTestRegistry();
    expect(test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START)).toBeNull();
    const known = {
      id: 'ph-1',
      park: PARK,
      domain: 'wastewater',
      gateway: 'gw-1',
      name: 'ph-1',
      place: null,
      enterprise: null,
      limitProfile: null,
      expectedIntervalS: null,
      origin: 'discovered',
      createdAt: START,
    };
    expect(test.registry.device(deviceKey(PARK, 'ph-1'))).toEqual(known);
    await test.state.commit(() => undefined);
    expect(test.restart({ kill: true }).registry.device(deviceKey(PARK, 'ph-1'))).toEqual(known);
  });

  it('leaves an unknown device out with discovery off, and keeps taking a known one', () => {
    const { registry } = openTestRegistry({ discovery: false });
    expect(registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START)).toBe('unknown_device');
    registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater' }, 'test');
    expect(registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START)).toBeNull();
  });

  it('takes no device on for a park that does not exist', () => {
    const { registry } = openTestRegistry();
    expect(registry.admit(deviceKey('nowhere', 'ph-1'), 'wastewater', 'gw-1', START)).toBe('unknown_device');
  });

  it('keeps a device in its domain, and takes the same id in another park for another device', () => {
    const { registry } = openTestRegistry();
    registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START);
    expect(registry.admit(deviceKey(OTHER_PARK, 'ph-1'), 'wastewater', 'gw-2', START)).toBeNull();
    expect(registry.devicesCalled('ph-1').map(({ park, gateway }) => [park, gateway])).toEqual([
      [PARK, 'gw-1'],
      [OTHER_PARK, 'gw-2'],
    ]);
    expect(registry.admit(deviceKey(PARK, 'ph-1'), 'fire', 'gw-1', START)).toBe('device_in_other_domain');
  });

  it('follows a device to another gateway of its park, and remembers it over a restart', () => {
    const test = openTestRegistry();
    test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-1', START);
    expect(test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-2', START)).toBeNull();
    test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-3', START + 1);
    expect(test.registry.device(deviceKey(PARK, 'ph-1'))?.gateway).toBe('gw-3');
    expect(test.restart().registry.device(deviceKey(PARK, 'ph-1'))?.gateway).toBe('gw-3');
  });

  it('writes moves between gateways now and then, not at each message', async () => {
    const test = openTestRegistry();
    test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', 'gw-0', START);
    await committed(test);
    const before = test.state.stats.commits;
    for (let n = 1; n <= 1_000; n += 1) {
      test.registry.admit(deviceKey(PARK, 'ph-1'), 'wastewater', `gw-${n % 2}`, START + n * 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(test.state.stats.commits - before).toBeLessThanOrEqual(2);
  });

  it('lists devices by park and domain, by id', () => {
    const { registry } = openTestRegistry();
    registry.admit(deviceKey(PARK, 'b'), 'fire', 'gw-1', START);
    registry.admit(deviceKey(PARK, 'a'), 'fire', 'gw-1', START);
    registry.admit(deviceKey(PARK, 'c'), 'energy', 'gw-1', START);
    registry.admit(deviceKey(OTHER_PARK, 'd'), 'fire', 'gw-2', START);
    const ids = (filter?: Parameters<typeof registry.devices>[0]) => registry.devices(filter).map(({ id }) => id);
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
    expect(ids({ park: PARK, domain: 'fire' })).toEqual(['a', 'b']);
    expect(ids({ domain: 'fire' })).toEqual(['a', 'b', 'd']);
  });

  describe('at its bounds', () => {
    it('takes no more devices through one gateway than its bound, counts the rest, and leaves other gateways alone', () => {
      const { registry } = openTestRegistry({ limits: { devicesPerGateway: 2 } });
      const admit = (id: string, gateway: string) => registry.admit(deviceKey(PARK, id), 'fire', gateway, START);
      expect([admit('a', 'gw-1'), admit('b', 'gw-1'), admit('c', 'gw-1')]).toEqual([null, null, 'device_limit']);
      expect(admit('a', 'gw-1')).toBeNull();
      expect(admit('c', 'gw-2')).toBeNull();
      expect(registry.stats.deviceLimitRefusals).toBe(1);
    });

    it('keeps the bound of a gateway over a restart', async () => {
      const test = openTestRegistry({ limits: { devicesPerGateway: 1 } });
      test.registry.admit(deviceKey(PARK, 'a'), 'fire', 'gw-1', START);
      await committed(test);
      expect(test.restart().registry.admit(deviceKey(PARK, 'b'), 'fire', 'gw-1', START)).toBe('device_limit');
    });

    it('takes no more devices in all than its bound, by discovery or by hand', () => {
      const { registry } = openTestRegistry({ limits: { devices: 2 } });
      registry.admit(deviceKey(PARK, 'a'), 'fire', 'gw-1', START);
      registry.putDevice({ id: 'b', park: PARK, domain: 'fire' }, 'test');
      expect(registry.admit(deviceKey(PARK, 'c'), 'fire', 'gw-1', START)).toBe('device_limit');
      expect(() => registry.putDevice({ id: 'c', park: PARK, domain: 'fire' }, 'test')).toThrow(/no more than 2/);
      expect(registry.stats.devices).toBe(2);
    });
  });

  describe('on a full disk', () => {
    it('forgets devices whose commit failed, counts them, and takes them on again once there is room', async () => {
      const test = openTestRegistry();
      fillDisk(test);
      const ids = Array.from({ length: 2_000 }, (_, n) => `device-with-a-long-name-${n}`);
      for (const id of ids) expect(test.registry.admit(deviceKey(PARK, id), 'fire', 'gw-1', START)).toBeNull();
      await committed(test);
      expect(test.registry.stats).toMatchObject({ devices: 0, discovered: 0, discoveryUndone: 2_000 });

      freeDisk(test);
      for (const id of ids) expect(test.registry.admit(deviceKey(PARK, id), 'fire', 'gw-1', START)).toBeNull();
      await committed(test);
      expect(test.restart({ kill: true }).registry.stats.devices).toBe(2_000);
    });

    it('keeps a device that was registered by hand while its discovery was under way', async () => {
      const test = openTestRegistry();
      test.registry.admit(deviceKey(PARK, 'a'), 'fire', 'gw-1', START);
      test.registry.putDevice({ id: 'a', park: PARK, domain: 'fire', name: 'Hall 3' }, 'test');
      fillDisk(test);
      const filler = Array.from({ length: 2_000 }, (_, n) => `device-with-a-long-name-${n}`);
      for (const id of filler) test.registry.admit(deviceKey(PARK, id), 'fire', 'gw-1', START);
      await committed(test);
      expect(test.registry.stats.discoveryUndone).toBeGreaterThan(0);
      expect(test.registry.device(deviceKey(PARK, 'a'))).toMatchObject({ name: 'Hall 3', gateway: 'gw-1' });
      freeDisk(test);
      expect(test.restart({ kill: true }).registry.device(deviceKey(PARK, 'a'))?.name).toBe('Hall 3');
    });
  });
});
