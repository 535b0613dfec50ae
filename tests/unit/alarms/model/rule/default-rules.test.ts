import { describe, expect, it } from 'vitest';
import { atLeast, CLASS_POLICIES } from '../../../../../src/alarms/model/class.js';
import {
  DEFAULT_RULES,
  INCOMER,
  LOW_VOLTAGE,
  MUNICIPAL_HYDRANT,
  TRANSFORMER,
} from '../../../../../src/alarms/model/defaults/index.js';
import { DEVICE_METRICS, ruleMetric } from '../../../../../src/alarms/model/metric.js';
import { ALARM_DOMAINS, type AlarmRule, metricsOfRule } from '../../../../../src/alarms/model/rule/rule.js';
import { problemsOfSchedule } from '../../../../../src/alarms/model/rule/schedule.js';
import { problemsOf } from '../../../../../src/alarms/model/signal/problems.js';
import { SYSTEM_METRICS } from '../../../../../src/alarms/model/system.js';
import { isId } from '../../../../../src/model/ids.js';
import { Drive, MONDAY, RuleDrive } from './rule-drive.js';

const S = 1_000;
const each = DEFAULT_RULES.map((rule) => [rule.id, rule] as const);
const byId = new Map(each);
const levelsOf = (id: string) => byId.get(id)!.comparison.levels.map(({ setpoint, priority }) => [setpoint, priority]);

describe('each default rule', () => {
  it.each(each)('%s raises its most severe level, and clears', (_, rule) => {
    const drive = new RuleDrive(rule).abnormal();
    const raised = drive.events.filter(({ event }) => event === 'raised' || event === 'level_raised');
    expect(raised.at(-1)?.alarm).toMatchObject({
      rule: rule.id,
      active: true,
      level: rule.comparison.levels.at(-1)!.name,
      priority: rule.comparison.levels.at(-1)!.priority,
      message: rule.message,
    });
    drive.normal();
    expect(drive.events.at(-1)?.alarm.active).toBe(false);
    const ends = drive.events.filter(({ event }) => event === 'raised' || event === 'cleared');
    // A vote over a device is raised by both devices that say the same.
    const both = rule.signal.kind === 'vote' && rule.signal.scope === 'device';
    expect(ends.map(({ event }) => event).sort()).toEqual(
      both ? ['cleared', 'cleared', 'raised', 'raised'] : ['cleared', 'raised'],
    );
  });

  it.each(each)('%s names its source, what is wrong, and what to do, in both languages', (_, rule) => {
    expect([rule.source.standard, rule.source.clause].every((text) => text.trim().length > 1)).toBe(true);
    for (const { zh, en } of [rule.message, rule.advice]) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).toMatch(/[a-z]{2}/i);
      expect(en).not.toMatch(/\p{Script=Han}/u);
    }
    expect(rule.advice.en).not.toBe(rule.message.en);
  });

  it.each(each)('%s watches what its domain has, by a signal and hours that are sound', (_, rule) => {
    const { domain, metric, signal, schedule } = rule;
    const known = ruleMetric(domain, metric);
    expect(known, metric).not.toBeNull();
    expect(problemsOf(signal, known!.kind)).toEqual([]);
    expect(schedule === null ? [] : problemsOfSchedule(schedule)).toEqual([]);
    expect(isId(rule.id)).toBe(true);
    if (signal.kind !== 'vote') return;
    expect(metric).toBe(signal.members[0]!.metric);
    for (const member of signal.members) {
      const [min, max] = ruleMetric(domain, member.metric)!.range;
      expect(member.setpoint).toBeGreaterThanOrEqual(min);
      expect(member.setpoint).toBeLessThanOrEqual(max);
    }
  });

  it.each(each)('%s has levels in order, within what its signal can be', (_, rule) => {
    const { comparison, signal, domain, metric } = rule;
    const range =
      signal.kind === 'value'
        ? ruleMetric(domain, metric)!.range
        : signal.kind === 'vote'
          ? ([1, signal.members.length] as const)
          : signal.kind === 'bad_share'
            ? ([0, 100] as const)
            : ([0, Number.MAX_SAFE_INTEGER] as const);
    comparison.levels.forEach(({ setpoint, deadband, priority }, place) => {
      expect(setpoint).toBeGreaterThanOrEqual(range[0]);
      expect(setpoint).toBeLessThanOrEqual(range[1]);
      expect(deadband).toBeGreaterThanOrEqual(0);
      const before = comparison.levels[place - 1];
      if (before === undefined) return;
      const step = comparison.side === 'low' ? before.setpoint - setpoint : setpoint - before.setpoint;
      expect(step).toBeGreaterThan(0);
      expect(deadband).toBeLessThanOrEqual(Number(step.toPrecision(12)));
      expect(atLeast(priority, before.priority) && priority !== before.priority).toBe(true);
    });
  });
});

