import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flood, type FloodChange, FloodDetector } from '../../../../../src/alarms/model/kpi/live/flood.js';
import { MIN, S, T0 } from './helpers.js';

const feed = (detector: FloodDetector, times: readonly number[]) => times.flatMap((at) => detector.append(at) ?? []);
/** `count` alarms, one each `every` ms from `from` on. */
const burst = (count: number, from: number, every = S) => Array.from({ length: count }, (_, n) => from + n * every);

describe('FloodDetector', () => {
  it('begins with the 11th alarm in 10 minutes, not with the 10th', () => {
    const detector = new FloodDetector();
    expect(feed(detector, burst(10, T0))).toEqual([]);
    expect(detector.append(T0 + 10 * S)).toEqual({
      event: 'began',
      flood: { from: T0 + 10 * S, to: null, alarms: 11, peak: 11 },
    });
    expect(detector.rate).toBe(11);
  });

  it('does not begin when the 11th comes as the first leaves the 10 minutes', () => {
    const detector = new FloodDetector();
    feed(detector, burst(10, T0));
    expect(detector.append(T0 + 10 * MIN)).toBeNull();
    expect(detector.rate).toBe(10);
  });

  it('ends at the second in which fewer than 5 are left, however late that is noticed', () => {
    const detector = new FloodDetector();
    feed(detector, burst(12, T0));
    // Alarms of seconds 0 to 11; that of second n leaves at 600 + n. Five are left until that of second 7 leaves.
    expect(detector.tick(T0 + 607 * S - 1)).toBeNull();
    expect(detector.rate).toBe(5);
    expect(detector.tick(T0 + 900 * S)).toEqual({
      event: 'ended',
      flood: { from: T0 + 10 * S, to: T0 + 607 * S, alarms: 12, peak: 12 },
    });
    expect(detector.flood).toBeNull();
    expect(detector.tick(T0 + 1_000 * S)).toBeNull();
  });

  it('lasts while 5 to 10 are there: what ends a flood is lower than what begins it', () => {
    const detector = new FloodDetector();
    // One each 110 s keeps 5 or 6 in the 10 minutes; the first 5 of them come while the 11 are still in: 16.
    const slow = burst(20, T0 + 60 * S, 110 * S);
    expect(feed(detector, [...burst(11, T0), ...slow]).map((change) => change.event)).toEqual(['began']);
    expect(detector.flood).toMatchObject({ alarms: 31, peak: 16 });
    const other = new FloodDetector();
    expect(feed(other, slow)).toEqual([]);
  });

  it('is not broken by a clock that goes back an hour: no time has passed, and the flood ends 10 minutes on', () => {
    const detector = new FloodDetector();
    feed(detector, burst(11, T0));
    const back = T0 - 60 * MIN;
    expect(detector.append(back)).toBeNull();
    expect(detector.flood).toMatchObject({ from: back, alarms: 12 });
    // The 12th counts in the second of the 11th, 10. Four are left when that of second 7 leaves: 607 - 10.
    const ended = detector.tick(back + 10 * MIN);
    expect(ended).toMatchObject({ event: 'ended', flood: { alarms: 12 } });
    expect(ended!.flood.to! - ended!.flood.from).toBe(597 * S);
  });

  it('does not make a flood of alarms spread over hours when the clock goes back again and again', () => {
    const detector = new FloodDetector();
    for (let round = 0; round < 50; round++) {
      const start = T0 - round * 60 * MIN;
      expect(feed(detector, burst(3, start, 5 * MIN))).toEqual([]);
    }
  });

  it('takes events that overtook each other for one time', () => {
    const detector = new FloodDetector();
    const times = burst(11, T0).flatMap((at) => [at + 300, at]);
    const changes = feed(detector, times);
    expect(changes).toHaveLength(1);
    expect(detector.flood).toMatchObject({ alarms: 22, peak: 22 });
  });

  it('refuses limits that would flap', () => {
    expect(() => new FloodDetector({ windowMs: 600_000, startAbove: 4, endBelow: 5 })).toThrow(RangeError);
  });

  it('says what a model does that counts every second anew, for any alarms', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 800_000 }) },
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        const times: number[] = [];
        for (const step of given) times.push((times.at(-1) ?? T0) + step);
        const end = (times.at(-1) ?? T0) + 20 * MIN;
        const detector = new FloodDetector();
        const changes = feed(detector, times);
        const last: FloodChange | null = detector.tick(end);
        if (last) changes.push(last);
        const ended = changes.filter((change) => change.event === 'ended').map((change) => change.flood);
        expect(ended).toEqual(modelFloods(times));
        expect(changes.map((change) => change.event)).toEqual(changes.map((_, n) => (n % 2 ? 'ended' : 'began')));
      }),
      { numRuns: 200 },
    );
  });
});

/** Walks the seconds: first what left is seen, then each alarm of the second is added. */
function modelFloods(times: readonly number[]): Flood[] {
  const floods: Flood[] = [];
  const seconds = times.map((at) => Math.floor(at / S));
  const first = seconds[0];
  if (first === undefined) return floods;
  let flood = null as { from: number; alarms: number; peak: number } | null;
  for (let second = first; second <= seconds.at(-1)! + 1_200; second++) {
    let count = seconds.filter((one) => one < second && one > second - 600).length;
    if (flood && count < 5) {
      floods.push({ ...flood, to: second * S });
      flood = null;
    }
    for (const _ of seconds.filter((one) => one === second)) {
      count += 1;
      if (flood) flood = { ...flood, alarms: flood.alarms + 1, peak: Math.max(flood.peak, count) };
      else if (count > 10) flood = { from: second * S, alarms: count, peak: count };
    }
  }
  return floods;
}
