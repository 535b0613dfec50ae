import { describe, expect, it } from 'vitest';
import { committed, openTestRegistry, PARK, START } from './helpers.js';

const DEVICE = `${PARK}/ph-1` as const;
const DAY = 86_400_000;

async function withGateways() {
  const test = openTestRegistry();
  for (const id of ['gw-1', 'gw-2']) await test.registry.createGateway({ id, park: PARK, name: id }, 'test');
  const admit = (gateway: string, now = START) => test.registry.admit(DEVICE, 'wastewater', gateway, now);
  const owner = () => test.registry.device(DEVICE)?.gateway;
  return { test, registry: test.registry, admit, owner };
}

describe('a device belongs to its gateway', () => {
  it('that published for it first, and readings of another are refused and audited in bounds', async () => {
    const { test, registry, admit, owner } = await withGateways();
    expect(admit('gw-1')).toBeNull();
    for (let n = 0; n < 50; n += 1) expect(admit('gw-2')).toBe('device_of_other_gateway');
    expect([admit('gw-1'), owner()]).toEqual([null, 'gw-1']);
    await committed(test);
    const refusals = registry.audit.list({ action: 'device.publish' }, { limit: 10 });
    expect(refusals).toMatchObject([{ who: 'gateway:gw-2', target: 'ph-1', outcome: 'refused', count: 50 }]);
  });

  it('until somebody moves it, which is audited and stays so over a restart', async () => {
    const { test, registry, admit } = await withGateways();
    admit('gw-1');
    const base = { id: 'ph-1', park: PARK, domain: 'wastewater' } as const;
    expect(registry.putDevice({ ...base, gateway: 'gw-2' }, 'admin-1').device.gateway).toBe('gw-2');
    expect([admit('gw-1'), admit('gw-2')]).toEqual(['device_of_other_gateway', null]);
    const [row] = registry.audit.list({ action: 'device.update' }, { limit: 1 });
    expect(row).toMatchObject({ who: 'admin-1', target: 'ph-1', detail: { gateway: 'gw-2' } });
    expect(test.restart({ kill: true }).registry.device(DEVICE)?.gateway).toBe('gw-2');
  });

  it('and is moved to none but a gateway of its park', async () => {
    const { registry, admit } = await withGateways();
    await registry.createGateway({ id: 'gw-far', park: 'lc-xiedu-1', name: 'far' }, 'test');
    admit('gw-1');
    const put = (gateway: string | null) =>
      registry.putDevice({ id: 'ph-1', park: PARK, domain: 'wastewater', gateway }, 'test').device.gateway;
    for (const id of ['gw-far', 'nobody']) {
      expect(() => put(id)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'unknown_gateway' }));
    }
    expect(put(null)).toBeNull();
    expect([admit('gw-2'), admit('gw-1')]).toEqual([null, 'device_of_other_gateway']);
  });

  it('of a removed gateway to the next that publishes, for good once its reading is acknowledged', async () => {
    const { test, registry, admit } = await withGateways();
    admit('gw-1');
    registry.removeGateway('gw-1', 'test');
    expect(admit('gw-2')).toBeNull();
    await committed(test);
    const again = test.restart({ kill: true }).registry;
    expect(again.device(DEVICE)?.gateway).toBe('gw-2');
    await again.createGateway({ id: 'gw-3', park: PARK, name: 'gw-3' }, 'test');
    expect(again.admit(DEVICE, 'wastewater', 'gw-3', START)).toBe('device_of_other_gateway');
  });
});

describe('a rule of the park', () => {
  it('lets a device go over while its gateway is not connected, and is the park’s own', async () => {
    const { test, registry, admit, owner } = await withGateways();
    admit('gw-1');
    registry.setOnline('gw-1', true, START);
    expect(registry.putParkSettings(PARK, { deviceMoves: 'when_offline' }, 'admin-1')).toEqual({
      deviceMoves: 'when_offline',
    });
    expect(admit('gw-2')).toBe('device_of_other_gateway');
    registry.setOnline('gw-1', false, START);
    expect([admit('gw-2'), owner()]).toEqual([null, 'gw-2']);
    registry.setOnline('gw-2', true, START);
    expect(admit('gw-1')).toBe('device_of_other_gateway');
    expect(registry.audit.list({ action: 'park.settings' }, { limit: 1 })).toMatchObject([{ who: 'admin-1' }]);
    const again = test.restart().registry;
    expect([again.parkSettings(PARK), again.parkSettings('lc-xiedu-1')]).toEqual([
      { deviceMoves: 'when_offline' },
      { deviceMoves: 'by_hand' },
    ]);
    expect(again.audit.list({ action: 'device.move' }, { limit: 9 })).toMatchObject([
      { who: 'gateway:gw-2', target: 'ph-1', detail: { from: 'gw-1', to: 'gw-2' } },
    ]);
  });

  it('lets it go over at once, with a row of the audit for a device a day and no more', async () => {
    const { test, registry, admit } = await withGateways();
    registry.putParkSettings(PARK, { deviceMoves: 'always' }, 'admin-1');
    for (let n = 0; n < 100; n += 1) expect(admit(`gw-${1 + (n % 2)}`, START + n * 60_000)).toBeNull();
    admit('gw-1', START + 2 * DAY);
    const again = test.restart().registry;
    expect(again.audit.list({ action: 'device.move' }, { limit: 9 })).toHaveLength(2);
    expect(again.device(DEVICE)?.gateway).toBe('gw-1');
  });
});
