import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningAlarms, startAlarms } from '../../../src/alarms/engine/running.js';
import type { AlarmInput } from '../../../src/alarms/port.js';
import { migrations as alarmTables } from '../../../src/alarms/schema.js';
import { alarmRuleRoutes } from '../../../src/api/alarm-rules/routes.js';
import { alarmRoutes } from '../../../src/api/alarms/routes.js';
import { framePlugin } from '../../../src/http/frame.js';
import { openJournal } from '../../../src/journal/open.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { openRegistry } from '../../../src/registry/open.js';
import type { Registry } from '../../../src/registry/port.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import type { State } from '../../../src/state/port.js';
import { cod, entryOf, type Message, PARK, smoke, T0 } from './helpers.js';

const ADMIN = 'admin-token-of-the-tests-0123456789';
const S = 1_000;
let dir: string;
let state: State;
let registry: Registry;
let alarms: RunningAlarms;
let app: FastifyInstance;
let send: (...messages: Message[]) => Promise<unknown>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'alarm-api-'));
  state = openState(join(dir, 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    alarms: alarmTables,
  });
  const clock = () => T0;
  registry = openRegistry(state, { clock, discovery: true, adminToken: ADMIN });
  const journal = openJournal<AlarmInput>(state, (error) => {
    throw error;
  });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone: new TimeZone('Asia/Shanghai'),
    clock,
    log,
  });
  app = Fastify();
  await app.register(framePlugin, { registry, audit: registry.audit });
  await app.register(alarmRoutes({ alarms, registry, timeZone: 'Asia/Shanghai', clock }), { prefix: '/api/v1' });
  const rules = alarmRuleRoutes({ alarmRules: alarms.ruleBook, registry, timeZone: 'Asia/Shanghai' });
  await app.register(rules, { prefix: '/api/v1' });
  send = (...messages) => Promise.all(messages.map((message) => journal.append(entryOf(message))));
  for (const id of ['a', 'b', 'c']) await send(smoke(T0, true, id));
  await send(smoke(T0 + S, false, 'b'), { ...smoke(T0, true, 'd'), park: 'lc-xiedu-1' });
  await send(cod(T0, 900), cod(T0 + 60 * S, 900));
});
afterEach(async () => {
  await app.close();
  await alarms.close();
  registry.close();
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

async function get(path: string, token = ADMIN) {
  const answer = await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.statusCode, body: answer.json() };
}

const scoped = () => {
  const input = { name: 't', role: 'operator', parks: [PARK], districts: [], expiresAt: null } as const;
  return registry.createToken(input, 'system').secret;
};

describe('alarms of the service itself', () => {
  const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(({ id }) => id);
  beforeEach(() => alarms.observe('journal_fill_pct', 75, T0 + 100 * S));

  it('are listed for who is not limited, unless a park or another domain is asked for', async () => {
    expect(ids(await get('/alarms'))[0]).toBe('journal-filling:journal');
    expect(ids(await get('/alarms?domain=system'))).toEqual(['journal-filling:journal']);
    expect(ids(await get('/alarms?domain=fire'))).not.toContain('journal-filling:journal');
    expect(ids(await get(`/alarms?park=${PARK}`))).not.toContain('journal-filling:journal');
    expect((await get('/alarms/journal-filling:journal')).body).toMatchObject({ park: null, domain: 'system' });
    expect((await get('/alarms/journal-filling:journal/events')).body.items).toMatchObject([{ cause: 'observation' }]);
  });

  it('are outside the scope of a token that is limited to parks', async () => {
    const token = scoped();
    expect(ids(await get('/alarms', token))).not.toContain('journal-filling:journal');
    expect(ids(await get('/alarms?domain=system', token))).toEqual([]);
    for (const path of ['/journal-filling:journal', '/journal-filling:journal/events'])
      expect((await get(`/alarms${path}`, token)).body).toMatchObject({ status: 404, code: 'unknown_alarm' });
  });

  it('come from rules like the others', async () => {
    const rules = await get('/alarm-rules?domain=system');
    expect(ids(rules)).toEqual([
      ...['channel-failing', 'disk-failing', 'gateway-lagging', 'gateway-offline', 'gateway-silent', 'historian-down'],
      ...[
        'history-damaged',
        'housekeeping-failing',
        'intensity-not-assessable',
        'intensity-off-path',
        'journal-filling',
      ],
      ...[
        'losses-implausible',
        'meters-incomplete',
        'month-budget-overspent',
        'month-budget-pace',
        'statistics-overdue',
      ],
    ]);
  });
});

describe('GET /api/v1/alarms/{id}', () => {
  it('shows one that stands and one that has ended', async () => {
    expect((await get('/alarms/smoke-alarm:a')).body).toMatchObject({ state: 'unack_active', clearedAt: null });
    expect((await get('/alarms/smoke-alarm:b')).body).toMatchObject({
      state: 'latched_rtn',
      clearedAt: '2026-11-23T08:00:01+08:00',
    });
  });

  it('keeps to the scope of the token', async () => {
    const token = scoped();
    expect((await get('/alarms/smoke-alarm:d', token)).body).toMatchObject({ status: 404, code: 'unknown_alarm' });
    expect((await get('/alarms/smoke-alarm:d/events', token)).status).toBe(404);
  });

  it('answers 404 for one that never stood', async () => {
    expect((await get('/alarms/smoke-alarm:zzz')).body).toMatchObject({ status: 404, code: 'unknown_alarm' });
    expect((await get('/alarms/smoke-alarm:zzz/events')).status).toBe(404);
  });
});

describe('GET /api/v1/alarms/{id}/events', () => {
  it('tells what happened, in pages', async () => {
    const first = await get('/alarms/smoke-alarm:b/events?limit=1');
    expect(first.body.items).toMatchObject([
      { seq: 2, event: 'raised', cause: 'reading', at: '2026-11-23T08:00:00+08:00' },
    ]);
    const second = await get(`/alarms/smoke-alarm:b/events?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({
      items: [{ event: 'cleared', alarm: { state: 'latched_rtn' } }],
      nextCursor: null,
    });
  });
});

describe('GET /api/v1/alarm-rules', () => {
  it('lists rules with their source, by domain and metric', async () => {
    const { body } = await get('/alarm-rules?domain=wastewater&metric=cod_mg_l');
    const limits = body.items.filter(({ family }: { family: string }) => family === 'cod-high');
    expect(body.items.length).toBeGreaterThan(limits.length);
    expect(limits).toMatchObject([
      {
        id: 'cod-high',
        limitProfile: null,
        comparison: { levels: [{ setpoint: 450 }, { setpoint: 500 }] },
        source: { standard: 'GB 8978-1996' },
      },
      {
        id: 'cod-high-electroplating',
        limitProfile: 'electroplating',
        comparison: { levels: [{ setpoint: 72 }, { setpoint: 80 }] },
      },
    ]);
    expect((await get('/alarm-rules')).body.items.length).toBeGreaterThan(60);
  });
});