describe('the default rules together', () => {
  it('have ids of their own', () => {
    expect(byId.size).toBe(DEFAULT_RULES.length);
  });

  it('cover every domain with every kind of signal', () => {
    for (const domain of ALARM_DOMAINS) {
      const kinds = DEFAULT_RULES.filter((rule) => rule.domain === domain).map(({ signal }) => signal.kind);
      expect(kinds, domain).toContain('value');
      expect(kinds, domain).toContain('silence');
    }
    const kinds = new Set(DEFAULT_RULES.map(({ signal }) => signal.kind));
    expect([...kinds].sort()).toEqual(
      ['bad_share', 'counter_still', 'deviation', 'rate', 'silence', 'unchanged', 'value', 'vote'].sort(),
    );
  });

  it.each([
    ['GB 8978-1996', ['verified']],
    ['DB33/ 2260-2020', ['secondary', 'site']],
    ['GB/T 31962-2015', ['site']],
    ['DB33/ 887-2013', ['site']],
    ['HJ 356-2019', ['site']],
    ['GB/T 15945-2008', ['site']],
    ['GB/T 14549-93', ['site']],
    ['GB 14287.3-2014', ['site']],
    ['GB 50116-2013', ['secondary', 'site']],
    ['park operations', ['site']],
  ])('say of %s no more than what was seen of it', (standard, certainties) => {
    const found = new Set(
      DEFAULT_RULES.filter(({ source }) => source.standard === standard).map((rule) => rule.source.certainty),
    );
    expect([...found].sort()).toEqual(certainties);
  });

  it('have few of high priority: EEMUA 191 asks for 5 % high, 15 % medium, 80 % low', () => {
    // What people or detectors report of a fire is critical by law, not by choice; each limit counts once, not once a profile.
    const chosen = DEFAULT_RULES.filter(
      ({ alarmClass, domain, limitProfile }) => domain !== 'fire' && alarmClass !== 'system' && limitProfile === null,
    );
    const first = chosen.map(({ comparison }) => comparison.levels[0]!.priority);
    const share = (priority: string) => first.filter((one) => one === priority).length / first.length;
    expect(share('low')).toBeGreaterThan(0.8);
    expect(share('high') + share('critical')).toBeLessThan(0.05);
  });

  it('are silenced by rules that exist, in no circle, and never where a life may depend on it', () => {
    const reaches = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
      for (const { rule } of byId.get(from)?.suppressedBy ?? []) {
        if (seen.has(rule)) continue;
        seen.add(rule);
        reaches(rule, seen);
      }
      return seen;
    };
    for (const rule of DEFAULT_RULES) {
      for (const { rule: cause } of rule.suppressedBy) expect(byId.has(cause), `${rule.id} ← ${cause}`).toBe(true);
      expect(reaches(rule.id).has(rule.id), rule.id).toBe(false);
      if (CLASS_POLICIES[rule.alarmClass].leastPriority === 'critical') expect(rule.suppressedBy).toEqual([]);
    }
  });

  it('follow a hydrant of the municipal mains, capacity and power quality by levels', () => {
    expect(levelsOf('hydrant-pressure-low')).toEqual([[0.1, 'high']]);
    expect(levelsOf('hydrant-pressure-low-municipal')).toEqual([
      [0.14, 'medium'],
      [0.1, 'high'],
    ]);
    expect(byId.get('hydrant-pressure-low-municipal')).toMatchObject({ limitProfile: MUNICIPAL_HYDRANT });
    expect(levelsOf('crowd-capacity').map(([setpoint]) => setpoint)).toEqual([80, 90, 100]);
    expect(levelsOf('parking-nearly-full').map(([setpoint]) => setpoint)).toEqual([90, 100]);
    expect(levelsOf('voltage-unbalance').map(([setpoint]) => setpoint)).toEqual([2, 4]);
    expect(levelsOf('combustible-gas').map(([setpoint]) => setpoint)).toEqual([25, 50]);
  });
});

