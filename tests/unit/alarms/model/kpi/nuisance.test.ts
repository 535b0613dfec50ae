import { describe, expect, it } from 'vitest';
import type { KpiEvent } from '../../../../../src/alarms/model/kpi/event.js';
import {
  ChatterDetector,
  FLEETING_TO_PROPOSE,
  MAX_PROPOSALS,
  proposeShelving,
} from '../../../../../src/alarms/model/kpi/live/chatter-detector.js';
import { NUISANCE_LIMITS } from '../../../../../src/alarms/model/kpi/report/nuisance.js';
import { at, DAY, H, MIN, S, T0 } from './helpers.js';

const feed = (detector: ChatterDetector, events: readonly KpiEvent[]) =>
  events.flatMap((event) => detector.append(event));
/** Raised at each of `times`, cleared `stands` ms later. */
const pulses = (times: readonly number[], stands = 5 * S, alarm = 'cod-high:d-1', more: Partial<KpiEvent> = {}) =>
  times.flatMap((after) => [at(after, 'raised', alarm, more), at(after + stands, 'cleared', alarm, more)]);

describe('ChatterDetector', () => {
  it('finds an alarm chattering at the third time within 60 s', () => {
    const detector = new ChatterDetector();
    const changes = feed(detector, pulses([0, 20 * S, 59 * S]));
    expect(changes).toMatchObject([{ change: 'began', alarm: 'cod-high:d-1', at: T0 + 59 * S }]);
    expect(detector.chattering).toBe(1);
  });

  it('does not when the third comes a whole minute after the first', () => {
    const detector = new ChatterDetector();
    expect(feed(detector, pulses([0, 30 * S, 60 * S, 90 * S, 120 * S]))).toEqual([]);
  });

  it('tells alarms apart', () => {
    const detector = new ChatterDetector();
    const events = ['a:x', 'b:x', 'c:x'].flatMap((alarm, n) => pulses([n * S], 0, alarm));
    expect(feed(detector, events)).toEqual([]);
  });

  it('ends once the alarm has been quiet for 10 minutes, at that time', () => {
    const detector = new ChatterDetector();
    feed(detector, pulses([0, 10 * S, 20 * S, 9 * MIN]));
    expect(detector.tick(T0 + 19 * MIN - 1)).toEqual([]);
    expect(detector.tick(T0 + 25 * MIN)).toMatchObject([{ change: 'ended', at: T0 + 19 * MIN }]);
    expect(detector.chattering).toBe(0);
    expect(detector.tick(T0 + H)).toEqual([]);
  });

  it('does not take a climb through the levels, or a re-alarm, for chatter', () => {
    const detector = new ChatterDetector();
    const climb = [at(0, 'raised'), at(5 * S, 'level_raised'), at(10 * S, 'level_raised'), at(15 * S, 're_alarmed')];
    expect(feed(detector, climb)).toEqual([]);
    // Up and down between two levels is chatter: it has come twice more.
    const swing = [at(20 * S, 'level_lowered'), at(25 * S, 'level_raised'), at(30 * S, 'level_lowered')];
    expect(feed(detector, swing)).toEqual([]);
    expect(feed(detector, [at(35 * S, 'level_raised')])).toMatchObject([{ change: 'began' }]);
  });

  it('counts fleeting alarms: gone within 60 s, not those that stood longer or were shelved', () => {
    const detector = new ChatterDetector();
    feed(detector, [...pulses([0], 60 * S), ...pulses([5 * MIN], 60 * S + 1)]);
    feed(detector, [at(10 * MIN, 'raised'), at(10 * MIN + S, 'shelved'), at(10 * MIN + 2 * S, 'unshelved')]);
    feed(detector, [at(10 * MIN + 3 * S, 'cleared')]);
    expect(detector.nuisances(T0 + 11 * MIN)).toMatchObject([{ alarms: 3, fleeting: 1, chatters: 0 }]);
  });

  it('forgets what was more than 24 hours ago', () => {
    const detector = new ChatterDetector();
    feed(detector, pulses([0, H]));
    expect(detector.nuisances(T0 + DAY - 1)).toMatchObject([{ fleeting: 2 }]);
    expect(detector.nuisances(T0 + DAY)).toMatchObject([{ fleeting: 1 }]);
    expect(detector.nuisances(T0 + DAY + H)).toEqual([]);
    expect(detector.size).toBe(1);
    detector.nuisances(T0 + DAY + H + 6 * S);
    expect(detector.size).toBe(0);
  });

  it('makes no chatter of a clock that goes back, and what chatters still ends', () => {
    const detector = new ChatterDetector();
    const hourly = [0, -2 * H, -4 * H, -6 * H].flatMap((start) => pulses([start, start + 50 * MIN]));
    expect(feed(detector, hourly)).toEqual([]);
    feed(detector, pulses([0, 10 * S, 20 * S]));
    expect(detector.chattering).toBe(1);
    const back = -5 * H;
    expect(detector.tick(T0 + back)).toEqual([]);
    expect(detector.tick(T0 + back + 10 * MIN)).toMatchObject([{ change: 'ended' }]);
  });

  it('watches a bounded number of alarms: the one without events for longest is forgotten, and its chatter ends', () => {
    const detector = new ChatterDetector(NUISANCE_LIMITS, 2);
    feed(detector, pulses([0, S, 2 * S], 100, 'a:x'));
    feed(detector, [at(10 * S, 'raised', 'b:x'), at(11 * S, 'cleared', 'a:x')]);
    expect(feed(detector, [at(12 * S, 'raised', 'c:x')])).toEqual([]);
    expect([detector.size, detector.stats.pushedOut]).toEqual([2, 1]);
    expect(feed(detector, [at(13 * S, 'raised', 'd:x')])).toMatchObject([
      { change: 'ended', alarm: 'a:x', at: T0 + 13 * S },
    ]);
    expect([detector.size, detector.stats.pushedOut, detector.chattering]).toEqual([2, 2, 0]);
  });
});

