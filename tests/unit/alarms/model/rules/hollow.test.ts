import { describe, expect, it } from 'vitest';
import { alarm, below, fallsTo, is, level, reaches } from '../../../../../src/alarms/model/defaults/build.js';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { SignalSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { problemsOf, shippedRule } from './helpers.js';

const DAY_S = 86_400;
const MINUTE_A_WEEK = { mode: 'inside', spans: [{ days: [1], from: '03:00', to: '03:01' }] } as const;
const VALUE: SignalSpec = { kind: 'value' };
const confirmed = shippedRule('fire-confirmed').signal as Extract<SignalSpec, { kind: 'vote' }>;
const pump = shippedRule('pump-without-pressure').signal as Extract<SignalSpec, { kind: 'vote' }>;

const edits: readonly (readonly [rule: string, what: string, edit: Partial<AlarmRule>, field: string])[] = [
  ['smoke-alarm', 'a delay of a day', { onDelayS: DAY_S }, 'onDelayS'],
  ['smoke-alarm', 'a delay of a minute', { onDelayS: 60 }, 'onDelayS'],
  ['heat-alarm', 'a minute a week', { schedule: MINUTE_A_WEEK }, 'schedule'],
  ['manual-call-point', 'the setpoint 0', { comparison: is(0, 'critical') }, 'comparison.levels.0.setpoint'],
  ['smoke-alarm', 'another side', { comparison: reaches(alarm('critical', 1)) }, 'comparison.side'],
  ['smoke-alarm', 'one park', { parks: ['park-a'] }, 'parks'],
  ['smoke-alarm', 'one device', { devices: ['smoke-1'] }, 'devices'],
  ['smoke-alarm', 'a limit profile', { limitProfile: 'works' }, 'limitProfile'],
  ['smoke-alarm', 'good readings alone', { evidence: 'good' }, 'evidence'],
  ['smoke-alarm', 'another signal', { signal: { kind: 'silence' } }, 'signal.kind'],
  [
    'combustible-gas',
    'a second level that waits an hour',
    { comparison: reaches(level('1', 'high', 25, 5), { ...level('2', 'critical', 50, 5), onDelayS: 3_600 }) },
    'comparison.levels.1.onDelayS',
  ],
  [
    'combustible-gas',
    'its last level alone',
    { comparison: reaches(alarm('critical', 50, 5)) },
    'comparison.levels.0.setpoint',
  ],
  [
    'combustible-gas',
    'what always holds',
    { comparison: reaches(alarm('critical', 0)) },
    'comparison.levels.0.setpoint',
  ],
  ['combustible-gas', 'the other direction', { comparison: fallsTo(alarm('critical', 25)) }, 'comparison.side'],
  ['fire-confirmed', 'three votes', { comparison: reaches(alarm('critical', 3)) }, 'comparison.levels.0.setpoint'],
  [
    'fire-confirmed',
    'more than two votes',
    { comparison: { ...reaches(alarm('critical', 2)), inclusive: false } },
    'comparison.inclusive',
  ],
  ['fire-confirmed', 'votes that are forgotten after a second', { maxGapS: 1 }, 'maxGapS'],
  [
    'fire-confirmed',
    'fewer members',
    { signal: { ...confirmed, members: confirmed.members.slice(0, 1) }, comparison: reaches(alarm('critical', 1)) },
    'signal.members.1',
  ],
  [
    'hydrant-pressure-low',
    'the setpoint next to 0',
    { comparison: below(alarm('high', 0.001)) },
    'comparison.levels.0.setpoint',
  ],
  ['hydrant-pressure-low', 'a low priority', { comparison: below(alarm('low', 0.1)) }, 'comparison.levels.0.priority'],
  ['hydrant-pressure-low', 'a class that can be shelved for a week', { alarmClass: 'maintenance' }, 'alarmClass'],
  ['hydrant-pressure-low', 'a delay of a day', { onDelayS: DAY_S }, 'onDelayS'],
  [
    'hydrant-pressure-low',
    'an open door as its cause',
    { suppressedBy: [{ rule: 'fire-door-open', scope: 'park' }] },
    'suppressedBy.0',
  ],
  [
    'fire-device-silent',
    'a week of silence',
    { comparison: reaches(alarm('high', 7 * DAY_S)) },
    'comparison.levels.0.setpoint',
  ],
  [
    'pump-without-pressure',
    'a pressure nothing falls below',
    { signal: { ...pump, members: [pump.members[0]!, { ...pump.members[1]!, setpoint: 0.001 }] } },
    'signal.members.1',
  ],
  ['smoke-alarm', 'an end a day later, which hides the next fire', { offDelayS: DAY_S }, 'offDelayS'],
  ['hydrant-pressure-low', 'an end a day later', { offDelayS: DAY_S }, 'offDelayS'],
  [
    'combustible-gas',
    'a deadband that hardly any value comes back by',
    { comparison: reaches(level('1', 'high', 25, 24.9), level('2', 'critical', 50, 5)) },
    'comparison.levels.0.deadband',
  ],
  ['controller-fault', 'a minute a week', { schedule: MINUTE_A_WEEK }, 'schedule'],
  ['crowd-density-high', 'a delay of a day', { onDelayS: DAY_S }, 'onDelayS'],
  [
    'crowd-density-high',
    'a density nobody survives',
    { comparison: reaches(alarm('critical', 20)) },
    'comparison.levels.0.setpoint',
  ],
];

describe('a rule that lives depend on', () => {
  it.each(edits)('%s is not hollowed out by %s', (id, _, edit, field) => {
    const found = problemsOf({ ...shippedRule(id), ...edit });
    expect(found.map((one) => one.field)).toContain(field);
    for (const { expected } of found) expect(expected).toMatch(/\S/);
  });

  it.each(edits.filter(([, , edit]) => !('parks' in edit || 'devices' in edit || 'limitProfile' in edit)))(
    '%s is not got around by a rule of its family with %s',
    (id, _, edit, field) => {
      const rival = { ...shippedRule(id), id: 'rival', limitProfile: 'works', ...edit };
      expect(problemsOf(rival).map((one) => one.field)).toContain(field);
    },
  );

  it.each([
    ['smoke-alarm', { onDelayS: 10 }],
    ['smoke-alarm', { message: { zh: '烟感', en: 'Smoke' }, offDelayS: 600 }],
    ['smoke-alarm', { enabled: false }],
    ['combustible-gas', { comparison: reaches(level('1', 'high', 10, 2), level('2', 'critical', 25, 5)) }],
    ['combustible-gas', { comparison: reaches(alarm('critical', 20, 5)) }],
    ['fire-confirmed', { signal: { ...confirmed, distinct: true } }],
    ['fire-confirmed', { maxGapS: 600 }],
    ['hydrant-pressure-low', { comparison: below(alarm('high', 0.07, 0.02)), onDelayS: 120 }],
    ['hydrant-pressure-low', { comparison: below(alarm('critical', 0.3, 0.02)) }],
    ['fire-door-open', { onDelayS: 600 }],
    ['hydrant-pressure-stuck', { signal: { kind: 'unchanged', tolerance: 0.01 } }],
    ['crowd-density-high', { comparison: reaches(alarm('critical', 3, 0.4)) }],
  ] as const)('%s may be fitted to its site: %j', (id, edit: Partial<AlarmRule>) => {
    expect(problemsOf({ ...shippedRule(id), ...edit })).toEqual([]);
  });

  it('keeps the window in which its signal can be evidence', () => {
    for (const rule of DEFAULT_RULES.filter(({ alarmClass }) => alarmClass.startsWith('fire_'))) {
      const { signal } = rule;
      if (signal.kind === 'rate') {
        const slow = { ...rule, signal: { ...signal, windowS: DAY_S } };
        expect([rule.id, problemsOf(slow).map(({ field }) => field)]).toEqual([rule.id, ['signal.windowS']]);
        if (signal.direction === 'either') continue;
        const near = { ...rule, signal: { ...signal, towards: { value: 0, withinS: 60 } } };
        expect([rule.id, problemsOf(near).map(({ field }) => field)]).toEqual([rule.id, ['signal.towards']]);
      }
      if (signal.kind === 'bad_share') {
        const many = { ...rule, signal: { ...signal, windowS: 60, minReadings: 10_000 } };
        const fields = problemsOf(many).map(({ field }) => field);
        expect([rule.id, fields]).toEqual([rule.id, ['signal.windowS', 'signal.minReadings']]);
      }
    }
  });

  it('keeps every rule as it is shipped', () => {
    for (const rule of DEFAULT_RULES) expect([rule.id, problemsOf(rule)]).toEqual([rule.id, []]);
  });

  it('is of every fire rule: a day of delay, either way, and a minute a week are refused', () => {
    for (const rule of DEFAULT_RULES.filter(({ alarmClass }) => /^fire_|^safety$/.test(alarmClass))) {
      const fields = problemsOf({ ...rule, schedule: MINUTE_A_WEEK, onDelayS: DAY_S, offDelayS: DAY_S });
      const expected = ['onDelayS', 'offDelayS', ...(rule.schedule === null ? ['schedule'] : [])];
      expect([rule.id, fields.map(({ field }) => field)]).toEqual([rule.id, expect.arrayContaining(expected)]);
    }
  });

  it('is measured by the rule as shipped, not by an edit of it', () => {
    const general = { ...shippedRule('hydrant-pressure-low'), comparison: below(alarm('high', 0.06)) };
    const rules = new Map([[general.id, general]]);
    const rival = { ...general, id: 'rival', limitProfile: 'works', comparison: below(alarm('high', 0.035)) };
    const shippedGeneral = shippedRule('hydrant-pressure-low');
    expect(problemsOf(general)).toEqual([]);
    expect(problemsOf(rival, { rules, shippedGeneral }).map(({ field }) => field)).toEqual([
      'comparison.levels.0.setpoint',
    ]);
  });

  it('leaves the rules of other classes to their site', () => {
    const free = DEFAULT_RULES.filter((rule) => ['environment', 'operation', 'maintenance'].includes(rule.alarmClass));
    for (const rule of free) {
      const found = problemsOf({ ...rule, schedule: MINUTE_A_WEEK, onDelayS: DAY_S });
      expect([rule.id, found]).toEqual([rule.id, []]);
    }
    expect(problemsOf({ ...shippedRule('cod-high'), signal: VALUE, parks: ['park-a'] })).toEqual([]);
  });
});
