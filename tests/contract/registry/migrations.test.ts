import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';

const open = (path: string) => {
  const state = openState(path, { registry: migrations });
  return { state, registry: openRegistry(state, { clock: () => 1, discovery: true }) };
};

describe('migrations of the registry', () => {
  it.each(migrations.map((migration, index) => [index, migration.name] as const))(
    'upgrades a file of version %i, before "%s", and keeps what is in it',
    (version) => {
      const path = join(tempDir(), 'park.sqlite');
      const old = openState(path, { registry: migrations.slice(0, version) });
      if (version > 0) {
        old.db.exec(`INSERT INTO districts VALUES ('ouhai', '瓯海区', 'Ouhai');
          INSERT INTO parks VALUES ('oh-diandu', 15, 'x', 'x', 'ouhai', 'x', 1, '["M2"]', 'x', 'x', 'x');
          INSERT INTO devices (id, park, domain, gateway, name, place, enterprise, limit_profile, expected_interval_s,
            origin, created_at) VALUES ('ph-1', 'oh-diandu', 'wastewater', 'gw-1', 'pH', NULL, NULL, NULL, 60, 'discovered', 5)`);
      }
      old.close();
      const { state, registry } = open(path);
      expect(registry.parks()).toHaveLength(17);
      expect(registry.firstAdminToken).not.toBeNull();
      expect(registry.device('oh-diandu/ph-1')?.expectedIntervalS).toBe(version > 0 ? 60 : undefined);
      expect(registry.devicesCalled('ph-1')).toHaveLength(version > 0 ? 1 : 0);
      registry.admit('lc-xiedu-1/ph-1', 'wastewater', 'gw-2', 6);
      expect([registry.alarmName('oh-diandu/ph-1'), registry.alarmName('lc-xiedu-1/ph-1')]).toEqual(
        version > 0 ? ['ph-1', 'ph-1@lc-xiedu-1'] : ['ph-1@oh-diandu', 'ph-1'],
      );
      expect(registry.audit.list({}, { limit: 10 }).map(({ action }) => action)).toEqual(['token.create']);
      state.close();
    },
  );

  it('keeps enterprises with their devices, what was removed and which park had an id first, of a file that knew less', () => {
    const path = join(tempDir(), 'park.sqlite');
    const before = migrations.findIndex(({ name }) => name === 'devices that moved to other parks');
    const old = openState(path, { registry: migrations.slice(0, before) });
    old.db.exec(`INSERT INTO districts VALUES ('ouhai', '瓯海区', 'Ouhai');
      INSERT INTO parks VALUES ('oh-diandu', 15, 'x', 'x', 'ouhai', 'x', 1, '["M2"]', 'x', 'x', 'x'),
        ('lc-xiedu-1', 1, 'x', 'x', 'ouhai', 'x', 1, '["M2"]', 'x', 'x', 'x');
      INSERT INTO enterprises VALUES ('plating', 'oh-diandu', '电镀厂', 'Plating');
      INSERT INTO devices VALUES
        ('ph-1', 'oh-diandu', 'wastewater', 'gw-1', 'pH', 'Hall 1', 'plating', NULL, 60, 'registered', 5),
        ('ph-1', 'lc-xiedu-1', 'wastewater', NULL, 'pH', NULL, NULL, NULL, NULL, 'discovered', 6);
      INSERT INTO device_names VALUES ('ph-1', 'oh-diandu'), ('old', 'oh-diandu'), ('older', 'oh-diandu');
      INSERT INTO gone_devices VALUES ('oh-diandu', 'old', 'removed', 7), ('oh-diandu', 'older', 'removed', 8),
        ('lc-xiedu-1', 'ph-1', 'retired', 9);
      INSERT INTO audit VALUES (1, 7, 7, 1, 'x', 'device.remove', 'old', 'done',
        '{"id":"old","park":"oh-diandu","domain":"fire"}');`);
    old.close();
    const { state, registry } = open(path);
    expect(state.db.pragma('foreign_key_check')).toEqual([]);
    expect(registry.device('oh-diandu/ph-1')).toMatchObject({
      enterprise: 'plating',
      place: 'Hall 1',
      gateway: 'gw-1',
    });
    expect(registry.device('lc-xiedu-1/ph-1')).toMatchObject({ enterprise: null, retiredAt: 9 });
    expect(registry.parksNamed('ph-1')).toEqual(['oh-diandu', 'lc-xiedu-1']);
    expect(registry.removedCalled('old')).toEqual([{ id: 'old', park: 'oh-diandu', domain: 'fire' }]);
    expect([registry.isRemoved('oh-diandu/older'), registry.removedCalled('older')]).toEqual([true, []]);
    const here = { id: 'plating', park: 'lc-xiedu-1', nameZh: '厂', nameEn: 'x' };
    expect(registry.putEnterprise(here, 'test').created).toBe(true);
    registry.putDevice({ id: 'm-1', park: 'lc-xiedu-1', domain: 'energy', enterprise: 'plating' }, 'test');
    expect(() => registry.removeEnterprise('plating', 'test', 'oh-diandu')).toThrow('1 devices belong');
    expect(() => registry.removeEnterprise('plating', 'test')).toThrow('there is no enterprise');
    state.close();
  });

  it('refuses a file of a newer service by the name of the room, and leaves it as it was', () => {
    const path = join(tempDir(), 'park.sqlite');
    const later = { name: 'later', sql: 'CREATE TABLE later (x TEXT) STRICT' };
    const newer = openState(path, { registry: [...migrations, later] });
    newer.close();
    expect(() => open(path)).toThrow(
      new RegExp(`registry is at version ${migrations.length + 1}, this service knows ${migrations.length}`),
    );
    const again = openState(path, { registry: [...migrations, later] });
    expect(again.db.prepare(`SELECT name FROM sqlite_master WHERE name = 'later'`).pluck().get()).toBe('later');
    again.close();
  });
});
