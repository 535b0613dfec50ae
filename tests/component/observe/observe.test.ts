import { describe, expect, it, vi } from 'vitest';
import { WRITE_ERROR_KINDS } from '../../../src/historian/port/errors.js';
import type { Family } from '../../../src/model/metric-family.js';
import { readiness } from '../../../src/observe/health.js';
import { MAX_SAMPLES, prometheusOf } from '../../../src/observe/prometheus.js';
import { startHttp } from '../api/docs-service.js';
import { NOW, PARK } from '../api/readings/service.js';

/** The samples of the Prometheus text format by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('GET /health/*', () => {
  it('is open, and ready while everything works', async () => {
    const { get } = await startHttp();
    const live = await get('/health/live', null);
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
    const ready = await get('/health/ready', null);
    expect(ready.status).toBe(200);
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await ready.json()).toEqual({
      status: 'ready',
      checks: {
        disk: { ok: true },
        journal: { ok: true },
        historian: { ok: true },
        alarms: { ok: true },
        broker: { ok: true },
      },
    });
  });

  it('is not ready while one thing does not work, says which, and names no file', async () => {
    const { get, mqtt, state, historian, alarms } = await startHttp();
    const ask = async () => {
      const answer = await get('/health/ready', null);
      const body = (await answer.json()) as { checks: Record<string, { ok: boolean; problem?: string }> };
      const failed = Object.entries(body.checks).flatMap(([name, { ok, problem }]) => (ok ? [] : [{ name, problem }]));
      return { status: answer.status, failed };
    };
    mqtt.listening = false;
    expect(await ask()).toEqual({
      status: 503,
      failed: [{ name: 'broker', problem: 'the MQTT listener is not open' }],
    });
    mqtt.listening = true;
    for (const [name, component] of Object.entries({ disk: state, historian, alarms })) {
      const failing = 'ENOSPC: no space left on device, write /var/lib/park/park.sqlite';
      // The historian's thread reports its statistics now and then.
      Object.defineProperty(component.stats, 'failing', {
        get: () => failing,
        set: () => undefined,
        configurable: true,
      });
      const { status, failed } = await ask();
      expect([status, failed.map((one) => one.name)]).toEqual([503, [name]]);
      expect(failed[0]!.problem).not.toMatch(/var|sqlite|ENOSPC/);
      Object.defineProperty(component.stats, 'failing', { value: null, writable: true, configurable: true });
    }
    expect((await ask()).status).toBe(200);
  });

  it('tells anybody of what kind the failure of the historian is', async () => {
    const { historian, state, broker, ...rest } = await startHttp();
    historian.stats.failing = 'InfluxDB at http://influx.internal:8086 refuses the credentials: 401 unauthorized';
    const problem = (failingKind: string | null) => {
      const stats = { ...historian.stats, failingKind };
      return readiness({ ...rest, state, broker, historian: { stats } } as never).checks.historian.problem;
    };
    expect(problem('credentials')).toContain('the historian stands still: its server refuses the credentials');
    expect(problem('other')).toContain('the historian stands still: an error keeps it');
    for (const kind of WRITE_ERROR_KINDS) expect(problem(kind)).not.toMatch(/influx\.internal|401/);
    historian.stats.failing = null;
  });

  it('is not ready while the journal is full, and says what is still taken', async () => {
    const { state, historian, alarms, broker, ...rest } = await startHttp();
    const check = (refusing: string) => {
      const journal = { stats: { ...rest.journal.stats, refusing }, head: () => historian.stats.appliedSeq };
      return readiness({ ...rest, state, historian, alarms, broker, journal } as never).checks.journal;
    };
    expect(check('nothing')).toEqual({ ok: true });
    expect(check('all_but_urgent').problem).toMatch(/only fire readings/);
    expect(check('everything').problem).toMatch(/no readings/);
  });

  it('is not ready once the historian is further behind the journal than the bound', async () => {
    const { state, historian, alarms, broker, ...rest } = await startHttp();
    const components = { ...rest, state, historian, alarms, broker };
    const behind = (batches: number) =>
      readiness(
        {
          ...components,
          journal: { stats: rest.journal.stats, head: () => historian.stats.appliedSeq + batches },
        } as never,
        10,
      );
    expect(behind(10).checks.historian.ok).toBe(true);
    expect(behind(11).checks.historian).toMatchObject({ ok: false });
    expect(behind(11).checks.historian.problem).toContain('11 batches');
  });
});

describe('GET /metrics', () => {
  it('needs a token, and shows what the components count', async () => {
    const { get, ingest, quarantine, url, historian, journal } = await startHttp();
    expect((await get('/metrics', null)).status).toBe(401);
    const send = (payload: string) =>
      ingest.accept({
        gateway: 'gw-1',
        park: PARK,
        topic: `parks/${PARK}/wastewater/ww-1/readings`,
        payload: Buffer.from(payload),
      });
    await send(JSON.stringify({ ts: NOW, values: { ph: 7, cod_mg_l: 40 } }));
    await send('not json');
    await historian.caughtUp(journal.head());
    await get('/api/v1/parks');
    await get('/api/v1/parks/atlantis');
    await fetch(`${url}/nothing/here`);

    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    const found = samples(text);
    const expected = {
      park_ingest_messages_total: 2,
      park_ingest_readings_total: 2,
      'park_ingest_rejected_total{code="invalid_json"}': 1,
      'park_ingest_rejected_total{code="unknown_metric"}': 0,
      park_quarantine_messages: quarantine.stats.kept,
      park_journal_messages_total: 1,
      park_historian_lag_batches: 0,
      park_historian_readings_total: 2,
      'park_historian_info{adapter="lake"}': 1,
      park_registry_devices: 1,
      park_state_failing: 0,
      park_journal_refusing: 0,
      park_journal_refused_total: 0,
      park_journal_held_bytes: journal.stats.heldBytes,
      'park_broker_gateway_messages_total{gateway="gw-1"}': 3,
      park_ws_clients: 0,
      park_queries_running: 0,
      park_alarms_standing: 0,
      'park_http_requests_total{method="GET",route="/api/v1/parks",status="200"}': 1,
      'park_http_requests_total{method="GET",route="/api/v1/parks/:park",status="404"}': 1,
      'park_http_requests_total{method="any",route="none",status="401"}': 1,
      park_metrics_cut_samples_total: 0,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found.get(name)]))).toEqual(expected);
    expect(found.has('process_resident_memory_bytes')).toBe(true);
    expect(found.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('counts on from scrape to scrape, never double', async () => {
    const { get } = await startHttp();
    const name = 'park_http_requests_total{method="GET",route="/metrics",status="200"}';
    const counts: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) counts.push(samples(await (await get('/metrics')).text()).get(name));
    expect(counts).toEqual([undefined, 1, 2]);
  });

  it('names metrics as Prometheus asks for: counters end in _total, units are base units', async () => {
    const { get } = await startHttp();
    const text = await (await get('/metrics')).text();
    const types = [...text.matchAll(/^# TYPE (park_\S+) (\S+)$/gm)].map(([, name, type]) => [name, type] as const);
    expect(types.length).toBeGreaterThan(60);
    for (const [name, type] of types) {
      expect(name).toMatch(/^park_[a-z][a-z0-9_]*$/);
      expect(name!.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|minutes)(_|$)/);
    }
    expect(new Set(types.map(([name]) => name)).size).toBe(types.length);
  });

  it('cuts a label set at its bound and counts what it left out', async () => {
    const family: Family = {
      name: 'park_test_total',
      help: 'many',
      kind: 'counter',
      labels: ['n'],
      *samples() {
        for (let n = 0; n < MAX_SAMPLES + 5; n++) yield { labels: { n: String(n) }, value: 1 };
      },
    };
    const registry = prometheusOf([family]);
    const found = samples(await registry.metrics());
    expect([...found.keys()].filter((name) => name.startsWith('park_test_total'))).toHaveLength(MAX_SAMPLES);
    await vi.waitFor(async () => {
      expect(samples(await registry.metrics()).get('park_metrics_cut_samples_total')).toBeGreaterThanOrEqual(5);
    });
  });
});
