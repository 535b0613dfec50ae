import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../src/model/ids.js';
import { openMaxRates } from '../../../src/registry/reader-port.js';
import { openTestRegistry, PARK, START } from './helpers.js';

const KEY = deviceKey(PARK, 'm-1');
const METER = { id: 'm-1', park: PARK, domain: 'energy' } as const;

describe('the rates of a device’s counters', () => {
  it('are kept over a restart, changed all together, and taken back', () => {
    const test = openTestRegistry();
    test.registry.putDevice({ ...METER, maxRates: { import_energy_kwh: 400, water_volume_m3: 2 } }, 'test');
    const { registry } = test.restart({ kill: true });
    expect(registry.device(KEY)?.maxRates).toEqual({ import_energy_kwh: 400, water_volume_m3: 2 });
    expect(registry.putDevice({ ...METER, name: 'x' }, 'test').device.maxRates?.import_energy_kwh).toBe(400);
    registry.putDevice({ ...METER, maxRates: { import_energy_kwh: 500 } }, 'test');
    expect(registry.device(KEY)?.maxRates).toEqual({ import_energy_kwh: 500 });
    registry.putDevice({ ...METER, maxRates: null }, 'test');
    expect(registry.device(KEY)?.maxRates).toBeNull();
  });

  it('are audited where they change, and there alone', () => {
    const { registry } = openTestRegistry();
    registry.putDevice(METER, 'test');
    const rows = () => registry.audit.list({ action: 'device.update' }, { limit: 10 }).map(({ detail }) => detail);
    for (const maxRates of [null, {}]) registry.putDevice({ ...METER, maxRates }, 'test');
    expect(rows()).toEqual([]);
    for (let i = 0; i < 2; i += 1) registry.putDevice({ ...METER, maxRates: { import_energy_kwh: 400 } }, 'test');
    registry.putDevice({ ...METER, maxRates: {} }, 'test');
    expect(rows()).toEqual([{ maxRates: null }, { maxRates: { import_energy_kwh: 400 } }]);
  });

  it('are refused where the device has no such counter, or none is so fast; nothing is changed then', () => {
    const { registry } = openTestRegistry();
    registry.admit(KEY, 'energy', 'gw-1', START);
    for (const maxRates of [{ active_power_kw: 5 }, { import_energy_kwh: 50_001 }, { nothing: 1 }]) {
      expect(() => registry.putDevice({ ...METER, name: 'x', maxRates }, 'test')).toThrow(
        expect.objectContaining({ kind: 'invalid', field: `maxRates.${Object.keys(maxRates)[0]}` }),
      );
    }
    expect(registry.device(KEY)).toMatchObject({ name: 'm-1' });
    expect(registry.device(KEY)?.maxRates).toBeUndefined();
  });

  it('are told to other threads by number of change, what was taken back too', () => {
    const { registry, path } = openTestRegistry();
    const reader = openMaxRates(path);
    expect(reader.after(0)).toEqual([]);
    registry.putDevice({ ...METER, maxRates: { import_energy_kwh: 400, water_volume_m3: 2 } }, 'test');
    const all = reader.after(0);
    expect(all.map(({ device, metric, rate }) => [device, metric, rate])).toEqual([
      [KEY, 'import_energy_kwh', 400],
      [KEY, 'water_volume_m3', 2],
    ]);
    registry.putDevice({ ...METER, maxRates: { water_volume_m3: 2 } }, 'test');
    const { change } = all.at(-1)!;
    expect(reader.after(change)).toMatchObject([{ metric: 'import_energy_kwh', rate: null, change: change + 1 }]);
    expect(reader.after(change + 1)).toEqual([]);
    reader.close();
  });
});
