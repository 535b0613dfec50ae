import { describe, expect, it } from 'vitest';
import { AuditLog } from '../../../src/registry/audit/audit-log.js';
import type { AuditEntry } from '../../../src/registry/audit/port.js';
import { StorageUnavailableError } from '../../../src/state/port.js';
import { committed, fillDisk, freeDisk, openTestRegistry, PARK, START, type TestRegistry } from './helpers.js';

const REFUSAL: AuditEntry = { who: 'address:10.0.0.9', action: 'GET /x', target: '/x', outcome: 'refused' };
const CHANGE: AuditEntry = { who: 'admin-1', action: 'alarm.acknowledge', target: 'a-1', outcome: 'done' };

const refused = ({ registry }: TestRegistry) => registry.audit.list({ outcome: 'refused' }, { limit: 1_000 });

describe('audit of changes', () => {
  it('has a row for every change to the registry, with who made it', async () => {
    const { registry } = openTestRegistry();
    const by = 'admin-1';
    await registry.createGateway({ id: 'gw-1', park: PARK, name: 'North' }, by);
    await registry.rotateGatewaySecret('gw-1', by);
    registry.putEnterprise({ id: 'e-1', park: PARK, nameZh: '电镀厂', nameEn: 'Plating' }, by);
    registry.putEnterprise({ id: 'e-1', park: PARK, nameZh: '电镀厂', nameEn: 'Plating Ltd' }, by);
    registry.putDevice({ id: 'd-1', park: PARK, domain: 'fire' }, by);
    registry.putDevice({ id: 'd-1', park: PARK, domain: 'fire', place: 'Hall 3', name: 'd-1' }, by);
    registry.putDevice({ id: 'd-1', park: PARK, domain: 'fire', place: 'Hall 3' }, by);
    const { token } = registry.createToken(
      { name: 'board', role: 'viewer', parks: [PARK], districts: [], expiresAt: null },
      by,
    );
    registry.revokeToken(token.id, by);
    registry.removeEnterprise('e-1', by);
    registry.removeGateway('gw-1', by);
    const rows = registry.audit.list({ who: by }, { limit: 100 }).reverse();
    expect(rows.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'gateway.create gw-1',
      'gateway.rotate_secret gw-1',
      'enterprise.create e-1',
      'enterprise.update e-1',
      'device.create d-1',
      'device.update d-1',
      `token.create ${token.id}`,
      `token.revoke ${token.id}`,
      'enterprise.remove e-1',
      'gateway.remove gw-1',
    ]);
    expect(rows[5]?.detail).toEqual({ place: 'Hall 3' });
    expect(rows.every((row) => row.outcome === 'done' && row.ts === START && row.count === 1)).toBe(true);
  });

  it('is on disk when it returns', () => {
    const test = openTestRegistry();
    test.registry.audit.record({ ...CHANGE, detail: { note: 'seen' } });
    const [row] = test.restart({ kill: true }).registry.audit.list({}, { limit: 1 });
    expect(row).toMatchObject({ ...CHANGE, detail: { note: 'seen' } });
  });

  it('is stored with the change or not at all: on a full disk neither is', () => {
    const test = openTestRegistry();
    fillDisk(test);
    const put = () => {
      for (let n = 0; n < 2_000; n += 1) {
        test.registry.putEnterprise({ id: `e-${n}`, park: PARK, nameZh: '厂', nameEn: 'x'.repeat(200) }, 'admin-1');
      }
    };
    expect(put).toThrow(StorageUnavailableError);
    freeDisk(test);
    const { registry } = test;
    expect(registry.audit.list({ who: 'admin-1' }, { limit: 5_000 })).toHaveLength(registry.enterprises().length);
    expect(test.restart().registry.enterprises()).toEqual(registry.enterprises());
  });
});

