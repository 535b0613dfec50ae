import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLoggers } from '../../../src/hj212/logger-book.js';
import type { LoggerInput } from '../../../src/hj212/model/profile.js';
import { migrations as loggerTables } from '../../../src/hj212/schema.js';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { testApp } from '../../helpers/app.js';
import { tempDir } from '../../helpers/temp.js';

const MN = '010000A8900016F000169DC0';
const KEY = '0123456789abcdeffedcba9876543210';
const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const SPOKEN = { edition: '2025', strict: false, zone: 'Asia/Shanghai', channels: {} } as const;
const LOGGER: LoggerInput = { ...SPOKEN, mn: MN, park: 'oh-diandu', device: 'outlet-1', password: '123456' };

/** The loggers on a state file of their own; `end` closes it before the test does. */
function open(dir = tempDir(), maxLoggers = 10) {
  const state = openState(join(dir, 'park.sqlite'), { registry: registryTables, hj212: loggerTables });
  const registry = openRegistry(state, { clock: () => NOW, discovery: true });
  const loggers = openLoggers({ state, registry, audit: registry.audit, clock: () => NOW, maxLoggers });
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    registry.close();
    state.close();
  };
  onTestFinished(end);
  return { state, loggers, audit: registry.audit, end };
}

describe('the loggers', () => {
  it('are the same after a restart, with passwords and keys, and show no secret', () => {
    const dir = tempDir();
    const first = open(dir);
    const keys = [
      { key: KEY, from: NOW - 90 * DAY, to: NOW },
      { key: KEY.toUpperCase().replace('0', 'F'), from: NOW - DAY, to: null },
    ];
    const channels = { w20117: { unit: 'mg/L', massMethod: 'summed' }, w99999: { ignored: true } } as const;
    const { logger, created } = first.loggers.put({ ...LOGGER, channels, keys }, 'admin');
    expect(created).toBe(true);
    expect(logger).toMatchObject({ mn: MN, channels, hasPassword: true, createdAt: NOW });
    first.end();

    const { loggers, audit, state } = open(dir);
    expect(loggers.list()).toEqual([logger]);
    expect(['123456', '123457', '', '1234567'].map((given) => loggers.isPassword(MN, given))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([NOW - 2 * DAY, NOW - 1, NOW, NOW - 91 * DAY].map((at) => loggers.keysAt(MN, at).length)).toEqual([
      1, 2, 1, 0,
    ]);
    expect(Buffer.from(loggers.keysAt(MN, NOW - 1)[1]!).toString('hex')).toBe(KEY);
    const seen = JSON.stringify([loggers.list(), audit.list({}, { limit: 10 })]);
    expect(seen.toLowerCase()).not.toContain(KEY.slice(1));
    expect(seen).not.toContain('123456');
    const stored = state.db.prepare('SELECT hex(password) AS password FROM hj212_loggers').get() as {
      password: string;
    };
    expect(stored.password).not.toContain(Buffer.from('123456').toString('hex'));
  });

  it('keep secrets that a change leaves out, and give them up when it says so', () => {
    const { loggers } = open();
    loggers.put({ ...LOGGER, keys: [{ key: KEY, from: 0, to: null }] }, 'admin');
    const { password: _, ...rest } = LOGGER;
    expect(loggers.put({ ...rest, strict: true }, 'admin')).toMatchObject({
      created: false,
      logger: { strict: true, hasPassword: true },
    });
    expect([loggers.isPassword(MN, '123456'), loggers.keysAt(MN, NOW).length]).toEqual([true, 1]);
    loggers.put({ ...rest, password: null, keys: [] }, 'admin');
    expect([loggers.isPassword(MN, 'anything'), loggers.keysAt(MN, NOW).length]).toEqual([true, 0]);
    loggers.remove(MN, 'admin');
    expect([loggers.get(MN), loggers.isPassword(MN, 'anything')]).toEqual([undefined, false]);
    expect(() => loggers.remove(MN, 'admin')).toThrow('there is no logger');
  });

  it('are bounded in number, and belong to one park', () => {
    const { loggers } = open(tempDir(), 2);
    loggers.put(LOGGER, 'admin');
    loggers.put({ ...LOGGER, mn: 'NM100000_0005' }, 'admin');
    expect(() => loggers.put({ ...LOGGER, mn: 'NM100000_0006' }, 'admin')).toThrow('no more than 2');
    expect(() => loggers.put({ ...LOGGER, park: 'lc-xiedu-1' }, 'admin')).toThrow('another park');
    expect(() => loggers.put({ ...LOGGER, park: 'p-nobodys' }, 'admin')).toThrow('no park');
    expect(loggers.list().map(({ mn, park }) => [mn, park])).toEqual([
      [MN, 'oh-diandu'],
      ['NM100000_0005', 'oh-diandu'],
    ]);
  });

  it.each([
    ['mn', { mn: 'short' }],
    ['mn', { mn: '010000A8900016F000169DC0A' }],
    ['mn', { mn: '12345678-' }],
    ['device', { device: 'Outlet' }],
    ['zone', { zone: 'Asia/Wenzhou' }],
    ['password', { password: '12;PW=' }],
    ['channels.w20117', { channels: { w20117: { unit: 'L/s' } } }],
    ['channels.024', { channels: { '024': { unit: 'mg/L' } } }],
    ['channels.w99999', { channels: { w99999: {} } }],
    ['channels.w01001', { channels: { w01001: { massUnit: 'g' } } }],
    ['keys.0.key', { keys: [{ key: KEY.slice(1), from: 0, to: null }] }],
    ['keys.0.to', { keys: [{ key: KEY, from: 5, to: 5 }] }],
  ] as const)('refuse a wrong %s, and name it', (field, change) => {
    const { loggers, audit } = open();
    expect(() => loggers.put({ ...LOGGER, ...change } as LoggerInput, 'admin')).toThrow(
      expect.objectContaining({ code: 'invalid_logger', field }),
    );
    expect([loggers.list(), audit.list({ who: 'admin' }, { limit: 5 })]).toEqual([[], []]);
  });
});

describe('GET PUT DELETE /loggers', () => {
  it('let administrators write, and others read in their parks, never a secret', async () => {
    const app = await testApp();
    const put = (mn: string, json: object, token?: string) =>
      app.api(`/api/v1/loggers/${mn}`, { method: 'PUT', json, ...(token && { token }) });
    const body = {
      park: 'oh-diandu',
      device: 'outlet-1',
      edition: '2025',
      password: '123456',
      keys: [{ key: KEY, from: '2026-01-01T00:00:00+08:00' }],
    };
    const made = await put(MN, body);
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/loggers/${MN}`]);
    expect((await put('NM100000_0005', { ...body, park: 'lc-xiedu-1' })).status).toBe(201);
    const changed = await put(MN, { park: 'oh-diandu', device: 'outlet-1', edition: '2017', strict: true });
    expect([changed.status, await changed.json()]).toMatchObject([
      200,
      {
        mn: MN,
        edition: '2017',
        strict: true,
        zone: 'Asia/Shanghai',
        hasPassword: true,
        keys: [{ from: '2026-01-01T00:00:00+08:00', to: null }],
      },
    ]);
    const wrong = await put(MN, { ...body, channels: { w20117: { unit: 'L/s' } } });
    expect([wrong.status, await wrong.json()]).toMatchObject([422, { code: 'invalid_logger' }]);

    const secret = { method: 'POST', json: { name: 'x', role: 'operator', parks: ['oh-diandu'] } };
    const { token } = (await (await app.api('/api/v1/tokens', secret)).json()) as { token: string };
    const listed = await (await app.api('/api/v1/loggers', { token })).text();
    expect(JSON.parse(listed)).toMatchObject({ items: [{ mn: MN }] });
    expect(listed).not.toMatch(/NM100000|123456|0123456789abcdef/);
    expect((await app.api('/api/v1/loggers/NM100000_0005', { token })).status).toBe(404);
    expect((await put(MN, body, token)).status).toBe(403);
    expect((await app.api(`/api/v1/loggers/${MN}`, { method: 'DELETE' })).status).toBe(204);
    expect((await app.api(`/api/v1/loggers/${MN}`)).status).toBe(404);
    const audit = await (await app.api('/api/v1/audit')).text();
    for (const action of ['logger.create', 'logger.update', 'logger.remove']) expect(audit).toContain(action);
    expect(audit).not.toMatch(/123456[^7]|0123456789abcdef/);
  });
});
