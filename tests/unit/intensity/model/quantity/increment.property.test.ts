import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GapMethod } from '../../../../../src/intensity/model/quantity/gaps.js';
import { consumption, quantitiesBetween } from '../../../../../src/intensity/model/quantity/increment.js';
import { beginning, incrementsOf, type RegisterReading } from '../../../../../src/intensity/model/quantity/meter.js';
import { amountOf, totalQuantity } from '../../../../../src/intensity/model/quantity/quantity.js';
import { DAY_MS, HOUR_MS } from '../../../../../src/model/time/duration.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { calendarRows, ENERGY, MONDAY, meter, QUARTER } from './helpers.js';

/** Berlin and Lord Howe (by half an hour) change their clocks, Kathmandu is 5 h 45 min ahead. */
const ZONES = ['Asia/Shanghai', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'].map(
  (name) => new TimeZone(name),
);
const zone = fc.constantFrom(...ZONES);
const method = fc.constantFrom<GapMethod>('none', 'linear', 'same_hours_before');

/** Readings over up to half a year at odd times and with odd values, rising by at most 150 kWh an hour. */
const readings = fc
  .array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 9 * DAY_MS }),
      perHour: fc.double({ min: 0, max: 150, noNaN: true }),
    }),
    {
      minLength: 2,
      maxLength: 25,
    },
  )
  .map((steps) => {
    let [ts, value] = [MONDAY, 17.123];
    return steps.map(({ afterMs, perHour }): RegisterReading => {
      ts += afterMs;
      value += (perHour * afterMs) / HOUR_MS;
      return { ts, value, quality: 'good' };
    });
  });

describe('quantities of a meter', () => {
  it('of a year are the sum of its months, days and hours, in whatever order readings arrive', () => {
    fc.assert(
      fc.property(readings, zone, method, fc.infiniteStream(fc.nat()), (sent, of, how, keys) => {
        const year = { from: of.toInstant(Date.UTC(2026, 0)), to: of.toInstant(Date.UTC(2027, 0)) };
        const context = meter({ zone: of, gapRules: [{ from: 0, longerThanMs: 4 * DAY_MS, method: how }] });
        const arrived = sent.map((one) => ({ one, key: keys.next().value as number })).sort((a, b) => a.key - b.key);
        const kept = new Map(arrived.map(({ one }) => [one.ts, one]));
        const stored = [...kept.values()].sort((a, b) => a.ts - b.ts);
        const increments = incrementsOf(beginning(MONDAY), stored, year.to, context);
        expect(JSON.stringify(increments)).toBe(
          JSON.stringify(incrementsOf(beginning(MONDAY), sent, year.to, context)),
        );
        const whole = consumption(increments, year);
        for (const unit of ['y', 'mo', 'd', 'h'] as const) {
          const rows = calendarRows(increments, year, unit, of);
          expect(totalQuantity(rows.map(({ quantity }) => quantity))).toEqual(whole);
        }
        if (how === 'none') {
          // The last digits of the register wait until they are more: 0.02 at most.
          const risen = Math.round(sent.at(-1)!.value * 1000) - Math.round(sent[0]!.value * 1000);
          expect(risen - amountOf(whole)).toBeGreaterThanOrEqual(0);
          expect(risen - amountOf(whole)).toBeLessThanOrEqual(20);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('lose and gain nothing wherever they are cut', () => {
    const cuts = fc.array(fc.integer({ min: MONDAY - DAY_MS, max: MONDAY + 240 * DAY_MS }), { minLength: 2 });
    fc.assert(
      fc.property(readings, cuts, method, (sent, at, how) => {
        const context = meter({ gapRules: [{ from: 0, longerThanMs: DAY_MS, method: how }] });
        const increments = incrementsOf(beginning(MONDAY), sent, MONDAY + 230 * DAY_MS, context);
        const edges = [...new Set([...at, ...sent.slice(0, 3).map(({ ts }) => ts)])].sort((a, b) => a - b);
        const pieces = quantitiesBetween(increments, edges);
        expect(totalQuantity(pieces)).toEqual(consumption(increments, { from: edges[0]!, to: edges.at(-1)! }));
        expect(pieces.every((one) => Math.min(one.measured, one.estimated, one.filled) >= 0)).toBe(true);
        expect(pieces.every(({ measuredMs, knownMs, dueMs }) => measuredMs <= knownMs && knownMs <= dueMs)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('are the same with and without up to three readings that are wrong and then right again', () => {
    const glitches = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 400_000, max: 30_000_000 })), {
      minLength: 1,
      maxLength: 3,
    });
    const steps = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 24, maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 10, max: 20 }), glitches, fc.boolean(), (tenths, at, wrong, isLearned) => {
        let value = 200_000;
        const right = tenths.map((tenth, i): RegisterReading => {
          value = Math.round(value * 10 + tenth) / 10;
          return { ts: MONDAY + i * QUARTER, value, quality: 'good' };
        });
        const extra = wrong.map((far, i): RegisterReading => {
          // No two of them go on from each other.
          return { ts: right[at]!.ts + (i + 1) * 60_000, value: far * (i + 1), quality: 'good' };
        });
        const context = isLearned ? meter({ bounds: ENERGY }) : meter();
        const until = right.at(-1)!.ts;
        const spoilt = [...right.slice(0, at + 1), ...extra, ...right.slice(at + 1)];
        expect(incrementsOf(beginning(MONDAY), spoilt, until, context)).toEqual(
          incrementsOf(beginning(MONDAY), right, until, context),
        );
      }),
    );
  });
});