describe('what the rules make of one another', () => {
  it('a transformer out silences the meters of its place, not those of another', () => {
    const at = (place: string, limitProfile = LOW_VOLTAGE) => ({ place, limitProfile });
    const drive = new Drive(
      DEFAULT_RULES,
      (id) => ({ t1: at('配电房1', TRANSFORMER), m1: at('配电房1'), m2: at('配电房1'), m3: at('配电房2') })[id] ?? {},
    );
    for (let s = 0; s <= 300; s += 10) {
      const volts = s < 100 ? 228 : 0;
      for (const id of ['m1', 'm2', 'm3', 't1']) {
        drive.send('energy', id, MONDAY + s * S, { voltage_a_v: volts, voltage_b_v: volts, voltage_c_v: volts });
      }
    }
    const loud = drive.events.filter(({ event }) => event === 'raised').map(({ alarm }) => alarm.id);
    expect(loud.sort()).toEqual(['phase-lost:m3', 'transformer-out:t1']);
    const quiet = new Set(drive.events.filter(({ event }) => event === 'condition_began').map(({ alarm }) => alarm.id));
    expect(quiet).toContain('phase-lost:m1');
    expect(quiet).toContain('voltage-a-low:m2');
    for (const { alarm } of drive.events.filter(({ event }) => event === 'condition_began')) {
      expect(['transformer-out:t1', 'phase-lost:m3', 'phase-lost-transformer:t1']).toContain(alarm.cause);
    }
  });

  it('the supply of the park out silences the transformers, and the meters everywhere', () => {
    const drive = new Drive(DEFAULT_RULES, (id) => ({
      place: id,
      limitProfile: id === 'in' ? INCOMER : id.startsWith('t') ? TRANSFORMER : LOW_VOLTAGE,
    }));
    for (let s = 0; s <= 120; s += 10) {
      for (const id of ['in', 't1', 't2', 'm1']) {
        const volts = s < 60 ? (id === 'in' ? 5_774 : 228) : 0;
        drive.send('energy', id, MONDAY + s * S, { voltage_a_v: volts, voltage_b_v: volts, voltage_c_v: volts });
      }
    }
    const loud = drive.events.filter(({ event }) => event === 'raised').map(({ alarm }) => alarm.id);
    expect(loud).toEqual(['park-supply-out:in']);
  });

  it('one phase lost is one alarm, not also a low voltage', () => {
    const drive = new Drive(DEFAULT_RULES, () => ({ limitProfile: LOW_VOLTAGE }));
    for (let s = 0; s <= 200; s += 10) {
      drive.send('energy', 'm1', MONDAY + s * S, {
        voltage_a_v: s < 60 ? 228 : 90,
        voltage_b_v: 228,
        voltage_c_v: 228,
      });
    }
    expect(drive.told.filter((line) => line.startsWith('raised'))).toEqual(['raised phase-lost:m1']);
    expect(drive.events[0]?.alarm).toMatchObject({ priority: 'medium', value: 1 });
  });

  it.each([
    ['two detectors of one place', { s1: '3号楼', s2: '3号楼' }, 1],
    ['two detectors of two places', { s1: '3号楼', s2: '4号楼' }, 0],
  ])('%s in alarm confirm a fire or do not', (_, places: Readonly<Record<string, string>>, confirmed) => {
    const drive = new Drive(DEFAULT_RULES, (id) => ({ place: places[id] ?? null }));
    drive.send('fire', 's1', MONDAY, { smoke_alarm: 1 });
    expect(drive.told).toEqual(['raised smoke-alarm:s1']);
    drive.send('fire', 's2', MONDAY + 20 * S, { smoke_alarm: 1 });
    expect(drive.told.filter((line) => line.startsWith('raised fire-confirmed'))).toHaveLength(confirmed);
  });

  it('a crowd goes through its levels as one alarm', () => {
    const drive = new Drive(DEFAULT_RULES, () => ({ expectedIntervalS: 60 }));
    [70, 82, 82, 91, 91, 100, 100, 97, 90, 80, 70].forEach((used, n) => {
      drive.send('traffic', 'p1', MONDAY + n * 60 * S, { people_capacity_used_pct: used });
    });
    expect(drive.events.map(({ event, alarm }) => `${event} ${alarm.level}`)).toEqual([
      'raised yellow',
      'level_raised orange',
      'level_raised red',
      'level_lowered orange',
      'level_lowered yellow',
      'cleared yellow',
    ]);
  });
});

describe('what is watched', () => {
  it.each([
    ...Object.keys(DEVICE_METRICS).map((key) => ['fire', key] as const),
    ...Object.keys(SYSTEM_METRICS).map((key) => ['system', key] as const),
  ])('in the domain %s knows the unit and the labels of %s', (domain, key) => {
    expect(ruleMetric(domain, key)).toMatchObject({
      unit: expect.any(String),
      labelZh: expect.stringMatching(/\p{Script=Han}/u),
      labelEn: expect.stringMatching(/[a-z]/),
    });
  });

  it.each([
    ['energy', 'silence_s', 's'],
    ['system', 'gateway_offline_s', 's'],
    ['wastewater', 'cod_mg_l', 'mg/L'],
    ['wastewater', 'active_power_kw', undefined],
    ['system', 'silence_s', undefined],
    ['energy', 'gateway_offline_s', undefined],
    ['energy', 'constructor', undefined],
    ['system', 'toString', undefined],
  ] as const)('%s %s is counted in %s', (domain, metric, unit) => {
    expect(ruleMetric(domain, metric)?.unit).toBe(unit);
  });

  it('of the silence of a series is not its readings', () => {
    const silent = (id: string) => metricsOfRule(byId.get(id) as AlarmRule);
    expect(silent('cod-silent')).toEqual(['cod_mg_l:silence']);
    expect(silent('fire-device-silent')).toEqual(['silence_s']);
    expect(silent('gateway-offline')).toEqual(['gateway_offline_s']);
  });
});
