import { describe, expect, it } from 'vitest';
import { type Alarm, type AlarmEvent, freshAlarm } from '../../../../../src/alarms/model/alarm.js';
import { above, level } from '../../../../../src/alarms/model/defaults/build.js';
import { Finder } from '../../../../../src/alarms/model/explain/findings.js';
import { Runs } from '../../../../../src/alarms/model/explain/runs.js';
import { SuppressionClock, suppressionSpans } from '../../../../../src/alarms/model/explain/suppression.js';
import { timelineOf, within } from '../../../../../src/alarms/model/explain/timeline.js';
import { differs, type ExplanationVerdict } from '../../../../../src/alarms/model/explain/verdict.js';
import { explanationInWords } from '../../../../../src/alarms/model/explain/words.js';
import type { ReplayInput } from '../../../../../src/alarms/model/judge/replay.js';
import { signalUnit } from '../../../../../src/alarms/model/metric.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { COD, cod } from '../rules/helpers.js';
import { replay } from './all-steps.js';

const S = 1_000;
const options = { facts: { expectedIntervalS: null }, zone: new TimeZone('Asia/Shanghai'), open: () => null };
const time = (instant: number) => `t${instant / S}`;
const input = (atS: number, value: number, lateS = 0, good = true): ReplayInput => ({
  device: 'outlet-1',
  receivedAt: (atS + lateS) * S,
  reading: { metric: 'cod_mg_l', ts: atS * S, value, flag: good ? 'N' : 'D', quality: good ? 'good' : 'flagged' },
});

function findings(rule: AlarmRule, inputs: readonly ReplayInput[]) {
  const finder = new Finder();
  let place = 0;
  for (const step of replay(rule, inputs, options)) finder.append(step, rule, inputs[place++]!);
  return finder.found();
}
const said = (
  verdict: ExplanationVerdict,
  inputs: readonly ReplayInput[],
  spans: Parameters<typeof explanationInWords>[0]['spans'] = [],
) => explanationInWords({ verdict, rule: COD, findings: findings(COD, inputs), spans, time });

describe('the words of an explanation', () => {
  it('name value, setpoint and delay of a raise, in both languages', () => {
    const { zh, en } = said('raised', [input(0, 85), input(60, 87.5), input(70, 120), input(80, 50), input(110, 50)]);
    expect(en).toBe(
      '87.5 mg/L was above the setpoint 80 mg/L (level "warning") since t0; after 60 s, at t60, the alarm was raised ' +
        '(version 2 of the rule). With 120 mg/L it rose to the level "alarm" at t70. It ended at t110.',
    );
    expect(zh).toBe(
      '测得87.5 mg/L，超过设定值80 mg/L（“warning”），自t0起持续60秒，t60报警（规则第2版）。t70达到120 mg/L，升级为“alarm”。t110恢复正常。',
    );
  });

  it('say who suppressed it and why', () => {
    const span = { kind: 'shelved', from: 0, to: null, by: 'tok', why: 'pump exchanged', cause: null } as const;
    const { en, zh } = said('suppressed', [input(0, 120)], [span]);
    expect(en).toContain('But it was shelved from t0 (pump exchanged), so it did not ask for attention.');
    expect(zh).toContain('自t0起已被搁置（pump exchanged），因此未提示操作员。');
  });

  it('say why there was none: a gap', () => {
    const slow = cod({ comparison: above({ ...level('warning', 'low', 80, 4), onDelayS: 150 }) });
    const found = findings(slow, [input(0, 85), input(200, 85)]);
    const { en } = explanationInWords({ verdict: 'not_raised', rule: slow, findings: found, spans: [], time });
    expect(en).toContain('1 time(s) the delay began anew after a gap in the data.');
  });

  it.each<[string, readonly ReplayInput[], string]>([
    [
      'the value stayed below',
      [input(0, 40), input(10, 79)],
      'The highest of 2 reading(s) was 79 mg/L; the setpoint is 80 mg/L.',
    ],
    ['the delay was not over', [input(0, 85), input(40, 85), input(50, 70)], 'for 40 s at most; the on-delay is 0 s'],
    ['late readings', [input(0, 120, 200)], '1 reading(s) beyond it came more than 2 minutes late and raise nothing.'],
    ['bad readings', [input(0, 120, 0, false)], '1 reading(s) beyond it were not of good quality'],
    ['a late straggler', [input(100, 50), input(50, 120, 55)], '1 reading(s) beyond it arrived after newer ones'],
  ])('say why there was none: %s', (_, inputs, words) => {
    const { en, zh } = said('not_raised', inputs);
    expect(en).toContain('There was no alarm in this period.');
    expect(en).toContain(words);
    expect(zh).toMatch(/^该时段没有报警。.+/);
  });

  it('say when there was nothing to judge, or nothing to judge by', () => {
    expect(said('not_evaluated', []).en).toContain('There are no stored readings');
    expect(
      explanationInWords({ verdict: 'not_evaluated', rule: null, findings: findings(COD, []), spans: [], time }).en,
    ).toBe('No rule was in force in this period.');
  });

  it('have the unit of the signal', () => {
    const unit = (signal: AlarmRule['signal']) => signalUnit(cod({ signal }));
    expect(unit({ kind: 'value' })).toBe('mg/L');
    expect(unit({ kind: 'rate', windowS: 60, per: 'minute', direction: 'rise' })).toBe('mg/L/min');
    expect(unit({ kind: 'deviation', weeks: 2, as: 'percent' })).toBe('%');
    expect(unit({ kind: 'unchanged' })).toBe('s');
  });
});

