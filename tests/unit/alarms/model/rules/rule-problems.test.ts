import { describe, expect, it } from 'vitest';
import { above, alarm, below, is, level, reaches } from '../../../../../src/alarms/model/defaults/build.js';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { SignalSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { cod, oneLevel, problemsOf, shippedRule } from './helpers.js';

const fields = (rule: AlarmRule, others: readonly AlarmRule[] = []) =>
  problemsOf(rule, { others }).map(({ field }) => field);
const smoke = (more: Partial<AlarmRule>): AlarmRule => ({ ...shippedRule('smoke-alarm'), ...more });
const members = (...setpoints: readonly number[]) =>
  setpoints.map((setpoint) => ({ metric: 'cod_mg_l', side: 'high', setpoint, inclusive: false }) as const);
const vote = (...setpoints: readonly number[]): SignalSpec => ({
  kind: 'vote',
  scope: 'device',
  members: members(...setpoints),
});
const at = (side: 'high' | 'low', ...levels: readonly (readonly [number, number, ('low' | 'medium' | 'high')?])[]) =>
  (side === 'high' ? above : below)(
    ...levels.map(([setpoint, deadband, priority = 'low'], n) => level(`level ${n}`, priority, setpoint, deadband)),
  );

describe('ruleProblems', () => {
  it('finds nothing in the rules that the service ships', () => {
    for (const rule of DEFAULT_RULES) expect([rule.id, fields(rule)]).toEqual([rule.id, []]);
  });

  it('finds nothing in a rule on the silence of a device, or of one of its series', () => {
    const signal: SignalSpec = { kind: 'silence' };
    const comparison = at('high', [0, 0], [3_600, 0, 'medium']);
    for (const metric of ['silence_s', 'cod_mg_l']) expect(problemsOf(cod({ metric, signal, comparison }))).toEqual([]);
  });

  it('finds nothing in a well-made rule', () => {
    expect(problemsOf(cod({}))).toEqual([]);
    expect(problemsOf(cod({ parks: ['park-a'], devices: ['outlet-1'], limitProfile: 'electroplating' }))).toEqual([]);
  });

  it.each<[string, Partial<AlarmRule>, string]>([
    ['an id in capitals', { id: 'COD' }, 'id'],
    ['an id with a colon', { id: 'cod:x' }, 'id'],
    ['a family in capitals', { family: 'Cod' }, 'family'],
    ['an empty limit profile', { limitProfile: '' }, 'limitProfile'],
    ['a metric of another domain', { metric: 'smoke_alarm' }, 'metric'],
    ['what is noticed of gateways, for a device', { metric: 'gateway_offline_s' }, 'metric'],
    ['the silence of a device as a reading', { metric: 'silence_s' }, 'signal.kind'],
    ['a setpoint below the catalogue', { comparison: at('high', [-1, 0]) }, 'comparison.levels.0.setpoint'],
    ['a setpoint above the catalogue', { comparison: at('high', [1e9, 0]) }, 'comparison.levels.0.setpoint'],
    ['a setpoint that is no number', { comparison: at('high', [Number.NaN, 0]) }, 'comparison.levels.0.setpoint'],
    ['a setpoint nothing can be below', { comparison: at('low', [0, 0]) }, 'comparison.levels.0.setpoint'],
    ['a negative deadband', { comparison: at('high', [80, -1]) }, 'comparison.levels.0.deadband'],
    ['a deadband nothing comes back by', { comparison: at('high', [80, 81]) }, 'comparison.levels.0.deadband'],
    ['no level', { comparison: above() }, 'comparison.levels'],
    ['five levels', { comparison: above(...[1, 2, 3, 4, 5].map((n) => alarm('low', n))) }, 'comparison.levels'],
    [
      'levels falling on the high side',
      { comparison: at('high', [80, 0], [70, 0, 'high']) },
      'comparison.levels.1.setpoint',
    ],
    [
      'levels rising on the low side',
      { comparison: at('low', [80, 0], [90, 0, 'high']) },
      'comparison.levels.1.setpoint',
    ],
    ['equal setpoints', { comparison: at('high', [80, 0], [80, 0, 'high']) }, 'comparison.levels.1.setpoint'],
    [
      'a less important second level',
      { comparison: at('high', [80, 0, 'high'], [90, 0, 'low']) },
      'comparison.levels.1.priority',
    ],
    ['as important a second level', { comparison: at('high', [80, 0], [90, 0]) }, 'comparison.levels.1.priority'],
    [
      'a deadband across the level below',
      { comparison: at('high', [80, 0], [90, 10.1, 'high']) },
      'comparison.levels.1.deadband',
    ],
    ['two levels of one name', { comparison: above(alarm('low', 80), alarm('high', 90)) }, 'comparison.levels.1.name'],
    ['a gauge that is equal', { comparison: is(80, 'low') }, 'comparison.side'],
    ['an on-delay beyond a day', { onDelayS: 86_401 }, 'onDelayS'],
    ['a negative off-delay', { offDelayS: -1 }, 'offDelayS'],
    ['a delay that is no number', { offDelayS: Number.NaN }, 'offDelayS'],
    [
      'a level on-delay beyond a day',
      { comparison: above({ ...alarm('low', 80), onDelayS: 1e6 }) },
      'comparison.levels.0.onDelayS',
    ],
    ['a gap of nothing', { maxGapS: 0 }, 'maxGapS'],
    ['a gap beyond a week', { maxGapS: 604_801 }, 'maxGapS'],
    ['a class of another domain', { alarmClass: 'fire_alarm' }, 'alarmClass'],
    ['the class of the service', { alarmClass: 'system' }, 'alarmClass'],
    ['an unknown cause', { suppressedBy: [{ rule: 'nothing', scope: 'device' }] }, 'suppressedBy.0.rule'],
    ['itself as a cause', { suppressedBy: [{ rule: 'own-cod', scope: 'device' }] }, 'suppressedBy.0.rule'],
    [
      'a cause twice',
      { suppressedBy: [0, 1].map(() => ({ rule: 'ph-high', scope: 'device' as const })) },
      'suppressedBy.1',
    ],
    ['an unknown park', { parks: ['park-a', 'park-x'] }, 'parks.1'],
    ['a park twice', { parks: ['park-a', 'park-a'] }, 'parks.1'],
    ['an unknown device', { devices: ['outlet-9'] }, 'devices.0'],
    ['a device of another domain', { devices: ['smoke-1'] }, 'devices.0'],
    ['a device of another park', { parks: ['park-b'], devices: ['outlet-1'] }, 'devices.0'],
    ['a device twice', { devices: ['outlet-1', 'outlet-1'] }, 'devices.1'],
    ['too many devices', { devices: Array.from({ length: 1_001 }, () => 'outlet-1') }, 'devices'],
    ['an empty message', { message: { zh: ' ', en: 'x' } }, 'message.zh'],
    ['a message of two lines', { message: { zh: 'x', en: 'a\nb' } }, 'message.en'],
    ['a long advice', { advice: { zh: 'x'.repeat(201), en: 'x' } }, 'advice.zh'],
    ['a level without a name', { comparison: above({ ...alarm('low', 80), name: '' }) }, 'comparison.levels.0.name'],
    [
      'a rate of a counter',
      { metric: 'discharge_volume_m3', signal: { kind: 'rate', windowS: 60, per: 'hour', direction: 'rise' } },
      'signal.kind',
    ],
    ['a still gauge', { signal: { kind: 'counter_still' } }, 'signal.kind'],
    ['a window too short', { signal: { kind: 'rate', windowS: 9, per: 'hour', direction: 'rise' } }, 'signal.windowS'],
    ['half a week', { signal: { kind: 'deviation', weeks: 0.5, as: 'percent' } }, 'signal.weeks'],
    [
      'more than all readings bad',
      { signal: { kind: 'bad_share', windowS: 60, minReadings: 5 }, comparison: at('high', [101, 0]) },
      'comparison.levels.0.setpoint',
    ],
    ['few seconds of silence', { signal: { kind: 'unchanged' }, comparison: at('low', [60, 0]) }, 'comparison.side'],
    ['evidence chosen where none can be', { signal: { kind: 'unchanged' }, evidence: 'unless_serviced' }, 'evidence'],
    ['a vote without members', { signal: vote() }, 'signal.members'],
    ['a vote with a member twice', { signal: vote(80, 80), comparison: reaches(alarm('low', 2)) }, 'signal.members.1'],
    [
      'a vote on an impossible value',
      { signal: vote(-5), comparison: reaches(alarm('low', 1)) },
      'signal.members.0.setpoint',
    ],
    ['a vote of another metric', { metric: 'ph', signal: vote(80), comparison: reaches(alarm('low', 1)) }, 'metric'],
    [
      'more votes than members',
      { signal: vote(80, 90), comparison: reaches(alarm('low', 3)) },
      'comparison.levels.0.setpoint',
    ],
    [
      'one vote and a half',
      { signal: vote(80, 90), comparison: reaches(alarm('low', 1.5)) },
      'comparison.levels.0.setpoint',
    ],
    [
      'a span without days',
      { schedule: { mode: 'inside', spans: [{ days: [], from: '08:00', to: '17:00' }] } },
      'schedule.spans.0.days',
    ],
    [
      'a day eight',
      { schedule: { mode: 'inside', spans: [{ days: [8], from: '08:00', to: '17:00' }] } },
      'schedule.spans.0.days',
    ],
    [
      '25 o’clock',
      { schedule: { mode: 'inside', spans: [{ days: [1], from: '25:00', to: '17:00' }] } },
      'schedule.spans.0.from',
    ],
  ])('refuses %s', (_, more, field) => {
    expect(fields(cod(more))).toContain(field);
  });

  it('takes levels that just touch: a deadband down to the level below', () => {
    expect(fields(cod({ comparison: at('high', [0.9, 0.05], [1, 0.1, 'high']) }))).toEqual([]);
    expect(fields(cod({ comparison: at('low', [90, 0], [80, 10, 'high']) }))).toEqual([]);
  });

  it('takes a vote of two of three', () => {
    const rule = cod({ signal: vote(80, 90, 100), comparison: reaches(alarm('low', 2)), evidence: 'unless_serviced' });
    expect(problemsOf(rule)).toEqual([]);
  });

  it('keeps fire alarms critical, in their class, and silenced by nothing', () => {
    expect(fields(smoke({ comparison: is(1, 'high') }))).toEqual(['comparison.levels.0.priority']);
    expect(fields(smoke({ alarmClass: 'fire_facility' }))).toEqual(['alarmClass']);
    expect(fields(smoke({ suppressedBy: [{ rule: 'controller-fault', scope: 'park' }] }))).toEqual(['suppressedBy']);
    expect(fields(smoke({ onDelayS: 5 }))).toEqual([]);
    const gas = shippedRule('combustible-gas');
    expect(
      fields({ ...gas, comparison: reaches(level('level 1', 'medium', 20, 5), level('level 2', 'high', 40, 5)) }),
    ).toEqual(['comparison.levels.1.priority']);
  });

  it('lets no rule of the family of a fire alarm get around its class', () => {
    const rival = smoke({ id: 'my-smoke', limitProfile: 'works', alarmClass: 'operation', comparison: is(1, 'low') });
    expect(fields(rival)).toContain('alarmClass');
    expect(fields({ ...rival, alarmClass: 'fire_alarm' })).toEqual(['comparison.levels.0.priority']);
  });

  it('lets a rule that the service ships go on being about the same', () => {
    const ph = shippedRule('ph-high');
    expect(fields({ ...ph, metric: 'temperature_c', comparison: oneLevel })).toContain('metric');
    expect(fields({ ...ph, family: 'other' })).toEqual(['family']);
    expect(fields({ ...ph, alarmClass: 'maintenance', enabled: false })).toEqual([]);
  });

  it('finds rules that silence each other, however far around', () => {
    const cause = (id: string, ...rules: readonly string[]) =>
      cod({ id, suppressedBy: rules.map((rule) => ({ rule, scope: 'device' })) });
    const [b, c] = [cause('b', 'c'), cause('c', 'a')];
    const found = problemsOf(cause('a', 'b'), { others: [b, c] });
    expect(found).toMatchObject([{ field: 'suppressedBy.0.rule', expected: expect.stringContaining('b ← c ← a') }]);
    expect(problemsOf(cause('a', 'b'), { others: [b, cause('c')] })).toEqual([]);
    expect(fields(cause('a', 'b', 'c'), [cause('b', 'd'), cause('c', 'd'), cause('d')])).toEqual([]);
  });

  it('knows the measurements of the service itself', () => {
    const journal = shippedRule('journal-filling');
    expect(fields({ ...journal, metric: 'cod_mg_l' })).toContain('metric');
    expect(fields({ ...journal, devices: ['outlet-1'] })).toEqual(['devices']);
    expect(fields({ ...journal, alarmClass: 'operation' })).toEqual(['alarmClass']);
    expect(fields({ ...journal, comparison: reaches(alarm('high', 201)) })).toContain('comparison.levels.0.setpoint');
  });
});
