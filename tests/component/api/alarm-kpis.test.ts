import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KpiEvent } from '../../../src/alarms/model/kpi/event.js';
import { ChatterDetector } from '../../../src/alarms/model/kpi/live/chatter-detector.js';
import { KPI_NAMES } from '../../../src/alarms/model/kpi/targets.js';
import type { AlarmKpis, KpiEvents } from '../../../src/alarms/port.js';
import { alarmKpiRoutes, MAX_PERIOD_DAYS } from '../../../src/api/alarm-kpis/routes.js';
import { docsPlugin } from '../../../src/api/docs/plugin.js';
import { framePlugin } from '../../../src/http/frame.js';
import { OpenQueries } from '../../../src/http/open-queries.js';
import type { Period } from '../../../src/model/time/windows.js';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { at, DAY, H, S, standing, T0 } from '../../unit/alarms/model/kpi/helpers.js';
import { ADMIN } from './helpers.js';

const OUHAI = 'oh-diandu';
const LUCHENG = 'lc-juguang';
const NOW = T0 + 8 * H;
const SMOKE = { domain: 'fire', priority: 'critical' } as const;
const SYSTEM = { domain: 'system', priority: 'high', park: null } as const;

/** One alarm each in two parks, and one of the service itself; then 12 in a minute in the first park. */
const EVENTS: readonly KpiEvent[] = [
  at(H, 'raised', 'cod-high:d-1', { park: OUHAI }),
  at(H + 30 * S, 'acknowledged', 'cod-high:d-1', { park: OUHAI }),
  at(2 * H, 'raised', 'smoke-alarm:s-1', { park: LUCHENG, ...SMOKE }),
  at(3 * H, 'raised', 'journal-fill:journal', SYSTEM),
  ...Array.from({ length: 12 }, (_, n) => at(5 * H + n * 5 * S, 'raised', `cod-high:d-${n}`, { park: OUHAI })),
];

async function* inBatches(events: readonly KpiEvent[], size = 5) {
  for (let n = 0; n < events.length; n += size) yield events.slice(n, n + size);
}