describe('runs', () => {
  const runsOf = (inputs: readonly ReplayInput[], runs = new Runs(), shelvedFrom = Number.POSITIVE_INFINITY) => {
    for (const step of replay(COD, inputs, options)) {
      runs.append(step, COD, step.receivedAt >= shelvedFrom ? 'shelved' : null);
    }
    return runs.end();
  };

  it('merge readings in a row that came to the same', () => {
    const found = runsOf([input(0, 10), input(10, 30), input(20, 20), input(30, 85), input(40, 90), input(50, 84)]);
    expect(found).toMatchObject([
      {
        reason: 'normal',
        from: 0,
        to: 20 * S,
        count: 3,
        first: 10,
        last: 20,
        min: 10,
        max: 30,
        setpoint: 80,
        stands: false,
      },
      {
        reason: 'delay_running',
        from: 30 * S,
        to: 50 * S,
        count: 3,
        first: 85,
        last: 84,
        min: 84,
        max: 90,
        level: 'warning',
      },
    ]);
  });

  it('part where a suppression begins', () => {
    const found = runsOf([input(0, 120), input(10, 121), input(20, 122)], new Runs(), 20 * S);
    expect(found.map(({ reason, suppression, count }) => [reason, suppression, count])).toEqual([
      ['raised', null, 1],
      ['stands', null, 1],
      ['stands', 'shelved', 1],
    ]);
  });

  it('are bounded, and those left out are counted', () => {
    const runs = new Runs(3);
    const inputs = Array.from({ length: 8 }, (_, n) => input(n * 10, n % 2 === 0 ? 10 : 85));
    expect(runsOf(inputs, runs)).toHaveLength(3);
    expect(runs.left).toBe(5);
  });
});

const base = freshAlarm(COD, { device: 'outlet-1', park: 'park-a', place: null, enterprise: null });
const event = (name: AlarmEvent['event'], atS: number, more: Partial<Alarm> = {}): AlarmEvent => ({
  seq: 1,
  event: name,
  cause: 'reading',
  at: atS * S,
  receivedAt: atS * S,
  by: null,
  comment: null,
  alarm: { ...base, ...more },
});

