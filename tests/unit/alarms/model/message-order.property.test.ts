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

  it('among messages leaves no smoke without a trace', () => {
    const smoke = readings.map(({ inOrder, shuffled }) => {
      const asSmoke = ({ ts, value }: Reading): Reading => ({
        ...{ metric: 'smoke_alarm', ts, value, flag: 'N', quality: 'good' },
      });
      return { inOrder: inOrder.map(asSmoke), shuffled: shuffled.map(asSmoke) };
    });
    fc.assert(
      fc.property(smoke, ({ inOrder, shuffled }) => {
        const one = drive();
        shuffled.forEach((each, n) => {
          send(one, THEN + n * 10, [each]);
        });
        one.engine.endDelays(THEN + 10 * S);
        send(one, THEN + 300 * S, [{ ...inOrder[0]!, ts: THEN + 300 * S, value: 0, flag: 'N', quality: 'good' }]);
        one.engine.endDelays(THEN + 310 * S);
        const spans = one.events
          .filter(({ event, alarm }) => event.startsWith('cleared') && alarm.rule === 'smoke-alarm')
          .map(({ at, alarm }) => [alarm.since!, at] as const);
        // What goes on into smoke that was told before it came belongs to that.
        const isTold = (place: number): boolean => {
          const { ts, value } = inOrder[place]!;
          if (spans.some(([from, to]) => from <= ts && ts <= to)) return true;
          return value === 1 && place + 1 < inOrder.length && isTold(place + 1);
        };
        inOrder.forEach(({ value }, place) => {
          if (value === 1) expect(isTold(place)).toBe(true);
        });
      }),
      // Not of every order: what came after a later occurrence was told counts to that, where nothing between is known.
      { numRuns: 200, seed: 20261127 },
    );
  });
});