async function start({ record = {}, reports }: { record?: Partial<KpiEvents>; reports?: OpenQueries } = {}) {
  const state = openState(join(tempDir(), 'park.sqlite'), { registry: migrations });
  const registry = openRegistry(state, { clock: () => NOW, discovery: true, adminToken: ADMIN });
  const asked: Period[] = [];
  const detector = new ChatterDetector();
  const alarmKpis: Pick<AlarmKpis, 'readEvents' | 'nuisances'> = {
    async readEvents(period) {
      asked.push(period);
      return {
        completeSince: T0 - 40 * DAY,
        standing: [standing('cod-high:old', { park: OUHAI, activeSince: T0 - 40 * DAY })],
        events: inBatches(EVENTS),
        ...record,
      };
    },
    nuisances: () => detector.nuisances(NOW),
  };
  const app = Fastify() as unknown as FastifyInstance;
  await app.register(framePlugin, { registry, audit: registry.audit });
  await app.register(docsPlugin);
  const deps = { registry, alarmKpis, timeZone: 'Asia/Shanghai', clock: () => NOW, ...(reports && { reports }) };
  await app.register(alarmKpiRoutes(deps), { prefix: '/api/v1' });
  onTestFinished(async () => {
    await app.close();
    registry.close();
    state.close();
  });
  const get = async (path: string, token = ADMIN, accept = 'application/json') => {
    const answer = await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}`, accept } });
    const body = String(answer.headers['content-type']).includes('json') ? answer.json() : answer.body;
    return { status: answer.statusCode, headers: answer.headers, body };
  };
  const token = (scope: { parks?: string[]; districts?: string[] }) =>
    registry.createToken({ name: 't', role: 'operator', parks: [], districts: [], expiresAt: null, ...scope }, 'test')
      .secret;
  return { app, get, token, asked, detector };
}

interface WireKpi {
  readonly name: string;
  readonly value: number | null;
}
const numberOf = (body: { kpis: WireKpi[] }, name: string) => body.kpis.find((kpi) => kpi.name === name)?.value;

describe('GET /api/v1/alarm-kpis', () => {
  it('tells of the last 30 days of all parks and the service, each KPI beside its target', async () => {
    const { get, asked } = await start();
    const { status, body } = await get('/alarm-kpis');
    expect(status).toBe(200);
    expect(asked).toEqual([{ from: NOW - 30 * DAY, to: NOW }]);
    expect(body).toMatchObject({
      position: 'all',
      system: true,
      from: '2026-10-24T08:00:00+08:00',
      to: '2026-11-23T08:00:00+08:00',
      measured: { from: '2026-10-24T08:00:00+08:00', to: '2026-11-23T08:00:00+08:00' },
      timeZone: 'Asia/Shanghai',
      notes: [],
    });
    expect(body.parks).toHaveLength(17);
    expect(body.kpis.map((kpi: WireKpi) => kpi.name)).toEqual(KPI_NAMES);
    expect(body.kpis.find((kpi: WireKpi) => kpi.name === 'peak_per_10_min')).toEqual({
      name: 'peak_per_10_min',
      value: 12,
      unit: 'alarms/10 min',
      target: { is: 'at_most', value: 10, manageable: null },
      verdict: 'missed',
      source: { standard: 'ISA-18.2-2016 / IEC 62682:2014', clause: '16.4.3', certainty: 'secondary' },
    });
    expect(numberOf(body, 'alarms')).toBe(15);
    expect(numberOf(body, 'alarms_per_day')).toBe(0.5);
    expect(numberOf(body, 'acknowledge_p50')).toBe(30);
    expect(numberOf(body, 'stale_at_end')).toBe(1);
    expect(body.detail.per10Min).toMatchObject({ windows: 30 * 144, peakAt: '2026-11-23T05:00:00+08:00' });
    expect(body.detail.floods).toMatchObject({ count: 1, worst: [{ from: '2026-11-23T05:00:50+08:00', alarms: 12 }] });
    expect(body.detail.days).toHaveLength(31);
    expect(body.detail.stale.items).toMatchObject([{ alarm: 'cod-high:old', atEnd: true }]);
    expect(body.detail.priorities.at(-1)).toEqual({ priority: 'critical', alarms: 1, pct: 100 / 15, targetPct: 1 });
  });

  it('measures one position: a park, or the parks of a district', async () => {
    const { get } = await start();
    const park = (await get(`/alarm-kpis?position=park:${LUCHENG}`)).body;
    expect(park).toMatchObject({ position: `park:${LUCHENG}`, parks: [LUCHENG], system: false });
    expect([numberOf(park, 'alarms'), numberOf(park, 'stale_at_end')]).toEqual([1, 0]);
    const district = (await get('/alarm-kpis?position=district:ouhai')).body;
    expect(district.parks).toHaveLength(6);
    expect(numberOf(district, 'alarms')).toBe(13);
  });

  it('holds a token to its scope', async () => {
    const { get, token } = await start();
    const one = token({ parks: [LUCHENG] });
    const { body } = await get('/alarm-kpis', one);
    expect(body).toMatchObject({ position: 'all', parks: [LUCHENG], system: false });
    expect(numberOf(body, 'alarms')).toBe(1);
    const lucheng = (await get('/alarm-kpis?position=district:lucheng', one)).body;
    expect(lucheng.parks).toEqual([LUCHENG]);
    for (const position of [`park:${OUHAI}`, 'district:ouhai']) {
      const refused = await get(`/alarm-kpis?position=${position}`, one);
      expect([refused.status, refused.body.code]).toEqual([
        404,
        position.startsWith('park') ? 'unknown_park' : 'unknown_district',
      ]);
    }
    expect((await get('/alarm-kpis', 'no such token')).status).toBe(401);
  });

  it.each([
    ['position=park:nowhere', 404, 'unknown_park'],
    ['position=district:nowhere', 404, 'unknown_district'],
    ['position=shift:a', 422, 'invalid_request'],
    ['position=park:', 422, 'invalid_request'],
    ['from=2026-11-23T08:00:00%2B08:00&to=2026-11-23T08:00:00%2B08:00', 422, 'invalid_request'],
    [`from=${NOW - MAX_PERIOD_DAYS * DAY - 1}`, 422, 'invalid_request'],
    ['from=yesterday', 422, 'invalid_request'],
    ['every=1h', 422, 'invalid_request'],
  ])('refuses %s', async (query, status, code) => {
    const { get, asked } = await start();
    const answer = await get(`/alarm-kpis?${query}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(asked).toEqual([]);
  });

  it('says what is not known of the period, and measures the rest', async () => {
    const { get } = await start({ record: { completeSince: T0 } });
    const { body } = await get(`/alarm-kpis?from=${NOW - MAX_PERIOD_DAYS * DAY}&to=${NOW}`);
    expect(body.measured.from).toBe('2026-11-23T00:00:00+08:00');
    expect(body.completeSince).toBe('2026-11-23T00:00:00+08:00');
    expect(body.notes.map((note: { code: string }) => note.code)).toEqual([
      'reaches_before_record',
      'below_recommended_length',
    ]);
    expect(numberOf(body, 'alarms_per_hour')).toBe(15 / 8);
  });

  it('judges nothing of a period of which nothing is kept', async () => {
    const { get } = await start({ record: { completeSince: NOW, standing: [], events: inBatches([]) } });
    const { status, body } = await get('/alarm-kpis');
    expect([status, body.measured, body.detail]).toEqual([200, null, null]);
    expect(body.kpis.every((kpi: { verdict: string }) => kpi.verdict === 'no_data')).toBe(true);
    const csv = await get('/alarm-kpis', ADMIN, 'text/csv');
    expect(parse(csv.body, { columns: true })[0]).toMatchObject({ from: '', to: '', value: '', verdict: 'no_data' });
  });

  it('answers CSV, a row per KPI', async () => {
    const { get } = await start();
    const { status, headers, body } = await get('/alarm-kpis?position=district:ouhai', ADMIN, 'text/csv');
    expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    const rows = parse(body, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows.map((row) => row.kpi)).toEqual(KPI_NAMES);
    expect(rows.find((row) => row.kpi === 'alarms_per_hour')).toEqual({
      position: 'district:ouhai',
      from: '2026-10-24T08:00:00+08:00',
      to: '2026-11-23T08:00:00+08:00',
      kpi: 'alarms_per_hour',
      value: String(13 / 720),
      unit: 'alarms/h',
      target_is: 'at_most',
      target: '6',
      manageable: '12',
      verdict: 'met',
      standard: 'ISA-18.2-2016 / IEC 62682:2014',
      clause: '16.4.2',
      certainty: 'secondary',
    });
    expect((await get('/alarm-kpis', ADMIN, 'image/png')).status).toBe(406);
  });

  it('makes a bounded number of reports at once, and gives a place back when one fails', async () => {
    const reports = new OpenQueries(1, 2);
    let go = () => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* slow() {
      await wait;
      yield [];
      throw new Error('the disk is gone');
    }
    const { get } = await start({ reports, record: { events: slow() } });
    const first = get('/alarm-kpis');
    const second = await new Promise<Awaited<typeof first>>((resolve) =>
      setImmediate(() => resolve(get('/alarm-kpis'))),
    );
    expect([second.status, second.body.code]).toEqual([503, 'too_many_queries']);
    go();
    expect((await first).status).toBe(500);
    expect(reports.stats).toEqual({ running: 0, turnedAway: 1, aborted: 1 });
  });
});

