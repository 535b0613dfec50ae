import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { Reading } from '../../../../../src/model/reading.js';
import { COD, PRESSURE, SMOKE } from '../helpers.js';
import { cases, piecesOf, reading } from './cases.js';
import { BacklogDrive, T0 } from './drive.js';

const S = 1_000;
const MINUTE = 60 * S;
/** When the first piece comes. */
const THEN = T0 + 180 * MINUTE;
/** Longer than a backlog pauses, so each piece is judged before the next comes. */
const PAUSE = 10 * S;

interface Occurrence {
  readonly since: number;
  readonly raisedAt: number;
  /** Infinite where it goes on. */
  readonly to: number;
}

const secondsOf = (time: number) => (time - T0) / S;

/** What a device's late events amount to: each raise as described last. */
function occurrencesOf(drive: BacklogDrive): Occurrence[] {
  const all = new Map<number, Occurrence>();
  for (const { event, at, alarm } of drive.lateEvents) {
    const [since, raisedAt] = [secondsOf(alarm.since!), secondsOf(alarm.raisedAt!)];
    const told = all.get(raisedAt);
    // An end names the raise by which it was told, and the begin as it is known now.
    expect(told === undefined).toBe(event === 'raised_late');
    const to = told === undefined ? Number.POSITIVE_INFINITY : secondsOf(at);
    // Nor is an end told twice.
    expect([told?.since, told?.to]).not.toEqual([since, to]);
    all.set(raisedAt, { since, raisedAt: Math.min(raisedAt, to), to });
  }
  return [...all.values()];
}

const begin = (rule: AlarmRule, normal: number) => {
  const drive = new BacklogDrive(rule);
  drive.live(THEN - 100, normal);
  return drive;
};

/** What there was by all of these readings: as an engine tells it to which they come at once, in order. */
function truthOf(rule: AlarmRule, normal: number, known: readonly Reading[], now: number): Occurrence[] {
  const drive = begin(rule, normal);
  drive.send(
    now,
    known.toSorted((a, b) => a.ts - b.ts),
  );
  drive.engine.endDelays(now + 6 * S);
  return occurrencesOf(drive);
}

/** Whether an exceedance is one that was told: it has something of the time in which that came to be raised, or lies in it. */
const isSame = (one: Occurrence, told: Occurrence) =>
  (one.since <= told.raisedAt && told.since < one.to) || (told.since <= one.since && one.to <= told.to);

/** Sends the pieces and checks what each brings; returns what was told in the end. */
function inPieces(rule: AlarmRule, normal: number, pieces: readonly (readonly Reading[])[]): Occurrence[] {
  const drive = begin(rule, normal);
  const known: Reading[] = [];
  let told: Occurrence[] = [];
  let truth: Occurrence[] = [];
  // None is without a trace: of more than are remembered, each is counted.
  const expectTold = (all: readonly Occurrence[]) => {
    const lost = truth.filter((one) => !all.some((other) => isSame(one, other)));
    expect(lost.slice(drive.stats.doubtfulExceedances)).toEqual([]);
  };
  let now = THEN;
  for (const piece of pieces) {
    known.push(...piece);
    drive.send(now, piece);
    drive.engine.endDelays(now + 6 * S);
    truth = truthOf(rule, normal, known, now);
    const after = occurrencesOf(drive);
    const before = after.slice(0, told.length);
    for (const one of after.slice(told.length)) {
      // As far as it is known, from its true begin to its true end; and it is none that was told before.
      expect(truth).toContainEqual(one);
      expect(before.filter((other) => isSame(one, other))).toEqual([]);
    }
    expectTold(after);
    told = after;
    now += PAUSE;
  }
  drive.live(now + 5 * MINUTE, normal);
  drive.live(now + 10 * MINUTE, normal);
  const last = occurrencesOf(drive);
  expectTold(last);
  return last;
}

const rules = [
  ['at once', { ...COD, onDelayS: 0 }, 40, [40, 40, 78, 81]],
  ['with a delay', COD, 40, [40, 81, 300]],
  ['with an off-delay', { ...COD, onDelayS: 0, offDelayS: 60 }, 40, [40, 78, 81]],
  ['with both delays', { ...COD, offDelayS: 90 }, 40, [40, 78, 81]],
  ['on a low side', PRESSURE, 0.3, [0.05, 0.11, 0.3]],
  ['smoke', SMOKE, 0, [0, 1]],
  ['more than are remembered', { ...COD, onDelayS: 0 }, 40, [40, 81], 120],
  ['more than are remembered, with an off-delay', { ...COD, onDelayS: 0, offDelayS: 20 }, 40, [40, 81], 120],
] satisfies [string, AlarmRule, number, number[], number?][] as [string, AlarmRule, number, number[], number?][];

describe('a backlog that comes in pieces, in any order', () => {
  it.each(rules)('tells of each exceedance once, by what is known: %s', (_, rule, normal, values, most = 24) => {
    let found = 0;
    fc.assert(
      fc.property(cases(values, most), (text) => {
        const told = inPieces(rule, normal, piecesOf(text, rule));
        found += told.length;
        // Each ended.
        expect(told.filter(({ to }) => to === Number.POSITIVE_INFINITY)).toEqual([]);
      }),
      { numRuns: Number(process.env.PARK_TEST_RUNS ?? 100) },
    );
    expect(found).toBeGreaterThan(50);
  });
});

