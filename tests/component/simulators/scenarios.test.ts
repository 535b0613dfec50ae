import { describe, expect, it, vi } from 'vitest';
import type { ScenarioName } from '../../../simulators/scenario/index.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import { levelMet } from '../../../src/alarms/model/rule/comparison.js';
import { metric } from '../../../src/model/catalogue/index.js';
import { CounterIncrements } from '../../../src/model/counter/counter.js';
import { SECRET, TestBroker } from './broker.js';
import { site } from './sites.js';
import { rehearse } from './stage.js';

/** A Monday morning. */
const START = Date.parse('2026-11-23T09:00:00+08:00');
const PARKS = ['lc-dezheng', 'oh-diandu'] as const;

interface Item {
  readonly device: string;
  readonly ts: number;
  readonly values: Readonly<Record<string, number | boolean>>;
}

async function play(scenarios: readonly ScenarioName[], parks: readonly string[] = PARKS) {
  const broker = await TestBroker.start();
  const rehearsal = await rehearse({
    broker: broker.url,
    sites: parks.map(site),
    loginOf: (park) => ({ gateway: `gw-${park}`, secret: SECRET }),
    scenarios,
    start: START,
  });
  const items = (device: string): Item[] =>
    broker.readings().flatMap(({ topic, payload }) => {
      if (topic.split('/')[3] !== device) return [];
      const { ts, values } = JSON.parse(payload) as { ts: string; values: Item['values'] };
      return [{ device, ts: Date.parse(ts), values }];
    });
  return { ...rehearsal, broker, items };
}

describe('live data', () => {
  it('sends every device once an interval, at instants of its own, and counts what was acknowledged', async () => {
    const { playTo, idle, live, truth, fleet, items } = await play([]);
    await playTo(0.25);
    await idle();
    const devices = fleet.flatMap((park) => park.devices);
    for (const { id } of devices) {
      const sent = items(id);
      expect(sent.length).toBeGreaterThanOrEqual(3);
      expect(sent.length).toBeLessThanOrEqual(4);
      expect(sent[1]!.ts - sent[0]!.ts).toBeCloseTo(10_000, -1);
    }
    expect(live.stats).toMatchObject({ acknowledged: live.stats.messages, dropped: 0, skipped: 0 });
    const stored = devices.flatMap(({ id }) => items(id));
    for (const entry of truth.list()) {
      const values = stored.filter(({ device }) => device === entry.device).map(({ values }) => values[entry.metric]);
      expect(entry.acknowledged).toBe(values.length);
      expect(entry.sum).toBeCloseTo(
        values.map(Number).reduce((a, b) => a + b, 0),
        6,
      );
    }
  });

  it('skips what it missed after a standstill, and counts it', async () => {
    const broker = await TestBroker.start();
    let time = START;
    const { fleet } = await rehearse({
      broker: broker.url,
      sites: [site('lc-dezheng')],
      loginOf: (park) => ({ gateway: `gw-${park}`, secret: SECRET }),
      start: START,
    });
    const { LivePublisher } = await import('../../../simulators/live.js');
    const live = new LivePublisher({ fleet, intervalMs: 1_000, now: () => time });
    live.tick();
    time += 60_000;
    live.tick();
    const devices = fleet[0]!.devices.length;
    expect(live.stats.messages).toBeLessThanOrEqual(devices + 2);
    expect(live.stats.skipped).toBeGreaterThan(58 * devices);
  });
});

