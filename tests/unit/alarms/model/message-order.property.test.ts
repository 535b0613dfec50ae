import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import { deviceKey } from '../../../../src/model/ids.js';
import type { Reading } from '../../../../src/model/reading.js';
import { Drive, MONDAY, PARK } from './rule/rule-drive.js';

const S = 1_000;
/** When messages begin to come. */
const THEN = MONDAY + 120 * S;
const RULES = DEFAULT_RULES.filter(({ id }) =>
  ['smoke-alarm', 'heat-alarm', 'fire-confirmed', 'pump-without-pressure', 'fire-door-open'].includes(id),
);
const METRICS = ['smoke_alarm', 'heat_alarm', 'fire_pump_running', 'sprinkler_pressure_mpa', 'fire_door_open'] as const;

const reading = fc.record({
  metric: fc.constantFrom(...METRICS),
  atS: fc.integer({ min: 0, max: 110 }),
  value: fc.constantFrom(0, 1),
  verdict: fc.constantFrom(
    ...([
      ['N', 'good'],
      ['N', 'good'],
      ['N', 'good'],
      ['D', 'flagged'],
      ['M', 'flagged'],
    ] as const),
  ),
});
/** Readings of one device, no two of one moment, by event time; and another order of them. */
const readings = fc
  .uniqueArray(reading, { selector: ({ atS }) => atS, minLength: 2, maxLength: 14 })
  .map((all) =>
    all
      .toSorted((a, b) => a.atS - b.atS)
      .map(
        ({ metric, atS, value, verdict: [flag, quality] }): Reading => ({
          ...{ metric, ts: MONDAY + atS * S, value, flag, quality },
        }),
      ),
  )
  .chain((inOrder) =>
    fc.record({
      inOrder: fc.constant(inOrder),
      shuffled: fc.shuffledSubarray(inOrder, { minLength: inOrder.length, maxLength: inOrder.length }),
    }),
  );

const drive = () => new Drive(RULES, () => ({ place: '3号楼', expectedIntervalS: 60 }));
const send = ({ engine }: Drive, receivedAt: number, all: readonly Reading[], device = 'd-1') =>
  engine.evaluate({
    ...{ park: PARK, domain: 'fire', device: deviceKey(PARK, device), gateway: 'gw', receivedAt, readings: all },
  });
const told = ({ events }: Drive) =>
  events.map(({ event, at, alarm: { id, since, value, level } }) => [event, id, at - MONDAY, since, value, level]);

describe('the order of the readings', () => {
  it('inside a message does not matter, to alarms that latch and to votes', () => {
    let found = 0;
    fc.assert(
      fc.property(readings, fc.boolean(), ({ inOrder, shuffled }, otherStands) => {
        const [one, other] = [drive(), drive()];
        for (const each of [one, other]) {
          if (otherStands) each.send('fire', 'd-2', MONDAY - S, { smoke_alarm: 1 });
        }
        send(one, THEN, inOrder);
        send(other, THEN, shuffled);
        for (const each of [one, other]) each.engine.endDelays(THEN + 200 * S);
        expect(told(other)).toEqual(told(one));
        found += one.events.length;
      }),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(200);
  });

  /** Smoke that comes reading by reading, and is then known to be over; from when to when it was told, in seconds. */
  const spansOf = (shuffled: readonly Reading[]): (readonly [from: number, to: number])[] => {
    const one = drive();
    shuffled.forEach((each, n) => {
      send(one, THEN + n * 10, [each]);
    });
    one.engine.endDelays(THEN + 10 * S);
    send(one, THEN + 300 * S, [smoke(420, 0)]);
    one.engine.endDelays(THEN + 310 * S);
    return one.events
      .filter(({ event, alarm }) => event.startsWith('cleared') && alarm.rule === 'smoke-alarm')
      .map(({ at, alarm }) => [(alarm.since! - MONDAY) / S, (at - MONDAY) / S] as const)
      .sort(([a], [b]) => a - b);
  };
  const smoke = (atS: number, value: number): Reading => ({
    ...{ metric: 'smoke_alarm', ts: MONDAY + atS * S, value, flag: 'N', quality: 'good' },
  });

  it('among messages leaves no smoke without a trace', () => {
    const all = readings.map(({ inOrder, shuffled }) => {
      const asSmoke = ({ ts, value }: Reading): Reading => smoke((ts - MONDAY) / S, value);
      return { inOrder: inOrder.map(asSmoke), shuffled: shuffled.map(asSmoke) };
    });
    fc.assert(
      fc.property(all, ({ inOrder, shuffled }) => {
        const spans = spansOf(shuffled);
        // What goes on into smoke that was told before it came belongs to that.
        const goesInto = (place: number): boolean => {
          const { ts, value } = inOrder[place]!;
          const at = (ts - MONDAY) / S;
          if (spans.some(([from, to]) => from <= at && at <= to)) return true;
          return value === 1 && place + 1 < inOrder.length && goesInto(place + 1);
        };
        inOrder.forEach(({ value }, place) => {
          if (value === 1) expect(goesInto(place)).toBe(true);
        });
        let run: number[] = [];
        // Each smoke was told that is parted from the others by a normal reading, if not all of it from its begin on.
        for (const { ts, value } of [...inOrder, smoke(420, 0)]) {
          const at = (ts - MONDAY) / S;
          if (value === 1) run.push(at);
          else {
            const isTold = spans.some(([from, to]) => run.some((one) => from <= one && one < to));
            expect(run.length === 0 || isTold).toBe(true);
            run = [];
          }
        }
      }),
      { numRuns: Number(process.env.PARK_TEST_RUNS ?? 200) },
    );
  });

  it('puts smoke that comes last apart from what was told, by a normal reading that came live', () => {
    const order = [
      ...[smoke(31, 0), smoke(70, 0), smoke(55, 1), smoke(37, 1), smoke(60, 0), smoke(64, 1)],
      ...[smoke(91, 1), smoke(28, 1), smoke(86, 0)],
    ];
    expect(spansOf(order)).toEqual([
      [28, 31],
      [37, 60],
      [64, 70],
      [91, 420],
    ]);
  });
});
