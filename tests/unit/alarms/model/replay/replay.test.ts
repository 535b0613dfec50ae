import { describe, expect, it } from 'vitest';
import { above, alarm, level } from '../../../../../src/alarms/model/defaults/build.js';
import { activeMs, Occurrences } from '../../../../../src/alarms/model/judge/occurrences.js';
import { Replay, type ReplayInput } from '../../../../../src/alarms/model/judge/replay.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { Signal } from '../../../../../src/alarms/model/signal/signal.js';
import type { Reading } from '../../../../../src/model/reading.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { COD, cod, oneLevel } from '../rules/helpers.js';
import { replay } from './all-steps.js';

const S = 1_000;
const options = { facts: { expectedIntervalS: null }, zone: new TimeZone('Asia/Shanghai'), open: () => null };

/** A reading `atS` after the start, received `lateS` after its time. */
const input = (atS: number, value: number, lateS = 0, more: Partial<Reading> = {}): ReplayInput => ({
  device: 'outlet-1',
  receivedAt: (atS + lateS) * S,
  reading: { metric: 'cod_mg_l', ts: atS * S, value, flag: 'N', quality: 'good', ...more },
});
const reasons = (rule: AlarmRule, ...inputs: readonly ReplayInput[]) =>
  Array.from(replay(rule, inputs, options), ({ at, reason, level }) => `${at / S} ${reason} ${level}`);

describe('replay', () => {
  it('tells of every reading what it came to', () => {
    const found = reasons(
      COD,
      ...[input(0, 70), input(10, 85), input(40, 86), input(70, 87), input(80, 105), input(90, 95), input(100, 89)],
      ...[input(110, 78), input(120, 75), input(150, 75), input(160, 70)],
    );
    expect(found).toEqual([
      '0 normal 0',
      '10 delay_running 0',
      '40 delay_running 0',
      '70 raised 1',
      '80 level_raised 2',
      '90 within_deadband 2',
      '100 off_delay_running 2',
      '110 off_delay_running 2',
      '120 off_delay_running 2',
      // The off-delay of the upper level is over by the clock.
      '130 level_lowered 1',
      '150 cleared 0',
      '160 normal 0',
    ]);
  });

  it('ends a delay by the clock while the newest value holds, and never across a gap', () => {
    expect(reasons(COD, input(0, 85), input(101, 85))).toEqual(['0 delay_running 0', '60 raised 1', '101 stands 1']);
    const slow = cod({ comparison: oneLevel, onDelayS: 150 });
    expect(reasons(slow, input(0, 85), input(1_000, 85), input(2_000, 70))).toEqual([
      '0 delay_running 0',
      '1000 gap 0',
      '2000 normal 0',
    ]);
  });

  it('begins the delay anew after a gap, and lets nothing late raise', () => {
    const slow = cod({ comparison: above({ ...level('warning', 'low', 80, 4), onDelayS: 120 }) });
    expect(reasons(slow, input(0, 85), input(101, 85), input(161, 85), input(221, 85))).toEqual([
      '0 delay_running 0',
      '101 gap 0',
      '161 delay_running 0',
      '221 raised 1',
    ]);
    expect(reasons(COD, input(0, 120, 121), input(10, 120, 121), input(20, 120, 119))).toEqual([
      '0 late 0',
      '10 late 0',
      '20 raised 2',
    ]);
  });

  it('ignores what came after newer readings, and what is no evidence', () => {
    const bad = { flag: 'D', quality: 'flagged' } as const;
    expect(reasons(COD, input(100, 70), input(50, 200, 60), input(110, 200, 0, bad))).toEqual([
      '100 normal 0',
      '50 out_of_order 0',
      '110 no_evidence 0',
    ]);
    expect(reasons(COD, input(100, 70), input(50, 70, 60))).toEqual(['100 normal 0', '50 out_of_order 0']);
  });

  it('goes on under another version of the rule, as live', () => {
    const one = new Replay(cod({ comparison: oneLevel, onDelayS: 0, offDelayS: 0 }), options);
    expect(one.accept(input(0, 90)).reason).toBe('raised');
    one.change(cod({ version: 2, comparison: above(alarm('medium', 95)), onDelayS: 0, offDelayS: 0 }));
    expect(one.accept(input(10, 90))).toMatchObject({ reason: 'cleared', level: 0 });
  });

  it('feeds a signal of its own, and opens it anew when its specification changes', () => {
    const opened: string[] = [];
    const counting = (): Signal => {
      let taken = 0;
      return { measure: () => (taken += 1), save: () => null };
    };
    const open = (rule: AlarmRule) => {
      opened.push(rule.signal.kind);
      return rule.signal.kind === 'value' ? null : counting();
    };
    const rule = cod({ signal: { kind: 'unchanged' }, comparison: above(alarm('low', 2)), onDelayS: 0 });
    const one = new Replay(rule, { ...options, open });
    expect([1, 2, 3].map((n) => one.accept(input(n, 50)).measure)).toEqual([1, 2, 3]);
    expect(one.condition.level).toBe(1);
    one.change({ ...rule, version: 2, onDelayS: 5 });
    expect(one.accept(input(4, 50)).measure).toBe(4);
    one.change({ ...rule, version: 3, signal: { kind: 'bad_share', windowS: 60, minReadings: 1 } });
    expect(one.accept(input(5, 50)).measure).toBe(1);
    expect(opened).toEqual(['unchanged', 'bad_share']);
  });
});

describe('occurrences', () => {
  const occurrences = (rule: AlarmRule, ...inputs: readonly ReplayInput[]) => {
    const found = new Occurrences(rule);
    for (const step of replay(rule, inputs, options)) found.append(step);
    return found;
  };

  it('have begin, raise, end, worst level and peak', () => {
    const found = occurrences(
      COD,
      ...[input(0, 85), input(60, 90), input(70, 130), input(80, 60), input(110, 60), input(500, 110)],
    );
    expect(found.within(0, 1_000 * S)).toEqual([
      { since: 0, raisedAt: 60 * S, clearedAt: 110 * S, level: 'alarm', priority: 'medium', peak: 130 },
      { since: 500 * S, raisedAt: 500 * S, clearedAt: null, level: 'alarm', priority: 'medium', peak: 110 },
    ]);
  });

  it('belong to a period when they overlap it, and count the time within it', () => {
    const found = occurrences(COD, input(0, 120), input(100, 60), input(130, 60), input(200, 120));
    expect(found.within(131 * S, 200 * S)).toEqual([]);
    expect(found.within(120 * S, 300 * S).map(({ raisedAt }) => raisedAt / S)).toEqual([0, 200]);
    expect(activeMs(found.within(120 * S, 300 * S), 120 * S, 300 * S)).toBe((10 + 100) * S);
  });

  it('have the lowest value as the peak of a low side', () => {
    const rule = cod({ comparison: { side: 'low', inclusive: false, levels: [alarm('low', 50, 5)] }, onDelayS: 0 });
    expect(occurrences(rule, input(0, 40), input(10, 30), input(20, 45)).within(0, S)).toMatchObject([{ peak: 30 }]);
  });
});