describe('GET /api/v1/alarm-nuisance', () => {
  it('lists what chatters and what is fleeting in the position, and offers none of fire for shelving', async () => {
    const { get, token, detector } = await start();
    const pulse = (after: number, alarm: string, more: Partial<KpiEvent>) => {
      detector.append(at(after, 'raised', alarm, more));
      detector.append(at(after + 100, 'cleared', alarm, more));
    };
    for (const after of [0, S, 2 * S]) {
      pulse(8 * H - 9 * S + after, 'cod-high:d-1', { park: OUHAI });
      pulse(8 * H - 9 * S + after + 200, 'smoke-alarm:s-1', { park: LUCHENG, ...SMOKE });
    }
    pulse(8 * H - 5 * S, 'journal-fill:journal', SYSTEM);
    const all = (await get('/alarm-nuisance')).body;
    expect(all).toMatchObject({ position: 'all', system: true });
    expect(all.chattering).toMatchObject({
      total: 2,
      items: [{ alarm: 'cod-high:d-1' }, { alarm: 'smoke-alarm:s-1' }],
    });
    expect(all.fleeting).toMatchObject({ total: 1, items: [{ alarm: 'journal-fill:journal', fleeting: 1 }] });
    expect(all.proposals).toMatchObject([{ alarm: 'cod-high:d-1', reason: 'chattering', alarms: 3, chatters: 1 }]);
    const one = token({ districts: ['lucheng'] });
    const own = (await get('/alarm-nuisance', one)).body;
    expect(own.chattering.items.map((item: { alarm: string }) => item.alarm)).toEqual(['smoke-alarm:s-1']);
    expect([own.fleeting.total, own.proposals]).toEqual([0, []]);
    expect((await get(`/alarm-nuisance?position=park:${OUHAI}`, one)).status).toBe(404);
  });
});

describe('/openapi.json', () => {
  it('describes both routes', async () => {
    const { app } = await start();
    const document = (await app.inject({ url: '/openapi.json', headers: { authorization: `Bearer ${ADMIN}` } })).json();
    const { responses } = document.paths['/api/v1/alarm-kpis'].get;
    expect(Object.keys(responses['200'].content)).toEqual(['application/json', 'text/csv']);
    expect(document.paths['/api/v1/alarm-nuisance'].get.tags).toEqual(['alarms']);
  });
});