describe('scenarios', () => {
  it('play the same way with the same seed', async () => {
    const [first, second] = [await play(['fire', 'crowd']), await play(['fire', 'crowd'])];
    await first.playTo(1);
    await second.playTo(1);
    expect(first.records.length).toBeGreaterThan(8);
    expect(second.records).toEqual(first.records);
  });

  it('fire: names each alarm that is to be raised, since the first reading that shows it', async () => {
    const { playTo, idle, of, items } = await play(['fire']);
    await playTo(1);
    await idle();
    const alarms = of('expected_alarm');
    expect(alarms.map((alarm) => alarm.metric)).toEqual([
      'smoke_alarm',
      'heat_alarm',
      'manual_call_point',
      'fire_pump_running',
      'sprinkler_pressure_mpa',
    ]);
    for (const { device, metric: key, since, value } of alarms) {
      const sent = items(device as string);
      const shows = (values: Item['values']) => values[key as string] === value;
      expect(sent.find(({ values }) => shows(values))?.ts).toBe(since);
      expect(shows(sent.at(-1)!.values)).toBe(false);
    }
    expect(of('expected_normal')).toHaveLength(5);
  });

  it('discharge-exceedance: COD, pH and, in the electroplating base, hexavalent chromium pass their limits', async () => {
    const { playTo, of } = await play(['discharge-exceedance']);
    await playTo(1);
    expect(
      of('expected_alarm')
        .map(({ device, metric: key }) => `${device} ${key}`)
        .sort(),
    ).toEqual(
      [
        'oh-diandu-ww-01 cod_mg_l',
        'oh-diandu-ww-01 ph',
        'oh-diandu-ws-chromium-01 ph',
        'oh-diandu-ws-chromium-01 hexavalent_chromium_mg_l',
      ].sort(),
    );
  });

  it('foretell alarms only where a default rule is met', async () => {
    const { playTo, of } = await play(['fire', 'discharge-exceedance', 'crowd']);
    await playTo(1);
    const alarms = of('expected_alarm') as { type: string; metric: string; value: number | boolean }[];
    expect(alarms.length).toBeGreaterThan(8);
    for (const { metric: key, value } of alarms) {
      const met = DEFAULT_RULES.filter((rule) => rule.metric === key && levelMet(rule.comparison, Number(value)) > 0);
      expect(
        met.map(({ limitProfile }) => limitProfile),
        key,
      ).toContain(null);
    }
  });

  it('crowd: totals, presence and density agree, and totals stay within their rate', async () => {
    const { playTo, idle, of, items } = await play(['crowd']);
    await playTo(1);
    await idle();
    expect(of('expected_alarm').map(({ condition }) => condition)).toEqual(['>= 2.17', '> 4']);
    const sent = items(of('scenario')[0]!.device as string);
    const counter = new CounterIncrements(metric('traffic', 'people_in')!);
    for (const { ts, values } of sent) {
      expect(values.people_present).toBe(Number(values.people_in) - Number(values.people_out));
      expect(counter.push(ts, Number(values.people_in)).verdict).toMatch(/^(first|rise)$/);
    }
  });

  it('gateway-outage: goes offline by its will, buffers, and sends the whole backlog when it is back', async () => {
    const { playTo, idle, of, broker, truth } = await play(['gateway-outage']);
    await playTo(0.5);
    const { park } = of('gateway_offline')[0] as { park: string; type: string };
    const arrived = () => broker.readings().filter(({ topic }) => topic.startsWith(`parks/${park}/`)).length;
    await vi.waitFor(() =>
      expect(broker.received.findLast(({ topic }) => topic.includes(`${park}/gateways`))?.payload).toContain('false'),
    );
    const before = arrived();
    await playTo(0.59);
    expect(arrived()).toBe(before);
    await playTo(1);
    await idle();
    await vi.waitFor(() => expect(of('backlog_sent')).toHaveLength(1));
    const [{ backlog, dropped }] = of('gateway_online') as [{ type: string; backlog: number; dropped: number }];
    expect(backlog).toBeGreaterThan(0);
    expect(dropped).toBe(0);
    expect(of('backlog_sent')[0]!.sent).toBeGreaterThanOrEqual(backlog);
    expect(truth.list().every(({ sent, acknowledged }) => sent === acknowledged)).toBe(true);
  });

  it('meter-swap: the delta it names is what the increments of the readings come to', async () => {
    const { playTo, idle, of, items } = await play(['meter-swap']);
    await playTo(1.05);
    await idle();
    const [{ device, delta }] = of('expected_delta') as [{ type: string; device: string; delta: number }];
    const counter = new CounterIncrements(metric('energy', 'import_energy_kwh')!);
    const steps = items(device)
      .filter(({ ts }) => ts < START + 120_000)
      .map(({ ts, values }) => counter.push(ts, Number(values.import_energy_kwh)));
    expect(steps.map(({ verdict }) => verdict)).toContain('reset');
    expect(steps.reduce((sum, { increment }) => sum + increment, 0)).toBeCloseTo(delta, 1);
  });

  it('bad-payloads: every case is sent and named, with what is to be kept of it', async () => {
    const { playTo, idle, of, broker } = await play(['bad-payloads']);
    await playTo(0.3);
    await vi.waitFor(() => expect(of('expected_readings')).toHaveLength(1));
    await idle();
    const cases = of('bad_payload');
    expect(cases.length).toBeGreaterThan(15);
    expect(cases.every(({ outcome }) => outcome === 'acknowledged')).toBe(true);
    expect(broker.readings().filter(({ topic }) => topic.includes('-bad-01'))).toHaveLength(cases.length);
  });

  it('refuses a scenario that no chosen park can play', async () => {
    const broker = await TestBroker.start();
    const stage = await rehearse({
      broker: broker.url,
      sites: [],
      loginOf: () => ({ gateway: 'none', secret: SECRET }),
      start: START,
    });
    const { SCENARIOS } = await import('../../../simulators/scenario/index.js');
    const common = { now: () => START, random: () => 0, start: START, end: START + 1 };
    expect(() => SCENARIOS.fire.play({ ...stage, ...common })).toThrow('no chosen park has a device for this scenario');
  });
});
