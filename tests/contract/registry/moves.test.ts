import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import { OTHER_PARK, openTestRegistry, PARK } from './helpers.js';

const HERE = deviceKey(PARK, 'm-1');
const THERE = deviceKey(OTHER_PARK, 'm-1');

describe('a device that moves to another park', () => {
  it('brings its own rates of counters, and takes none that a device of its id had there', () => {
    const test = openTestRegistry();
    const rates = { import_energy_kwh: 50 };
    test.registry.putDevice({ id: 'm-1', park: OTHER_PARK, domain: 'energy', maxRates: rates }, 'test');
    test.registry.removeDevice(THERE, 'test');
    test.registry.putDevice({ id: 'm-1', park: PARK, domain: 'energy' }, 'test');
    expect(test.registry.moveDevice(HERE, { park: OTHER_PARK }, 'test').maxRates ?? null).toBeNull();
    const { registry } = test.restart();
    expect(registry.device(THERE)?.maxRates ?? null).toBeNull();
    expect(registry.device(HERE)).toBeUndefined();
  });

  it('is gone from the old park for good, also when it was never written there', async () => {
    const test = openTestRegistry();
    expect(test.registry.admit(HERE, 'energy', 'gw-1', 1)).toBeNull();
    test.registry.moveDevice(HERE, { park: OTHER_PARK }, 'test');
    await test.state.commit(() => undefined);
    const check = ({ registry }: ReturnType<typeof openTestRegistry>) => {
      expect(registry.device(HERE)).toBeUndefined();
      expect(registry.admit(HERE, 'energy', 'gw-1', 2)).toBe('device_moved');
      expect(registry.device(THERE)).toMatchObject({ gateway: null, origin: 'discovered' });
    };
    check(test);
    const again = test.restart();
    check(again);
    const { registry } = again;
    registry.moveDevice(THERE, { park: PARK }, 'test');
    expect(registry.admit(HERE, 'energy', 'gw-1', 3)).toBeNull();
    expect(registry.admit(THERE, 'energy', 'gw-2', 3)).toBe('device_moved');
    expect(registry.alarmName(HERE)).toBe('m-1');
  });

  it('leaves its gateway room for another one that discovery takes on', () => {
    const { registry } = openTestRegistry({ limits: { devicesPerGateway: 1 } });
    expect(registry.admit(HERE, 'energy', 'gw-1', 1)).toBeNull();
    expect(registry.admit(deviceKey(PARK, 'm-2'), 'energy', 'gw-1', 1)).toBe('device_limit');
    registry.moveDevice(HERE, { park: OTHER_PARK }, 'test');
    expect(registry.admit(deviceKey(PARK, 'm-2'), 'energy', 'gw-1', 1)).toBeNull();
  });

  it('is told of with what became of it', () => {
    const { registry } = openTestRegistry();
    const told: string[] = [];
    registry.onDeviceChanged(({ park, id }, change) => told.push(`${change} ${park}/${id}`));
    registry.putDevice({ id: 'm-1', park: PARK, domain: 'energy' }, 'test');
    registry.retireDevice(HERE, 'test');
    registry.restoreDevice(HERE, 'test');
    registry.moveDevice(HERE, { park: OTHER_PARK }, 'test');
    registry.removeDevice(THERE, 'test');
    expect(told).toEqual([`retired ${HERE}`, `restored ${HERE}`, `moved ${HERE}`, `removed ${THERE}`]);
    expect(registry.removedCalled('m-1').map(({ park }) => park)).toEqual([PARK, OTHER_PARK]);
  });
});
