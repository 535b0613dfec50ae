import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import { OTHER_PARK, openTestRegistry, PARK } from './helpers.js';

const PLATING = { id: 'plating', park: PARK, nameZh: '电镀厂', nameEn: 'Plating' };

describe('enterprises and their devices', () => {
  it('keeps them over a restart', () => {
    const test = openTestRegistry();
    expect(test.registry.putEnterprise(PLATING, 'test')).toEqual({ enterprise: PLATING, created: true });
    const changed = { ...PLATING, nameEn: 'Plating Ltd' };
    expect(test.registry.putEnterprise(changed, 'test')).toEqual({ enterprise: changed, created: false });
    test.registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater', enterprise: 'plating' }, 'test');
    const { registry } = test.restart();
    expect(registry.enterprises(PARK)).toEqual([changed]);
    expect(registry.device(deviceKey(PARK, 'ph-1'))).toMatchObject({ enterprise: 'plating', origin: 'registered' });
  });

  it('gives a device only an enterprise that stands, in its own park', () => {
    const { registry } = openTestRegistry();
    registry.putEnterprise({ ...PLATING, park: OTHER_PARK }, 'test');
    const put = (enterprise: string) =>
      registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater', enterprise }, 'test');
    expect(() => put('nobody')).toThrow(expect.objectContaining({ kind: 'invalid', code: 'unknown_enterprise' }));
    expect(() => put('plating')).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'enterprise_in_other_park', field: 'enterprise' }),
    );
    expect(registry.device(deviceKey(PARK, 'ph-1'))).toBeUndefined();
  });

  it('removes one that has no devices, and no other', () => {
    const { registry } = openTestRegistry();
    registry.putEnterprise(PLATING, 'test');
    registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater', enterprise: 'plating' }, 'test');
    expect(() => registry.removeEnterprise('plating', 'test')).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'enterprise_in_use' }),
    );
    registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater', enterprise: null }, 'test');
    registry.removeEnterprise('plating', 'test');
    expect(registry.enterprises()).toEqual([]);
    expect(() => registry.removeEnterprise('plating', 'test')).toThrow(expect.objectContaining({ kind: 'missing' }));
  });

  it('changes what is given of a device, clears what is null, and leaves the rest', () => {
    const { registry } = openTestRegistry();
    const base = { id: 'ph-1', park: PARK, domain: 'wastewater' } as const;
    registry.putDevice({ ...base, name: 'pH', place: 'Outlet 1', expectedIntervalS: 60 }, 'test');
    expect(registry.putDevice({ ...base, place: null, limitProfile: 'gb-21900' }, 'test').device).toMatchObject({
      name: 'pH',
      place: null,
      expectedIntervalS: 60,
      limitProfile: 'gb-21900',
    });
    expect(registry.putDevice({ ...base, park: OTHER_PARK }, 'test')).toMatchObject({
      created: true,
      device: { name: 'ph-1', expectedIntervalS: null },
    });
    expect(registry.device(deviceKey(PARK, 'ph-1'))?.expectedIntervalS).toBe(60);
    expect(() => registry.putDevice({ ...base, domain: 'fire' }, 'test')).toThrow(/is one of wastewater/);
  });
});
