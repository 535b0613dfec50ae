import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { Reading } from '../../../../../src/model/reading.js';
import { COD, GRADED, PRESSURE, SMOKE } from '../helpers.js';
import { BacklogDrive, T0 } from './drive.js';

const S = 1_000;
const MINUTE = 60 * S;
/** When the backlog comes. */
const THEN = T0 + 180 * MINUTE;

const VERDICTS = [
  ['N', 'good'],
  ['N', 'good'],
  ['N', 'good'],
  ['N', 'good'],
  ['D', 'flagged'],
  ['M', 'flagged'],
] as const;

interface Case {
  readonly backlog: readonly Reading[];
  /** Messages in the order of their arrival, as places in the backlog. */
  readonly order: readonly (readonly number[])[];
  readonly liveBefore: boolean;
}

/** What latches raises at any age while it is the newest, so how a delay of it began is a matter of the order. */
const mayBeNewest = ({ alarmClass, onDelayS }: AlarmRule) => alarmClass !== 'fire_alarm' || onDelayS === 0;

const cases = (rule: AlarmRule, values: readonly number[]): fc.Arbitrary<Case> =>
  fc
    .array(
      fc.record({
        times: fc.integer({ min: 1, max: 6 }),
        stepS: fc.constantFrom(10, 30, 60, 60, 99, 101, 400),
        value: fc.constantFrom(...values),
        verdict: fc.constantFrom(...VERDICTS),
      }),
      { minLength: 1, maxLength: 10 },
    )
    .map((runs) => {
      let ts = T0;
      const all = runs.flatMap(({ times, stepS, value, verdict: [flag, quality] }) =>
        Array.from({ length: times }, (): Reading => {
          ts += stepS * S;
          return { metric: rule.metric, ts, value, flag, quality };
        }),
      );
      // What is newer is live.
      return all.filter((one) => one.ts < THEN - 3 * MINUTE);
    })
    .chain((backlog) =>
      fc.record({
        backlog: fc.constant(backlog),
        liveBefore: mayBeNewest(rule) ? fc.boolean() : fc.constant(true),
        order: fc
          .tuple(
            fc.shuffledSubarray(
              backlog.map((_, place) => place),
              { minLength: backlog.length, maxLength: backlog.length },
            ),
            fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
          )
          .map(([places, sizes]) => {
            const messages: number[][] = [];
            for (let from = 0, n = 0; from < places.length; n += 1) {
              const size = sizes[n % sizes.length]!;
              messages.push(places.slice(from, from + size));
              from += size;
            }
            return messages;
          }),
      }),
    );

/** What is told of a backlog that comes in these messages, one each 50 ms, and is followed by what is normal. */
function told(rule: AlarmRule, normal: number, { backlog, liveBefore }: Case, order: Case['order']) {
  const drive = new BacklogDrive(rule);
  if (liveBefore) drive.live(THEN - 100, normal);
  order.forEach((places, n) => {
    drive.send(
      THEN + n * 50,
      places.map((place) => backlog[place]!),
    );
  });
  const end = THEN + 4 * S;
  drive.engine.endDelays(end + 5 * S);
  for (const minutes of [1, 2, 3, 4]) {
    drive.live(end + minutes * MINUTE, normal);
    drive.engine.endDelays(end + minutes * MINUTE + S);
  }
  return drive.late;
}

const rules = [
  ['one level with a delay', COD, 40, [40, 78, 81, 300]],
  ['one level at once', { ...COD, onDelayS: 0 }, 40, [40, 78, 81]],
  ['an off-delay alone', { ...COD, onDelayS: 0, offDelayS: 60 }, 40, [40, 78, 81]],
  ['both delays', { ...COD, offDelayS: 90 }, 40, [40, 78, 81]],
  ['three levels', GRADED, 40, [40, 70, 73, 81, 120]],
  ['a low side', PRESSURE, 0.3, [0.05, 0.11, 0.3]],
  ['fire, which latches', SMOKE, 0, [0, 1]],
  ['fire with a delay', { ...SMOKE, onDelayS: 30 }, 0, [0, 1]],
] as const satisfies readonly (readonly [string, AlarmRule, number, readonly number[]])[];

