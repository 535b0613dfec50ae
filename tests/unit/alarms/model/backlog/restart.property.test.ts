import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { COD, GRADED, PRESSURE, SMOKE } from '../helpers.js';
import { cases, piecesOf } from './cases.js';
import { BacklogDrive, T0 } from './drive.js';

const S = 1_000;
const MINUTE = 60 * S;
/** When the first piece comes. */
const THEN = T0 + 180 * MINUTE;

/**
 * What happens with a piece: a restart before or after its judgement; all so far is sent again, before or after it; a
 * live reading after it; a long pause.
 */
const DOINGS = [
  'nothing',
  'restart before',
  'restart after',
  'again before',
  'again after',
  'live',
  'long pause',
] as const;
type Doing = (typeof DOINGS)[number];

/** What is told of the pieces, in order, each with its doing. A restart forgets live readings; one follows it. */
function told(rule: AlarmRule, normal: number, text: string, doings: readonly Doing[], disturbed: boolean): string[] {
  const drive = new BacklogDrive(rule);
  drive.live(THEN - 100, normal);
  let now = THEN;
  let remembers = false;
  const restart = (at: number) => {
    // Before the first exceedance nothing is stored.
    if (disturbed && remembers) drive.restart(at);
    drive.live(at + S, normal);
  };
  const pieces = piecesOf(text, rule);
  for (const [n, piece] of pieces.entries()) {
    const again = (at: number) => {
      if (disturbed) for (const one of pieces.slice(0, n + 1)) drive.send(at, one);
    };
    const doing = doings[n % doings.length]!;
    drive.send(now, piece);
    if (doing === 'restart before') restart(now + S);
    if (doing === 'again before') again(now + S);
    drive.engine.endDelays(now + 6 * S);
    remembers ||= drive.lateEvents.length > 0;
    if (doing === 'restart after') restart(now + 7 * S);
    if (doing === 'again after') again(now + 7 * S);
    if (doing === 'live') drive.live(now + 7 * S, normal);
    now += doing === 'long pause' ? 4 * MINUTE : 15 * S;
    drive.engine.endDelays(now - 1);
  }
  drive.live(now + 5 * MINUTE, normal);
  drive.engine.endDelays(now + 6 * MINUTE);
  drive.live(now + 10 * MINUTE, normal);
  return drive.lateEvents.map(
    ({ seq, event, at, alarm: { level, since, raisedAt } }) =>
      `${seq} ${event} ${(at - T0) / S} since ${(since! - T0) / S} raised ${(raisedAt! - T0) / S} ${level}`,
  );
}

const rules: [string, AlarmRule, number, number[]][] = [
  ['at once', { ...COD, onDelayS: 0 }, 40, [40, 40, 78, 81]],
  ['with a delay', COD, 40, [40, 81, 300]],
  ['with an off-delay', { ...COD, onDelayS: 0, offDelayS: 60 }, 40, [40, 78, 81]],
  ['with both delays', { ...COD, offDelayS: 90 }, 40, [40, 78, 81]],
  ['three levels', GRADED, 40, [40, 70, 73, 81, 120]],
  ['on a low side', PRESSURE, 0.3, [0.05, 0.11, 0.3]],
  ['smoke', SMOKE, 0, [0, 1]],
  ['smoke with a delay', { ...SMOKE, onDelayS: 30 }, 0, [0, 1]],
];

describe('restarts and readings sent again, between the pieces of a backlog and amid them,', () => {
  it.each(rules)('change nothing that is told: %s', (_, rule, normal, values) => {
    let found = 0;
    const doings = fc.array(fc.constantFrom(...DOINGS), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cases(values, 24), doings, (text, all) => {
        const expected = told(rule, normal, text, all, false);
        found += expected.length;
        expect(told(rule, normal, text, all, true)).toEqual(expected);
      }),
      { numRuns: Number(process.env.PARK_TEST_RUNS ?? 100) },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('keep a normal reading that came late beside a remembered exceedance', () => {
    const rule = { ...COD, onDelayS: 0 };
    const expected = told(rule, 40, '210:81 401:40 | 150:40 | 90:81', ['nothing'], false);
    expect(expected.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      ...['raised_late 210', 'cleared_late 401', 'raised_late 90', 'cleared_late 150'],
    ]);
    for (const doing of ['restart before', 'restart after'] as const) {
      expect(told(rule, 40, '210:81 401:40 | 150:40 | 90:81', [doing], true)).toEqual(expected);
    }
  });
});