describe('an exceedance that was split off a longer one', () => {
  const delayed: AlarmRule = { ...COD, offDelayS: 90 };
  /** 161 to 663 is told; 251 on is split off it, goes on, and ends at 502 inside it. */
  const split =
    '573:40 | 161:81 | 60:78 | 352:78 | 693:81 | 251:81 | 593:81 | 663:78 | 221:78 | 653:40 | 412:40 | 583:78';
  const longer = { since: 161, raisedAt: 221, to: 663 };
  const toldOf = (text: string, rule = delayed) => inPieces(rule, 40, piecesOf(text, rule));
  /** The first live reading after the pieces is normal: seconds of it after the begin. */
  const liveAt = (count: number) => (THEN - T0 + count * PAUSE) / S + 5 * 60;

  it('is told once when its end is disproved', () => {
    const told = toldOf(`${split} | 472:81`);
    expect(told.map(({ since, raisedAt }) => [since, raisedAt])).toEqual([
      [161, 221],
      [251, 311],
    ]);
    expect(told[0]).toEqual(longer);
    expect(told[1]!.to).toBeGreaterThan(longer.to);
    expect(told[1]!.to).toBeLessThanOrEqual(liveAt(13));
  });

  it('is told its later end, though that lies inside the longer one too', () => {
    const told = toldOf(`${split} | 440:78 460:40`);
    expect(told.slice(0, 2)).toEqual([longer, { since: 251, raisedAt: 311, to: 550 }]);
  });

  it('is told once the longer one is described with a later begin', () => {
    const text =
      '613:81 281:40 | 623:40 60:81 753:40 351:81 | 411:81 633:78 | 512:40 120:81 693:40 30:40 | 221:78 341:40';
    expect(toldOf(text, { ...COD, onDelayS: 0, offDelayS: 60 })).toEqual([
      { since: 613, raisedAt: 613, to: 753 },
      { since: 60, raisedAt: 60, to: 341 },
      { since: 351, raisedAt: 351, to: 572 },
    ]);
  });

  it('is told once the longer one goes on from a later begin', () => {
    const text =
      '844:40 | 533:81 | 30:40 | 402:81 | 231:78 | 70:40 | 653:78 | 543:40 | 171:40 | 40:78 | ' +
      '553:78 392:78 643:78 613:40 784:81 432:40 291:40 754:78';
    expect(toldOf(text, { ...COD, onDelayS: 0, offDelayS: 60 })).toEqual([
      { since: 533, raisedAt: 533, to: secondsOf(THEN - 100) },
      { since: 402, raisedAt: 402, to: 492 },
    ]);
  });

  it('is told where the longer one had an end, but went on', () => {
    expect(toldOf('150:81 | 721:40 | 391:40 200:81 421:40 | 481:81 | 160:40 | 60:81 1114:78 361:40')).toEqual([
      { since: 150, raisedAt: 210, to: 481 },
      { since: 481, raisedAt: 541, to: 811 },
    ]);
  });

  it('is told where it lies before the begin that a raise has by now', () => {
    const text = '262:300 | 634:300 | 292:40 | 403:40 | 564:40 | 302:300 | 161:81 | 504:300 | 101:81 | 574:300';
    expect(toldOf(text, COD)).toContainEqual({ since: 161, raisedAt: 221, to: 292 });
  });
});

it('the end of an exceedance is told once, though more of its backlog comes after that', () => {
  const rule = { ...COD, onDelayS: 0 };
  const drive = begin(rule, 40);
  const later = THEN + 5 * MINUTE;
  for (const [at, piece] of [[THEN, '251:81 261:81'] as const, [later, '150:78'] as const]) {
    drive.send(at, piecesOf(piece, rule)[0]!);
    drive.engine.endDelays(at + 6 * S);
    drive.engine.endDelays(at + 4 * MINUTE);
  }
  expect(occurrencesOf(drive)).toEqual([{ since: 251, raisedAt: 251, to: secondsOf(THEN - 100) }]);
});

describe('what is older than the readings that are remembered', () => {
  /** The readings of 148 minutes that are told, of which 128 are remembered; then an older piece. */
  const toldAfter = (older: readonly (readonly [minute: number, value: number])[]) => {
    const drive = begin(COD, 40);
    const long = Array.from({ length: 128 }, (_, minute) => reading(COD, 60 * (30 + minute), 300));
    const more = Array.from({ length: 20 }, (_, minute) => reading(COD, 60 * (158 + minute), 300));
    const last = older.map(([minute, value]) => reading(COD, 60 * minute, value));
    [long, more, last].forEach((piece, n) => {
      drive.send(THEN + n * PAUSE, piece);
      drive.engine.endDelays(THEN + n * PAUSE + 6 * S);
    });
    return occurrencesOf(drive).map(({ since, raisedAt, to }) => [since / 60, raisedAt / 60, to / 60]);
  };
  const long = [30, 31, Number.POSITIVE_INFINITY];

  it('is told by itself', () => {
    expect(
      toldAfter([
        [10, 300],
        [11, 300],
        [12, 40],
      ]),
    ).toEqual([long, [10, 11, 12]]);
  });

  it('ends with the hold of its last reading', () => {
    expect(
      toldAfter([
        [24, 300],
        [25, 300],
      ]),
    ).toEqual([long, [24, 25, 26]]);
  });

  it('belongs to what was told where it goes over into that', () => {
    expect(
      toldAfter([
        [27, 40],
        [28, 300],
        [29, 300],
      ]),
    ).toEqual([long]);
  });
});
