import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import { OTHER_PARK, openTestRegistry, PARK } from './helpers.js';

const HERE = deviceKey(PARK, 'm-1');
const THERE = deviceKey(OTHER_PARK, 'm-1');

describe('the revision of the registry', () => {
  it('rises with all that changes what is said of a device or of the profiles of a park, and with nothing else', () => {
    const { registry } = openTestRegistry();
    const rises = (change: () => unknown): boolean => {
      const before = registry.revision;
      change();
      return registry.revision > before;
    };
    const device = { id: 'm-1', park: PARK, domain: 'energy' } as const;
    expect(rises(() => registry.admit(HERE, 'energy', 'gw-1', 1))).toBe(true);
    expect(rises(() => registry.admit(HERE, 'energy', 'gw-1', 2))).toBe(false);
    expect(rises(() => registry.putDevice({ ...device, place: 'hall 1' }, 'test'))).toBe(true);
    expect(rises(() => registry.putDevice({ ...device, place: 'hall 1' }, 'test'))).toBe(false);
    expect(rises(() => registry.retireDevice(HERE, 'test'))).toBe(true);
    expect(rises(() => registry.restoreDevice(HERE, 'test'))).toBe(true);
    expect(rises(() => registry.moveDevice(HERE, { park: OTHER_PARK }, 'test'))).toBe(true);
    expect(rises(() => registry.removeDevice(THERE, 'test'))).toBe(true);
    expect(rises(() => registry.putParkProfiles(PARK, { wastewater: 'another' }, 'test'))).toBe(true);
    expect(rises(() => registry.putParkProfiles(PARK, { wastewater: 'another' }, 'test'))).toBe(false);
    expect(rises(() => registry.createGateway({ id: 'gw-9', park: PARK, name: 'nine' }, 'test'))).toBe(false);
  });
});
