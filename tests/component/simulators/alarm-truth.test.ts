import { describe, expect, it, onTestFinished } from 'vitest';
import { devicesOf } from '../../../simulators/model/park.js';
import { registryEntry } from '../../../simulators/provision.js';
import { PENDING_RULES } from '../../../simulators/scenario/declare.js';
import { SCENARIO_NAMES, type ScenarioName } from '../../../simulators/scenario/index.js';
import { compareAlarms } from '../../../simulators/verdict/compare.js';
import { LivenessBook } from '../../../src/alarms/absence/liveness-book.js';
import { AbsenceObserver } from '../../../src/alarms/absence/observer.js';
import { startAlarms } from '../../../src/alarms/engine/running.js';
import type { AlarmEvent } from '../../../src/alarms/model/alarm.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import { eventToWire, utcTime } from '../../../src/alarms/model/wire.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { startSpine } from '../../helpers/spine.js';
import { site } from './sites.js';
import { rehearse } from './stage.js';

const PARKS = ['lc-dezheng', 'lw-fupin', 'lw-shipu', 'oh-diandu'] as const;
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
/** A Monday morning, when the parks are at work. */
const START = Date.parse('2026-11-23T09:00:00+08:00');

/** Scenarios against the alarms as the service wires them, both by one clock, which the test moves. */
async function play(scenarios: readonly ScenarioName[], lengthMs: number, parks: readonly string[] = PARKS) {
  const seed = 1;
  const clock = { now: START };
  const spine = await startSpine({ clock: () => clock.now });
  const { state, journal, registry } = spine;
  const alarms = await startAlarms({
    ...{ state, journal, registry, audit: registry.audit, zone: new TimeZone('Asia/Shanghai'), log: SILENT },
    clock: () => clock.now,
  });
  const absence = new AbsenceObserver({
    ...{ alarms, registry, devices: new LivenessBook({ registry }), journal, clock: () => clock.now },
    uptime: () => clock.now - START,
    everyMs: 3_600_000,
  });
  const events: AlarmEvent[] = [];
  alarms.onEvent((event) => events.push(event));
  const logins = new Map<string, { gateway: string; secret: string }>();
  for (const park of parks) {
    const { username, password } = await spine.gateway(`gw-${park}`, park);
    logins.set(park, { gateway: username, secret: password });
    for (const device of devicesOf(site(park), seed)) {
      const entry = registryEntry(device, 10);
      if (entry !== null) registry.putDevice({ id: device.id, ...entry }, 'test');
    }
  }
  const stage = await rehearse({
    broker: spine.listeners.mqtt,
    sites: parks.map(site),
    loginOf: (park) => logins.get(park)!,
    scenarios,
    ...{ start: START, lengthMs, seed },
  });
  onTestFinished(() => {
    absence.stop();
    return alarms.close();
  });
  const online = () => stage.fleet.filter(({ link }) => link.online).map(({ link }) => link.idle());
  for (let at = 0; at < lengthMs; ) {
    at = Math.min(lengthMs, at + 1_000);
    clock.now = START + at;
    await stage.playTo(at / lengthMs);
    await Promise.all(online());
    alarms.tick(clock.now);
    absence.look();
  }
  await stage.idle();
  const recorded = events.map((event) => eventToWire(event, utcTime));
  return { ...stage, recorded, differences: compareAlarms(stage.truth.alarms.list(), recorded) };
}

/** What of each alarm of the truth is to happen, without times. */
const told = (events: readonly { event: string; level: string }[] | null) =>
  events?.map(({ event, level }) => `${event} ${level}`) ?? null;

describe('the alarms of the scenarios', () => {
  it('are those of their ground truth, and no others, when all are played together', { timeout: 60_000 }, async () => {
    const { truth, differences } = await play(SCENARIO_NAMES, 120_000);
    const expected = truth.alarms.list();
    expect(differences).toEqual([]);
    expect(expected.filter(({ events }) => events === null)).toEqual([]);
    const byRule = new Map(expected.map(({ rule, events }) => [rule, told(events)]));
    expect(Object.fromEntries(byRule)).toMatchObject({
      'smoke-alarm': expect.arrayContaining(['raised alarm', 'cleared alarm']),
      'sprinkler-pressure-low': ['raised alarm', 'cleared alarm'],
      'hydrant-pressure-low': ['raised alarm', 'cleared alarm'],
      'residual-current-high': ['raised warning', 'level_raised alarm', 'cleared alarm'],
      'cod-high-electroplating': ['raised warning', 'level_raised alarm', 'cleared alarm'],
      'hexavalent-chromium-high-electroplating': ['raised alarm', 'cleared alarm'],
      'crowd-density-high': ['raised warning', 'level_raised dangerous', 'level_lowered warning', 'cleared warning'],
      'transformer-out': ['raised alarm', 'cleared alarm'],
      // An effect of the transformer.
      'voltage-b-low': ['condition_began alarm', 'condition_ended alarm'],
    });
    const gas = expected.filter(({ rule }) => rule === 'combustible-gas').map(({ events }) => told(events));
    expect(gas).toContainEqual(['raised level 1', 'level_raised level 2', 'level_lowered level 1', 'cleared level 1']);
  });

  it('are none on a normal day, with a meter swap, bad payloads and what no reading decides', async () => {
    const quiet = ['normal-day', 'meter-swap', 'bad-payloads', 'sensor-silent', 'analyser-stuck'] as const;
    const { truth, recorded } = await play(quiet, 60_000, ['lc-dezheng', 'lw-fupin']);
    expect(truth.alarms.list()).toEqual([]);
    expect(recorded).toEqual([]);
  });

  it('are none of an outage that is over before it is known of: what the gateway buffered is history', {
    timeout: 60_000,
  }, async () => {
    const { of, recorded, differences, truth } = await play(['gateway-outage'], 400_000, ['lw-fupin']);
    expect(of('expected_history')).toHaveLength(1);
    expect(differences).toEqual([]);
    const events = recorded.filter(({ alarm }) => alarm.rule !== 'gateway-offline');
    expect(events.map(({ event }) => event)).toEqual(['raised_late', 'cleared_late']);
    expect(truth.list().every(({ sent, acknowledged }) => sent === acknowledged)).toBe(true);
  });
});

describe('the rules that scenarios name', () => {
  it('are default rules, or pending, and none is pending that there is', async () => {
    const { records } = await play(SCENARIO_NAMES, 2_000);
    const known = new Set(DEFAULT_RULES.map(({ id }) => id));
    const named = records.filter(({ type }) => type === 'declared_alarm').map(({ rule }) => rule as string);
    expect(named.filter((rule) => !known.has(rule))).toEqual([]);
    expect([...PENDING_RULES].filter((rule) => known.has(rule))).toEqual([]);
    const pending = records.filter(({ type }) => type === 'pending_alarm').map(({ rule }) => rule as string);
    expect(new Set(pending)).toEqual(PENDING_RULES);
  });
});