describe('a backlog is recorded alike in whatever order it comes', () => {
  it.each(rules)('%s', (_, rule, normal, values) => {
    let found = 0;
    fc.assert(
      fc.property(cases(rule, values), (one) => {
        const places = one.backlog.map((_, place) => place);
        const expected = told(rule, normal, one, [places]);
        found += expected.length;
        expect(told(rule, normal, one, one.order)).toEqual(expected);
        // The newest first, each by itself.
        expect(
          told(
            rule,
            normal,
            one,
            places.toReversed().map((place) => [place]),
          ),
        ).toEqual(expected);
        expect(
          told(
            rule,
            normal,
            one,
            places.map((place) => [place]),
          ),
        ).toEqual(expected);
      }),
      { numRuns: Number(process.env.PARK_TEST_RUNS ?? 100) },
    );
    expect(found).toBeGreaterThan(20);
  });

  it('also when an alarm is raised while it still comes in', () => {
    const backlog = Array.from({ length: 43 }, (_, place): Reading => {
      const s = 10 * (place + 1);
      return { metric: SMOKE.metric, ts: T0 + s * S, value: s <= 50 || s >= 420 ? 1 : 0, flag: 'N', quality: 'good' };
    });
    const places = backlog.map((_, place) => place);
    const orders = [[places], places.map((place) => [place]), places.toReversed().map((place) => [place])];
    for (const order of orders) {
      expect(told(SMOKE, 0, { backlog, order, liveBefore: false }, order)).toEqual([
        `cleared_late 60 since 10 ${T0 + 10 * S} 1 alarm`,
        `raised_late 10 since 10 ${T0 + 10 * S} 1 alarm`,
      ]);
    }
  });
});

describe('a backlog that comes in pieces, the newest first, with pauses longer than a backlog makes', () => {
  const at = (minute: number, value: number): Reading => ({
    ...{ metric: COD.metric, ts: T0 + minute * MINUTE, value, flag: 'N', quality: 'good' },
  });
  const piece = (from: number, values: readonly number[]) => values.map((value, n) => at(from + n, value));
  const run = (pieces: readonly (readonly Reading[])[]) => {
    const drive = new BacklogDrive(COD);
    drive.live(THEN, 40);
    pieces.forEach((readings, n) => {
      const receivedAt = THEN + n * 10 * S;
      drive.send(receivedAt, readings);
      drive.engine.endDelays(receivedAt + 6 * S);
    });
    return drive.late.map((line) => line.split(' ').slice(0, 4).join(' '));
  };

  it('tells of each exceedance in it, with its delay', () => {
    expect(
      run([piece(20, [40, 300, 300, 300, 40]), piece(10, [40, 300, 300, 300, 40]), piece(0, [40, 300, 300, 300, 40])]),
    ).toEqual([
      'cleared_late 1440 since 1260',
      'cleared_late 240 since 60',
      'cleared_late 840 since 660',
      'raised_late 120 since 60',
      'raised_late 1320 since 1260',
      'raised_late 720 since 660',
    ]);
  });

  it('tells of one that reaches from piece to piece once', () => {
    const [older, newer] = [piece(0, [40, 300, 300, 300]), piece(4, [300, 300, 300, 40])];
    expect(run([newer, older])).toEqual(['cleared_late 420 since 240', 'raised_late 300 since 240']);
    const normal = piece(4, [40, 300, 300, 40]);
    expect(run([normal, older])).toEqual([
      'cleared_late 240 since 60',
      'cleared_late 420 since 300',
      'raised_late 120 since 60',
      'raised_late 360 since 300',
    ]);
  });
});
