import { above, alarm, level, rule, text } from '../../../../../src/alarms/model/defaults/build.js';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import { type RuleSurroundings, ruleProblems } from '../../../../../src/alarms/model/rule/problems.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { site } from '../../../../../src/model/limits/limit.js';

/** COD above 80 mg/L for 60 s, from 100 mg/L at once; ends at 76 after 30 s; a delay bridges 100 s. */
export const COD: AlarmRule = rule('wastewater', {
  id: 'own-cod',
  metric: 'cod_mg_l',
  comparison: above({ ...level('warning', 'low', 80, 4), onDelayS: 60 }, level('alarm', 'medium', 100, 10)),
  offDelayS: 30,
  maxGapS: 100,
  message: text('化学需氧量超标', 'COD above its limit'),
  advice: text('停止排放', 'Stop the discharge'),
  source: site('site', 'own limit'),
});

/** As COD, with other members. */
export const cod = (more: Partial<AlarmRule>): AlarmRule => ({ ...COD, ...more });
export const oneLevel = above(alarm('medium', 80, 4));

export const shippedRule = (id: string): AlarmRule => DEFAULT_RULES.find((one) => one.id === id)!;

/** The problems of a rule among the default ones, in one park with two devices. */
export function problemsOf(given: AlarmRule, more: Partial<RuleSurroundings> & { others?: readonly AlarmRule[] } = {}) {
  const { others = [], ...around } = more;
  const rules = [...DEFAULT_RULES, ...others].filter((one) => one.id !== given.id);
  return ruleProblems(given, {
    rules: new Map(rules.map((one) => [one.id, one])),
    shipped: DEFAULT_RULES.find((one) => one.id === given.id),
    hasPark: (id) => id === 'park-a' || id === 'park-b',
    devices: (id) => {
      if (id === 'outlet-1') return [{ park: 'park-a', domain: 'wastewater' }];
      return id === 'smoke-1' ? [{ park: 'park-a', domain: 'fire' }] : [];
    },
    ...around,
  });
}