describe('proposeShelving', () => {
  const proposals = (detector: ChatterDetector, after = H) => proposeShelving(detector.nuisances(T0 + after));
  const every10Min = (count: number) => Array.from({ length: count }, (_, n) => n * 10 * MIN);

  it('offers what chatters, and what is fleeting often, with the counts, the chattering first', () => {
    const detector = new ChatterDetector();
    feed(detector, pulses(every10Min(FLEETING_TO_PROPOSE), S, 'a:fleeting'));
    feed(detector, pulses(every10Min(FLEETING_TO_PROPOSE - 1), S, 'a:seldom'));
    feed(detector, pulses([H, H + S, H + 2 * S], 100, 'a:chatters'));
    expect(proposals(detector, H + 3 * S)).toMatchObject([
      { alarm: 'a:chatters', reason: 'chattering', chattering: true, chatters: 1, alarms: 3, fleeting: 3 },
      { alarm: 'a:fleeting', reason: 'fleeting', chattering: false, alarms: 5, fleeting: 5 },
    ]);
  });

  it('never offers a fire alarm, nor one that is suppressed already', () => {
    const detector = new ChatterDetector();
    feed(detector, pulses([0, S, 2 * S], 100, 'smoke-alarm:s-1', { domain: 'fire', priority: 'critical' }));
    feed(detector, pulses([0, S, 2 * S], 100, 'cod-high:d-2'));
    expect(detector.chattering).toBe(2);
    expect(proposals(detector).map((one) => one.alarm)).toEqual(['cod-high:d-2']);
    detector.append(at(H, 'shelved', 'cod-high:d-2'));
    expect(proposals(detector)).toEqual([]);
    detector.append(at(H + S, 'unshelved', 'cod-high:d-2'));
    expect(proposals(detector)).toHaveLength(1);
  });

  it('offers a bounded number', () => {
    const detector = new ChatterDetector();
    for (let n = 0; n <= MAX_PROPOSALS; n++) feed(detector, pulses([0, S, 2 * S], 100, `a:d-${n}`));
    expect(proposals(detector)).toHaveLength(MAX_PROPOSALS);
  });
});
