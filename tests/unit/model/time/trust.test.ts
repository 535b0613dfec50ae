import { describe, expect, it } from 'vitest';
import {
  givesWay,
  holdMs,
  learnedInterval,
  liveLag,
  SeriesClock,
  SteadyLag,
} from '../../../../src/model/time/trust.js';

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;

describe('for how long a value goes on holding', () => {
  it.each([
    ['what the rule says', 100, null, null, 100 * S],
    ['three registered intervals where they are longer', 7_200, 14_400, null, 12 * HOUR],
    ['the registered interval before the learned one', null, 60, 10 * S, 3 * MIN],
    ['three learned intervals', null, null, 15 * MIN, 45 * MIN],
    ['five minutes at least where the interval is only learned', null, null, 10 * S, 5 * MIN],
    ['an hour where nothing is known', null, null, null, HOUR],
  ])('%s', (_, maxGapS, expectedS, learnedMs, ms) => {
    expect(holdMs(maxGapS, expectedS, learnedMs)).toBe(ms);
  });

  it.each([
    ['an interval learned over restarts where the newest steps tell none', null, null, null, 4 * HOUR, 12 * HOUR],
    ['the newest steps before it', null, null, 15 * MIN, 4 * HOUR, 45 * MIN],
    ['it before a gap of the rule that is too short for it', 7_200, null, 4 * HOUR, 4 * HOUR, 12 * HOUR],
    ['the gap of the rule where it is short', 7_200, null, null, MIN, 2 * HOUR],
    ['the registered interval before it', 60, 60, null, 4 * HOUR, 3 * MIN],
  ])('%s', (_, maxGapS, expectedS, learnedMs, usualMs, ms) => {
    expect(holdMs(maxGapS, expectedS, learnedMs, usualMs)).toBe(ms);
  });

  it.each([
    ['nothing is known', 0, 0, 0, null],
    ['the first step', 10, 0, 0, 10],
    ['the longer of two', 10, 20, 0, 20],
    ['the middle one of three', 30, 10, 20, 20],
    ['none of what reports on events', 10, 10, 31, null],
  ])('learns the interval: %s', (_, a, b, c, expected) => {
    expect(learnedInterval(a, b, c)).toBe(expected);
  });
});

describe('the lag of a clock', () => {
  const lagAfter = (steps: readonly (readonly [receivedS: number, ageS: number])[]) => {
    const lag = new SteadyLag();
    for (const [receivedS, ageS] of steps) lag.accept(ageS * S, receivedS * S);
    return lag.lagMs;
  };

  it('is known once the age of the newest has been the same for a minute', () => {
    expect(
      lagAfter([
        [0, 300],
        [30, 301],
      ]),
    ).toBeNull();
    expect(
      lagAfter([
        [0, 300],
        [30, 302],
        [60, 301],
      ]),
    ).toBe(300 * S);
    expect(
      lagAfter([
        [0, 300],
        [900, 300],
      ]),
    ).toBe(300 * S);
  });

  it('is none of a backlog: it shrinks, or comes at once', () => {
    const drained = Array.from({ length: 50 }, (_, n) => [n, 3_600 - 60 * n] as const);
    expect(lagAfter(drained)).toBeNull();
    const atOnce = Array.from({ length: 50 }, (_, n) => [0, 3_600 - 60 * n] as const);
    expect(lagAfter(atOnce)).toBeNull();
    const twice = Array.from({ length: 30 }, (_, n) => [10 * n, 3_600 - 10 * n] as const);
    expect(lagAfter(twice)).toBeNull();
  });

  it('makes live what is not older than it by more than the live window', () => {
    const lag = new SteadyLag();
    for (const receivedS of [0, 60]) lag.accept(600 * S, receivedS * S);
    expect(liveLag(700 * S, lag)).toBe(600 * S);
    expect(liveLag(721 * S, lag)).toBeNull();
    expect(liveLag(120 * S, null)).toBe(0);
    expect(liveLag(121 * S, null)).toBeNull();
  });
});

describe('what is known of the time of a series', () => {
  it('is its newest reading, and how often it comes; older ones change nothing', () => {
    const clock = new SeriesClock();
    for (const at of [1, 11, 21, 15, 31]) clock.noteReceipt(at * S, Math.max(at, 21) * S);
    expect([clock.newestAt, clock.learnedMs]).toEqual([31 * S, 10 * S]);
  });

  it('goes on after our clock was set back', () => {
    const clock = new SeriesClock();
    clock.noteReceipt(HOUR, HOUR);
    clock.noteReceipt(10 * S, 10 * S);
    expect(clock.newestAt).toBe(10 * S);
    clock.noteReceipt(5 * S, 11 * S);
    expect(clock.newestAt).toBe(10 * S);
  });

  it('forgets its lag with the first that is live', () => {
    const clock = new SeriesClock();
    for (const at of [0, 60, 120]) {
      clock.lagOf((1_000 + at) * S, (2_000 + at) * S);
      clock.noteReceipt((1_000 + at) * S, (2_000 + at) * S);
    }
    expect(clock.lagOf(1_150 * S, 2_150 * S)).toBe(1_000 * S);
    clock.noteReceipt(2_200 * S, 2_200 * S);
    expect(clock.lagOf(2_201 * S, 3_201 * S)).toBeNull();
  });
});

describe('the newest value that is shown', () => {
  it.each([
    ['of now', 0, 0, 1, false],
    ['ahead as far as is taken, of a gateway', 240, 0, 1, false],
    ['further ahead', 3_600, 0, 1, true],
    ['ahead, and received in the future', 240, 240, 1, true],
    ['received in the future, of the past', -10, 240, 1, false],
  ])('gives way only where it is of the future: %s', (_, tsS, receivedS, nowS, expected) => {
    expect(givesWay({ ts: tsS * S, receivedAt: receivedS * S }, nowS * S)).toBe(expected);
  });
});
