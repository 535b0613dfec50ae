import { expect, it } from 'vitest';
import type { Reading } from '../../../../../src/model/reading.js';
import { COD } from '../helpers.js';
import { BacklogDrive, T0 } from './drive.js';

const S = 1_000;
const MINUTE = 60 * S;
const THEN = T0 + 20 * 60 * MINUTE;
/** Most exceedances remembered for one alarm. */
const MOST = 32;
const rule = { ...COD, onDelayS: 0 };

/** A device's backlog that comes in pieces; exceedance `n` of it is abnormal from minute `2n` on, for one minute. */
class Pieces {
  readonly drive = new BacklogDrive(rule);
  private now = THEN;

  constructor() {
    this.drive.live(THEN - 100, 40);
  }

  /** Sends a piece, minutes and values; returns the begins of the exceedances told for it, in minutes. */
  tell(...piece: readonly (readonly [minute: number, value: number])[]): number[] {
    const before = this.raised.length;
    this.drive.send(
      this.now,
      piece.map(([minute, value]): Reading => {
        return { metric: rule.metric, ts: T0 + minute * MINUTE, value, flag: 'N', quality: 'good' };
      }),
    );
    this.drive.engine.endDelays(this.now + 6 * S);
    this.now += 10 * S;
    return this.raised.slice(before).toSorted((a, b) => a - b);
  }

  /** Begins of all raises told so far, in minutes. */
  get raised(): number[] {
    return this.drive.lateEvents
      .filter(({ event }) => event === 'raised_late')
      .map(({ alarm }) => (alarm.since! - T0) / MINUTE);
  }

  /** How many exceedances the engine stores of its alarm. */
  get remembered(): number {
    return this.drive.engine.unstored.conditions()[0]!.past!.spans.length;
  }
}

const exceedance = (n: number) =>
  [
    [2 * n, 300],
    [2 * n + 1, 40],
  ] as const;
const exceedances = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => exceedance(from + n)).flat();
const begins = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => 2 * (from + n));

it('as many exceedances as are remembered are told once, with what comes between them', () => {
  const pieces = new Pieces();
  expect(pieces.tell(...exceedances(0, MOST))).toEqual(begins(0, MOST));
  expect(pieces.remembered).toBe(MOST);
  expect(pieces.tell(...exceedances(0, MOST).map(([minute, value]) => [minute + 0.25, value] as const))).toEqual([]);
  expect(pieces.tell([1.5, 300], [1.6, 40])).toEqual([1.5]);
  expect(pieces.drive.stats.doubtfulExceedances).toBe(0);
});

it('of more, none is told a second time when more of it comes', () => {
  const pieces = new Pieces();
  expect(pieces.tell(...exceedances(0, 60))).toEqual(begins(0, 60));
  for (let n = 0; n < 60; n += 1) expect(pieces.tell([2 * n + 0.5, 300])).toEqual([]);
  expect(pieces.remembered).toBe(MOST);
});

it('of more, none is told a second time when all of it is sent again, pieces long forgotten too', () => {
  const pieces = new Pieces();
  const parts = [0, 60, 120, 180].map((from) => [from, from + 60] as const);
  for (const part of parts.toReversed()) expect(pieces.tell(...exceedances(...part))).toEqual(begins(...part));
  expect(pieces.remembered).toBe(MOST);
  for (const part of parts) expect(pieces.tell(...exceedances(...part))).toEqual([]);
  expect(pieces.remembered).toBe(MOST);
});

it('of more, one that comes late between two of the older ones is not told, but counted', () => {
  const pieces = new Pieces();
  pieces.tell(...exceedances(0, 60));
  expect(pieces.drive.stats.doubtfulExceedances).toBe(0);
  expect(pieces.tell([5.5, 300], [5.6, 40])).toEqual([]);
  expect(pieces.drive.stats.doubtfulExceedances).toBe(1);
  // Those of the newer half are remembered one by one.
  expect(pieces.tell([117.5, 300], [117.6, 40])).toEqual([117.5]);
  expect(pieces.drive.stats.doubtfulExceedances).toBe(1);
});

it('of more, the two nearest are joined: what comes between others is told', () => {
  const pieces = new Pieces();
  pieces.tell(...exceedances(0, 2), ...exceedances(30, 60));
  expect(pieces.remembered).toBe(MOST);
  pieces.tell(...exceedances(300, 301));
  expect(pieces.remembered).toBe(MOST);
  expect(pieces.tell([20, 300], [21, 40])).toEqual([20]);
});

it('of more, the newest goes on to its later end', () => {
  const pieces = new Pieces();
  pieces.tell(...exceedances(0, 60), [120, 300], [121, 300]);
  pieces.tell([122, 300], [123, 40]);
  expect(
    pieces.drive.late.filter((line) => line.includes(`since ${120 * 60} `)).map((line) => line.slice(0, 20)),
  ).toEqual(
    [`cleared_late ${123 * 60}`, `raised_late ${120 * 60} `].map((text) => expect.stringContaining(text.trim())),
  );
});

it('live alarms are remembered within the same bound', () => {
  const pieces = new Pieces();
  const { drive } = pieces;
  for (let n = 0; n < 100; n += 1) {
    drive.live(THEN + 2 * n * MINUTE, 300);
    drive.live(THEN + (2 * n + 1) * MINUTE, 40);
  }
  expect(pieces.remembered).toBe(MOST);
  expect(drive.late).toEqual([]);
});
