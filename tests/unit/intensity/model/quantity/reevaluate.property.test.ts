import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterSwap, Void } from '../../../../../src/intensity/model/quantity/corrections.js';
import type { GapMethod } from '../../../../../src/intensity/model/quantity/gaps.js';
import { quantitiesBetween } from '../../../../../src/intensity/model/quantity/increment.js';
import {
  beginning,
  type Checkpoint,
  incrementsOf,
  type MeterContext,
  type RegisterReading,
} from '../../../../../src/intensity/model/quantity/meter.js';
import type { Quantity } from '../../../../../src/intensity/model/quantity/quantity.js';
import type { RateReading } from '../../../../../src/intensity/model/quantity/rate.js';
import {
  type Chunk,
  fillsRestingOn,
  hourRows,
  reevaluate,
  restartFrom,
} from '../../../../../src/intensity/model/quantity/reevaluate.js';
import { DAY_MS, HOUR_MS } from '../../../../../src/model/time/duration.js';
import type { Period } from '../../../../../src/model/time/windows.js';
import { MONDAY, meter } from './fixtures.js';

const DAYS = 20;
const UNTIL = MONDAY + DAYS * DAY_MS;
const HOURS = Array.from({ length: DAYS * 24 + 1 }, (_, i) => MONDAY + i * HOUR_MS);

/** What a store would keep of one meter: rows by hour, checkpoints by day, and everything that was sent. */
class Store {
  readonly readings = new Map<number, RegisterReading>();
  readonly rates = new Map<number, RateReading>();
  readonly swaps: MeterSwap[] = [];
  readonly voids: Void[] = [];
  readonly rows = new Map<number, Quantity>();
  readonly checkpoints = new Map<number, Checkpoint>([[MONDAY, beginning(MONDAY)]]);
  chunksRead = 0;

  constructor(readonly method: GapMethod) {}

  get context(): MeterContext {
    const { swaps, voids } = this;
    const rates = [...this.rates.values()].sort((a, b) => a.ts - b.ts);
    return meter({
      swaps,
      voids,
      gapRules: [{ from: 0, longerThanMs: 5 * HOUR_MS, method: this.method }],
      rates: ({ from, to }) => rates.filter(({ ts }) => ts >= from && ts < to),
      measuredHour: (hour) => {
        const row = this.rows.get(hour);
        return row?.measuredMs === HOUR_MS && row.estimated === 0 && row.filled === 0 ? row.measured : null;
      },
    });
  }

  between({ from, to }: Period): RegisterReading[] {
    return [...this.readings.values()].filter(({ ts }) => ts >= from && ts < to).sort((a, b) => a.ts - b.ts);
  }

  *chunks(from: number): Generator<Chunk> {
    for (let at = from; at < UNTIL; at += DAY_MS) {
      this.chunksRead += 1;
      yield { to: at + DAY_MS, readings: this.between({ from: at, to: at + DAY_MS }) };
    }
  }

  changed(change: Period): void {
    const kept = [...this.checkpoints.values()].sort((a, b) => a.at - b.at);
    const start = restartFrom(kept as [Checkpoint, ...Checkpoint[]], change.from);
    const { context } = this;
    const done = reevaluate(start, change, this.chunks(start.at), (at) => this.checkpoints.get(at), context);
    for (const one of done.checkpoints) this.checkpoints.set(one.at, one);
    let differs = false;
    for (const { from, quantity } of hourRows(done)) {
      differs ||= this.rows.get(from)?.measured !== quantity.measured;
      this.rows.set(from, quantity);
    }
    const fills = fillsRestingOn(done.touched, context.gapRules);
    if (differs && fills !== null && fills.from < UNTIL) this.changed(fills);
  }
}

type Event =
  | { readonly kind: 'reading'; readonly hour: number; readonly odd: number }
  | { readonly kind: 'rate'; readonly hour: number; readonly perHour: number }
  | { readonly kind: 'swap'; readonly hour: number }
  | { readonly kind: 'void'; readonly hour: number };

const hour = fc.integer({ min: 0, max: DAYS * 12 - 1 }).map((n) => n * 2 + 0.7);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('reading' as const),
      hour,
      odd: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-900, 50_000) }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('rate' as const), hour, perHour: fc.integer({ min: 0, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), hour }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('void' as const), hour }) },
);

const author = { by: 'chen', at: UNTIL, why: 'test' };
const valueAt = (at: number) => 1000 + Math.floor(at * 7.3 + (at % 5));

function accept(store: Store, one: Event): Period | null {
  const ts = Math.round(MONDAY + one.hour * HOUR_MS);
  if (one.kind === 'reading') store.readings.set(ts, { ts, value: valueAt(one.hour) + one.odd, quality: 'good' });
  else if (one.kind === 'rate') {
    store.rates.set(ts, { ts, perHour: one.perHour });
    return { from: ts, to: ts + HOUR_MS };
  } else if (one.kind === 'swap') {
    if (store.swaps.some((swap) => swap.ts === ts)) return null;
    store.swaps.push({ ts, closing: valueAt(one.hour), opening: valueAt(one.hour) - 5, ...author });
  } else store.voids.push({ from: ts, to: ts + 1, ...author });
  return { from: ts, to: ts + 1 };
}

describe('counting again what a change touched', () => {
  it.each<GapMethod>(['none', 'linear', 'same_hours_before'])(
    'gives the rows of counting everything once, whatever arrives in whatever order (%s)',
    (method) => {
      fc.assert(
        fc.property(fc.array(event, { minLength: 20, maxLength: 120 }), (events) => {
          const store = new Store(method);
          store.changed({ from: MONDAY, to: MONDAY });
          for (const one of events) {
            const change = accept(store, one);
            if (change !== null) store.changed(change);
          }
          const all = store.between({ from: MONDAY, to: UNTIL });
          const increments = incrementsOf(beginning(MONDAY), all, UNTIL, {
            ...store.context,
            measuredHour: () => null,
          });
          expect([...store.rows.keys()].sort((a, b) => a - b)).toEqual(HOURS.slice(0, -1));
          expect(HOURS.slice(0, -1).map((at) => store.rows.get(at))).toEqual(quantitiesBetween(increments, HOURS));
        }),
        { numRuns: method === 'same_hours_before' ? 5 : 20 },
      );
    },
  );

  it('reads a few days about the change, and touches the hours between the readings around it', () => {
    const store = new Store('linear');
    for (let at = 0; at < DAYS * 24; at += 1) {
      const ts = MONDAY + (at + 0.5) * HOUR_MS;
      store.readings.set(ts, { ts, value: valueAt(at), quality: 'good' });
    }
    store.changed({ from: MONDAY, to: MONDAY });
    store.chunksRead = 0;
    const ts = MONDAY + (10 * 24 + 6) * HOUR_MS;
    store.readings.set(ts, { ts, value: valueAt(10 * 24 + 6) - 2, quality: 'good' });
    const start = restartFrom([...store.checkpoints.values()] as [Checkpoint, ...Checkpoint[]], ts);
    const change = { from: ts, to: ts };
    const chunks = store.chunks(start.at);
    const { touched, checkpoints } = reevaluate(
      start,
      change,
      chunks,
      (at) => store.checkpoints.get(at),
      store.context,
    );
    expect(store.chunksRead).toBeLessThanOrEqual(4);
    expect(touched.from).toBe(MONDAY + (10 * 24 + 5) * HOUR_MS);
    expect(touched.to).toBe(MONDAY + 11 * DAY_MS);
    expect(checkpoints.map(({ at }) => (at - MONDAY) / DAY_MS)).toEqual([10, 11]);
  });
});