describe('suppression spans', () => {
  const shelved = { by: 'tok', why: 'work', at: 5 * S, until: 99 * S, oneShot: false };

  it('come from the events, and from what held before', () => {
    const events = [
      event('shelved', 5, { shelved }),
      event('suppressed', 6, { shelved, cause: 'x:y' }),
      event('unshelved', 9, { cause: 'x:y' }),
    ];
    const before = { ...base, outOfService: { by: 'admin', why: 'replaced', at: 1 * S } };
    expect(suppressionSpans(before, events)).toEqual([
      { kind: 'shelved', from: 5 * S, to: 9 * S, by: 'tok', why: 'work', cause: null },
      { kind: 'out_of_service', from: 1 * S, to: null, by: 'admin', why: 'replaced', cause: null },
      { kind: 'suppressed_by_design', from: 6 * S, to: null, by: null, why: null, cause: 'x:y' },
    ]);
  });

  it('that ended without a known begin held from before', () => {
    expect(suppressionSpans(null, [event('unshelved', 9)])).toMatchObject([{ kind: 'shelved', from: null, to: 9 * S }]);
  });

  it('are looked up by time, the most lasting first', () => {
    const spans = suppressionSpans(null, [
      event('shelved', 5, { shelved }),
      event('out_of_service', 7, { shelved, outOfService: { by: 'a', why: 'w', at: 7 * S } }),
      event('returned_to_service', 8, { shelved }),
      event('unshelved', 9),
    ]);
    const clock = new SuppressionClock(spans);
    expect([4, 5, 6, 7, 8, 9].map((at) => clock.at(at * S))).toEqual([
      ...[null, 'shelved', 'shelved', 'out_of_service', 'shelved', null],
    ]);
  });
});

describe('the check against the record', () => {
  const period = { from: 0, to: 1_000 * S };
  const { transitions } = findings(COD, [input(0, 120), input(100, 50), input(130, 50)]);

  it('finds that both say the same', () => {
    expect(differs(transitions, [event('raised', 0), event('cleared', 130)], period)).toBe(false);
    expect(differs(transitions, [event('condition_began', 0), event('condition_ended', 130)], period)).toBe(false);
  });

  it('finds what only one of them has', () => {
    expect(differs(transitions, [event('raised', 0)], period)).toBe(true);
    expect(differs([], [event('raised', 0)], period)).toBe(true);
    expect(differs(transitions, [event('raised', 1), event('cleared', 130)], period)).toBe(true);
  });

  it('leaves out what people and time did', () => {
    const byHand = [event('shelved', 5), { ...event('raised', 9), cause: 'operator' as const }];
    expect(differs(transitions, [event('raised', 0), ...byHand, event('cleared', 130)], period)).toBe(false);
  });
});

describe('the timeline of a rule', () => {
  const version = (n: number, at: number | null, more: Partial<AlarmRule> = {}, deleted = false) => ({
    rule: cod({ version: n, ...more }),
    ...{ origin: 'edited' as const, deleted, by: null, at, comment: null },
  });
  const versions = [version(4, 40, {}, true), version(3, 30, { enabled: false }), version(2, 20), version(1, null)];

  it('has what was in force when', () => {
    const timeline = timelineOf(versions, null);
    expect(timeline.map(({ version: n, from, rule }) => [n, from, rule === null])).toEqual([
      [1, null, false],
      [2, 20, false],
      [3, 30, true],
      [4, 40, true],
    ]);
    expect(within(timeline, 10, 20).map((one) => one.version)).toEqual([1]);
    expect(within(timeline, 10, 31).map((one) => one.version)).toEqual([1, 2, 3]);
    expect(within(timeline, 50, 60).map((one) => one.version)).toEqual([4]);
  });

  it('begins with the version that is known to have raised', () => {
    expect(timelineOf(versions, 2).map(({ version: n, from }) => [n, from])).toEqual([
      [2, null],
      [3, 30],
      [4, 40],
    ]);
  });
});
