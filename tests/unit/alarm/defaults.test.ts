import { describe, expect, it } from 'vitest';
import { isCleared, isMet } from '../../../src/domain/alarm/condition.js';
import { DEFAULT_RULES, ELECTROPLATING } from '../../../src/domain/alarm/defaults/index.js';
import { ALARM_DOMAINS, type AlarmRule } from '../../../src/domain/alarm/rule.js';
import { RuleIndex } from '../../../src/domain/alarm/select.js';
import { isSystemMetric, SYSTEM_METRICS } from '../../../src/domain/alarm/system.js';
import { metric } from '../../../src/domain/catalogue/index.js';
import { isId } from '../../../src/domain/ids.js';

/** Range and kind of what a rule watches. */
function watched(rule: AlarmRule): { readonly range: readonly [number, number]; readonly state: boolean } | undefined {
  if (rule.domain === 'system') {
    return isSystemMetric(rule.metric) ? { range: SYSTEM_METRICS[rule.metric].range, state: false } : undefined;
  }
  const known = metric(rule.domain, rule.metric);
  return known && { range: known.range, state: known.kind === 'state' };
}

describe('default alarm rules', () => {
  it('have ids that are unique and fit a topic', () => {
    expect(new Set(DEFAULT_RULES.map((rule) => rule.id)).size).toBe(DEFAULT_RULES.length);
    for (const rule of DEFAULT_RULES) expect(isId(rule.id), rule.id).toBe(true);
  });

  it.each(DEFAULT_RULES.map((rule) => [rule.id, rule] as const))(
    '%s watches a metric of the catalogue within its range',
    (_, rule) => {
      const known = watched(rule);
      expect(known).toBeDefined();
      const { setpoint } = rule.condition;
      expect(setpoint).toBeGreaterThanOrEqual(known!.range[0]);
      expect(setpoint).toBeLessThanOrEqual(known!.range[1]);
      expect(rule.condition.kind === 'state').toBe(known!.state);
    },
  );

  it.each(DEFAULT_RULES.map((rule) => [rule.id, rule] as const))(
    '%s can be raised and cleared by plausible values',
    (_, rule) => {
      const [min, max] = watched(rule)!.range;
      expect(isMet(rule.condition, min) || isMet(rule.condition, max)).toBe(true);
      expect(isCleared(rule.condition, min) || isCleared(rule.condition, max)).toBe(true);
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

  it('cover all four domains and the service itself', () => {
    for (const domain of ALARM_DOMAINS) expect(DEFAULT_RULES.some((rule) => rule.domain === domain)).toBe(true);
  });

  it('judge a device by its limit profile, and by the general rule where the profile has none', () => {
    const index = new RuleIndex(DEFAULT_RULES);
    const setpoints = (key: string, profile: string | null) =>
      index.select('wastewater', key, profile).map((rule) => rule.condition.setpoint);
    expect(setpoints('cod_mg_l', null)).toEqual([500]);
    expect(setpoints('cod_mg_l', ELECTROPLATING)).toEqual([80]);
    expect(setpoints('cod_mg_l', 'unheard-of')).toEqual([500]);
    expect(setpoints('hexavalent_chromium_mg_l', ELECTROPLATING)).toEqual([0.1]);
    expect(setpoints('temperature_c', ELECTROPLATING)).toEqual([40]);
    expect(setpoints('total_aluminium_mg_l', null)).toEqual([]);
    expect(setpoints('flow_l_s', null)).toEqual([]);
    expect(index.select('energy', 'cod_mg_l', null)).toEqual([]);
  });

  it('leave a disabled rule out', () => {
    const index = new RuleIndex(DEFAULT_RULES.map((rule) => ({ ...rule, enabled: false })));
    expect(index.select('fire', 'smoke_alarm', null)).toEqual([]);
  });
});
