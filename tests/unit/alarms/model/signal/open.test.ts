import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import type { SignalMemory } from '../../../../../src/alarms/model/signal/signal.js';
import type { SignalSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { DATA_FLAGS } from '../../../../../src/model/reading.js';
import { CONTEXT, expectRows, readingOf, START } from './helpers.js';

const specs: readonly SignalSpec[] = [
  { kind: 'value' },
  { kind: 'silence' },
  { kind: 'rate', windowS: 120, per: 'hour', direction: 'fall' },
  { kind: 'deviation', weeks: 2, as: 'percent' },
  { kind: 'unchanged' },
  { kind: 'unchanged', tolerance: 1 },
  { kind: 'counter_still' },
  { kind: 'bad_share', windowS: 100, minReadings: 2 },
  {
    kind: 'vote',
    scope: 'place',
    members: [
      { metric: 'one', side: 'high', setpoint: 1, inclusive: false },
      { metric: 'two', side: 'low', setpoint: 1, inclusive: true },
    ],
  },
];
const context = { ...CONTEXT, baseline: () => 3 };

const streams = fc.array(
  fc.record({
    stepMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 150_000 })),
    value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    flag: fc.oneof({ weight: 5, arbitrary: fc.constant('N' as const) }, fc.constantFrom(...DATA_FLAGS)),
    metric: fc.constantFrom('one', 'two'),
    device: fc.constantFrom('a', 'b', 'c'),
    restart: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('any signal', () => {
  it.each(specs.map((spec) => [spec.kind, spec] as const))(
    '%s gives the same numbers through restarts at any point, with a memory of at most 2 KB',
    (_, spec) => {
      fc.assert(
        fc.property(streams, (list) => {
          const whole = openSignal(spec, null, context);
          let restarted = openSignal(spec, null, context);
          let at = START;
          for (const { stepMs, value, flag, metric, device, restart } of list) {
            if (restart) {
              const text = JSON.stringify(restarted.save());
              expect(text.length).toBeLessThanOrEqual(2_048);
              restarted = openSignal(spec, JSON.parse(text) as SignalMemory | null, { ...context });
            }
            at += stepMs;
            const given = { ...readingOf(0, value, { flag, metric }), ts: at };
            expect(restarted.measure(given, at, device)).toBe(whole.measure(given, at, device));
          }
          expect(restarted.save()).toEqual(whole.save());
        }),
      );
    },
  );

  it.each(['value', 'silence'] as const)('%s hands the value through and has nothing to remember', (kind) => {
    expectRows({ kind }, [
      [0, 42, 42],
      [1, -1, -1, { flag: 'D' }],
    ]);
    expect(openSignal({ kind }, null, CONTEXT).save()).toBeNull();
  });

  it.each(specs.map((spec) => [spec.kind, spec] as const))('%s has nothing to remember before a reading', (_, spec) => {
    expect(openSignal(spec, null, CONTEXT).save()).toBeNull();
  });
});

describe('a memory that does not fit', () => {
  const unchanged = openSignal({ kind: 'unchanged' }, null, CONTEXT);
  unchanged.measure(readingOf(0, 5), START);
  const memory = unchanged.save()!;
  const next = (spec: SignalSpec, from: SignalMemory | null) =>
    openSignal(spec, from, CONTEXT).measure(readingOf(60, 5), START + 60_000);

  it('is used by the same specification alone', () => {
    expect(next({ kind: 'unchanged' }, memory)).toBe(60);
    expect(next({ kind: 'unchanged', tolerance: 1 }, memory)).toBe(0);
    expect(next({ kind: 'counter_still' }, memory)).toBe(0);
  });

  it('knows the specification whatever the order of its fields', () => {
    const rate = openSignal({ kind: 'rate', windowS: 120, per: 'minute', direction: 'rise' }, null, CONTEXT);
    rate.measure(readingOf(0, 4), START);
    expect(next({ direction: 'rise', per: 'minute', windowS: 120, kind: 'rate' }, rate.save())).toBe(1);
    expect(next({ direction: 'fall', per: 'minute', windowS: 120, kind: 'rate' }, rate.save())).toBeNull();
  });

  it('is left alone when it is damaged', () => {
    expect(next({ kind: 'unchanged' }, { ...memory, numbers: memory.numbers.slice(1) })).toBe(0);
    expect(next({ kind: 'unchanged' }, { ...memory, numbers: [START, Number.NaN, 5] })).toBe(0);
  });
});
