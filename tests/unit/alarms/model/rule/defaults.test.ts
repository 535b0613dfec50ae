import { describe, expect, it } from 'vitest';
import { atLeast, classPolicyOf, PRIORITIES } from '../../../../../src/alarms/model/class.js';
import { DEFAULT_RULES, ELECTROPLATING } from '../../../../../src/alarms/model/defaults/index.js';
import { levelHeld, levelMet, MAX_LEVELS } from '../../../../../src/alarms/model/rule/comparison.js';
import { ALARM_DOMAINS, type AlarmRule, metricsOfRule } from '../../../../../src/alarms/model/rule/rule.js';
import { RuleIndex } from '../../../../../src/alarms/model/rule/select.js';
import { isSystemMetric, SYSTEM_METRICS } from '../../../../../src/alarms/model/system.js';
import { metric } from '../../../../../src/model/catalogue/index.js';
import { isId } from '../../../../../src/model/ids.js';

const subject = { id: 'd-1', park: 'p-1', domain: 'energy', limitProfile: null } as const;

/** Range and kind of what a rule watches. */
function watched(rule: AlarmRule): { readonly range: readonly [number, number]; readonly state: boolean } | undefined {
  if (rule.domain === 'system') {
    return isSystemMetric(rule.metric) ? { range: SYSTEM_METRICS[rule.metric].range, state: false } : undefined;
  }
  const known = metric(rule.domain, rule.metric);
  return known && { range: known.range, state: known.kind === 'state' };
}

/** Rules of the other signals are in default-rules.test.ts. */
const ON_VALUES = DEFAULT_RULES.filter(({ signal }) => signal.kind === 'value');

describe('default alarm rules', () => {
  it('have ids that are unique and fit a topic', () => {
    expect(new Set(DEFAULT_RULES.map((rule) => rule.id)).size).toBe(DEFAULT_RULES.length);
    for (const rule of DEFAULT_RULES) expect(isId(rule.id), rule.id).toBe(true);
  });

  it.each(ON_VALUES.map((rule) => [rule.id, rule] as const))(
    '%s watches a metric of the catalogue within its range',
    (_, rule) => {
      const known = watched(rule);
      expect(known).toBeDefined();
      for (const { setpoint } of rule.comparison.levels) {
        expect(setpoint).toBeGreaterThanOrEqual(known!.range[0]);
        expect(setpoint).toBeLessThanOrEqual(known!.range[1]);
      }
      expect(rule.comparison.side === 'equal').toBe(known!.state);
    },
  );

  it.each(ON_VALUES.map((rule) => [rule.id, rule] as const))(
    '%s can be raised and cleared by plausible values',
    (_, rule) => {
      const [min, max] = watched(rule)!.range;
      const { comparison } = rule;
      const { length } = comparison.levels;
      const extremes = [min, max, ...comparison.levels.map(({ setpoint }) => setpoint)];
      expect(Math.max(...extremes.map((value) => levelMet(comparison, value)))).toBe(length);
      expect(Math.min(...extremes.map((value) => levelHeld(comparison, length, value)))).toBe(0);
    },
  );

  it.each(DEFAULT_RULES.map((rule) => [rule.id, rule] as const))(
    '%s names its source and speaks both languages',
    (_, rule) => {
      expect(rule.source.standard).not.toBe('');
      expect(rule.source.clause).not.toBe('');
      for (const text of [rule.message, rule.advice]) {
        expect(text.zh).toMatch(/\p{Script=Han}/u);
        expect(text.en).toMatch(/[a-z]/i);
      }
    },
  );

  it.each(DEFAULT_RULES.map((rule) => [rule.id, rule] as const))(
    '%s rises in severity from level to level, and ends at its highest no lower than its class asks',
    (_, rule) => {
      const { side, levels } = rule.comparison;
      expect(levels.length).toBeGreaterThan(0);
      expect(levels.length).toBeLessThanOrEqual(MAX_LEVELS);
      expect(new Set(levels.map(({ name }) => name)).size).toBe(levels.length);
      for (const [place, { setpoint, deadband, priority }] of levels.entries()) {
        expect(deadband).toBeGreaterThanOrEqual(0);
        const below = levels[place - 1];
        if (below === undefined) continue;
        expect(side === 'high' ? setpoint > below.setpoint : setpoint < below.setpoint).toBe(true);
        expect(PRIORITIES.indexOf(priority)).toBeGreaterThanOrEqual(PRIORITIES.indexOf(below.priority));
      }
      expect(atLeast(levels.at(-1)!.priority, classPolicyOf(rule.alarmClass).leastPriority)).toBe(true);
    },
  );

  it.each([
    ['combustible-gas', 'reaches', ['25 high', '50 critical']],
    ['residual-current-high', 'reaches', ['300 medium', '500 high']],
    ['crowd-density-high', 'reaches', ['2.17 medium', '4 critical']],
    ['journal-filling', 'reaches', ['70 high', '90 critical']],
    ['cod-high', 'exceeds', ['450 low', '500 medium']],
    ['hexavalent-chromium-high-electroplating', 'exceeds', ['0.09 low', '0.1 high']],
  ])('%s is one alarm that escalates: %s %s', (id, how, expected) => {
    const { side, inclusive, levels } = DEFAULT_RULES.find((rule) => rule.id === id)!.comparison;
    expect([side, inclusive]).toEqual(['high', how === 'reaches']);
    expect(levels.map(({ setpoint, priority }) => `${setpoint} ${priority}`)).toEqual(expected);
  });

  it('listen to no metric twice with rules of one family and profile and side', () => {
    const keys = ON_VALUES.flatMap((rule) =>
      metricsOfRule(rule).map((key) => [rule.domain, key, rule.limitProfile, rule.comparison.side].join()),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('cover all four domains and the service itself', () => {
    for (const domain of ALARM_DOMAINS) expect(DEFAULT_RULES.some((rule) => rule.domain === domain)).toBe(true);
  });

  it('judge a device by its limit profile, and by the general rule where the profile has none', () => {
    const index = new RuleIndex(ON_VALUES);
    const setpoints = (key: string, limitProfile: string | null) =>
      index
        .select({ ...subject, domain: 'wastewater', limitProfile }, key)
        .map((rule) => rule.comparison.levels.at(-1)?.setpoint);
    expect(setpoints('cod_mg_l', null)).toEqual([500]);
    expect(setpoints('cod_mg_l', ELECTROPLATING)).toEqual([80]);
    expect(setpoints('cod_mg_l', 'unheard-of')).toEqual([500]);
    expect(setpoints('hexavalent_chromium_mg_l', ELECTROPLATING)).toEqual([0.1]);
    expect(setpoints('temperature_c', ELECTROPLATING)).toEqual([40]);
    expect(setpoints('total_aluminium_mg_l', null)).toEqual([]);
    expect(setpoints('flow_l_s', null)).toEqual([]);
    expect(index.select(subject, 'cod_mg_l')).toEqual([]);
  });

  it('leave a disabled rule out', () => {
    const index = new RuleIndex(DEFAULT_RULES.map((rule) => ({ ...rule, enabled: false })));
    expect(index.select({ ...subject, domain: 'fire' }, 'smoke_alarm')).toEqual([]);
  });
});