describe('audit of refusals', () => {
  it('never blocks: a refusal is there after the next group commit', async () => {
    const test = openTestRegistry();
    const before = test.state.stats.commits;
    test.registry.audit.record(REFUSAL);
    expect(test.state.stats.commits).toBe(before);
    await committed(test);
    expect(refused(test)).toEqual([
      { ...REFUSAL, detail: null, id: expect.any(Number), ts: START, lastTs: START, count: 1 },
    ]);
  });

  it('counts repeats within a minute in one row, and starts another one after it', async () => {
    const test = openTestRegistry();
    for (let n = 0; n < 500; n += 1) {
      test.clock.now = START + n;
      test.registry.audit.record(REFUSAL);
    }
    test.registry.audit.record({ ...REFUSAL, who: 'address:10.0.0.10' });
    await committed(test);
    expect(refused(test).map(({ count }) => count)).toEqual([1, 500]);
    expect(refused(test)[1]).toMatchObject({ ts: START, lastTs: START + 499 });
    test.clock.now = START + 60_000;
    test.registry.audit.record(REFUSAL);
    await committed(test);
    expect(refused(test).map(({ count }) => count)).toEqual([1, 1, 500]);
    expect(test.restart({ kill: true }).registry.audit.list({ outcome: 'refused' }, { limit: 10 })).toMatchObject([
      { count: 1 },
      { count: 1 },
      { count: 500, lastTs: START + 499 },
    ]);
  });

  it('writes the counts that stand open when it stops', async () => {
    const test = openTestRegistry();
    for (let n = 0; n < 5; n += 1) test.registry.audit.record(REFUSAL);
    expect(test.restart().registry.audit.list({ outcome: 'refused' }, { limit: 10 })).toMatchObject([{ count: 5 }]);
  });

  it('has a cap of rows a minute: beyond it one row counts the rest, and changes are still kept', async () => {
    const test = openTestRegistry();
    for (let n = 0; n < 1_000; n += 1) test.registry.audit.record({ ...REFUSAL, target: `/${n}` });
    test.registry.audit.record(CHANGE);
    await committed(test);
    const rows = refused(test);
    expect(rows).toHaveLength(121);
    expect(rows[0]).toMatchObject({ who: 'system', action: 'audit.cap', count: 880 });
    expect(test.registry.audit.stats).toMatchObject({ refusals: 120, dropped: 880 });
    expect(test.registry.audit.list({ outcome: 'done', who: 'admin-1' }, { limit: 10 })).toHaveLength(1);
    test.clock.now = START + 60_000;
    test.registry.audit.record(REFUSAL);
    await committed(test);
    expect(refused(test)[0]).toMatchObject({ target: '/x', count: 1 });
  });

  it('gives one sender’s refusals no room of another’s, and strangers none of those who have a name', async () => {
    const test = openTestRegistry();
    const refuse = (who: string, target: string) => test.registry.audit.record({ ...REFUSAL, who, target });
    for (let n = 0; n < 1_000; n += 1) refuse('address:10.6.6.6', `/${n}`);
    refuse('address:10.0.0.9', '/other');
    for (let n = 0; n < 1_000; n += 1) refuse(`address:10.1.${n >> 8}.${n & 255}`, '/many');
    refuse('gateway:gw-1', '/gateway');
    refuse('token-1', '/token');
    await committed(test);
    const rows = refused(test);
    for (const target of ['/other', '/gateway', '/token'])
      expect(rows.filter((row) => row.target === target)).toHaveLength(1);
    expect(rows.filter(({ who }) => who === 'address:10.6.6.6')).toHaveLength(120);
    expect(rows.filter(({ who }) => who.startsWith('address:'))).toHaveLength(600);
    expect(test.registry.audit.stats).toMatchObject({ refusals: 602, dropped: 1_401 });
  });

  it('makes room with the older refusals of whoever has most, after a restart too', async () => {
    const { state } = openTestRegistry();
    let now = START;
    const bounds = { refusalsPerMinute: 1e9, refusalsPerMinuteOfKind: 1e9, refusalsKept: 500 };
    let audit = new AuditLog(state, () => now, bounds);
    audit.record({ ...REFUSAL, who: 'token-1', target: '/early' });
    for (let n = 0; n < 4_000; n += 1) {
      now += 1;
      audit.record({ ...REFUSAL, target: `/${n}` });
      if (n !== 1_200) continue;
      audit.close();
      await state.commit(() => undefined);
      audit = new AuditLog(state, () => now, bounds);
    }
    await state.commit(() => undefined);
    expect(audit.list({ who: 'token-1' }, { limit: 10 })).toMatchObject([{ target: '/early' }]);
    const rows = audit.list({ outcome: 'refused' }, { limit: 10_000 });
    expect(rows.length).toBeLessThanOrEqual(1_500);
    expect(rows[0]?.target).toBe('/3999');
    audit.close();
  });

  it('keeps a bounded number of refusals, the newest, and every change', async () => {
    const { state } = openTestRegistry();
    let now = START;
    const audit = new AuditLog(state, () => now, {
      refusalsPerMinute: 1e9,
      refusalsPerMinuteOfKind: 1e9,
      refusalsKept: 500,
    });
    for (let n = 0; n < 4_000; n += 1) {
      now += 1;
      audit.record({ ...REFUSAL, target: `/${n}` });
      if (n % 1_000 === 0) audit.record({ ...CHANGE, target: `change-${n}` });
    }
    await state.commit(() => undefined);
    const rows = audit.list({ outcome: 'refused' }, { limit: 10_000 });
    expect(rows.length).toBeLessThanOrEqual(1_500);
    expect(rows[0]?.target).toBe('/3999');
    expect(audit.list({ outcome: 'done', who: 'admin-1' }, { limit: 10 })).toHaveLength(4);
    audit.close();
  });

  it('throws nothing on a full disk and counts what is lost', async () => {
    const test = openTestRegistry();
    fillDisk(test);
    for (let n = 0; n < 100; n += 1) {
      test.registry.audit.record({ ...REFUSAL, target: `/${n}`, detail: { text: 'x'.repeat(1_900) } });
    }
    await committed(test);
    expect(test.registry.audit.stats.dropped).toBe(100);
  });

  it('clips texts from outside and takes control characters out', async () => {
    const test = openTestRegistry();
    const who = `gateway:${'g'.repeat(500)}`;
    const target = 'parks/\u0000\u001b[31m\nx';
    test.registry.audit.record({ ...REFUSAL, who, target, detail: { topic: 'x'.repeat(10_000) } });
    await committed(test);
    const [row] = refused(test);
    expect(row?.who).toHaveLength(128);
    expect(row?.target).toBe('parks/??[31m?x');
    expect(JSON.stringify(row?.detail).length).toBeLessThan(100);
  });
});

describe('audit lists', () => {
  it('filters and pages, newest first', () => {
    const { registry, clock } = openTestRegistry();
    for (let n = 0; n < 10; n += 1) {
      clock.now = START + n;
      registry.audit.record({ ...CHANGE, who: n % 2 === 0 ? 'even' : 'odd', target: `a-${n}` });
    }
    const targets = (filter: Parameters<typeof registry.audit.list>[0], paging = { limit: 3 }) =>
      registry.audit.list(filter, paging).map(({ target }) => target);
    expect(targets({ who: 'even' })).toEqual(['a-8', 'a-6', 'a-4']);
    expect(targets({ from: START + 2, to: START + 4 })).toEqual(['a-3', 'a-2']);
    expect(targets({ target: 'a-7' })).toEqual(['a-7']);
    expect(targets({ action: 'alarm.acknowledge', outcome: 'refused' })).toEqual([]);
    const page = registry.audit.list({ who: 'even' }, { limit: 3 });
    const beforeId = page.at(-1)?.id ?? 0;
    expect(registry.audit.list({ who: 'even' }, { limit: 3, beforeId }).map(({ target }) => target)).toEqual([
      'a-2',
      'a-0',
    ]);
  });
});
