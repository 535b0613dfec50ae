import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../src/api/readings/thin/envelope.js';
import { largestTriangles, reduceRaw } from '../../../src/api/readings/thin/reduce.js';
import type { RawChunk } from '../../../src/historian/port/queries.js';
import { deviceKey } from '../../../src/model/ids.js';

const anyValue = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(1.7976931348623157e308, -1.7976931348623157e308, 5e-324) },
);

/** Readings of a series a second apart or more, each told by its flag, quality and time of receipt. */
function chunkOf(values: readonly number[], device = 'ww-1', from = 0): RawChunk {
  const ts = Float64Array.from(values, (_, i) => 1_764_000_000_000 + (from + i) * 1_000);
  return {
    series: { device: deviceKey('park-a', device), metric: 'ph' },
    ts,
    value: Float64Array.from(values),
    flag: Uint8Array.from(values, (_, i) => (from + i) % 8),
    quality: Uint8Array.from(values, (_, i) => (from + i) % 3),
    receivedAt: ts.map((t) => t + 5),
  };
}

/** The values of one series in chunks of these lengths, the rest in one. */
function* cut(values: readonly number[], lengths: readonly number[]): Generator<RawChunk> {
  let from = 0;
  for (const length of [...lengths, values.length]) {
    if (from < values.length) yield chunkOf(values.slice(from, from + length), 'ww-1', from);
    from += length;
  }
}

async function reduced(chunks: Iterable<RawChunk>, points: number): Promise<RawChunk[]> {
  const all: RawChunk[] = [];
  for await (const chunk of reduceRaw(
    (async function* () {
      yield* chunks;
    })(),
    points,
  ))
    all.push(chunk);
  return all;
}

describe('largestTriangles', () => {
  it('always ends with the last point, whatever the lengths', () => {
    for (let points = 10; points <= 120; points += 5) {
      for (let length = points + 1; length < 12 * points; length += 5) {
        const x = Float64Array.from({ length }, (_, i) => i);
        const chosen = largestTriangles(
          x,
          x.map((i) => Math.sin(i * i)),
          points,
        );
        expect([points, length, chosen.length, chosen[0], chosen.at(-1)]).toEqual([
          points,
          length,
          points,
          0,
          length - 1,
        ]);
      }
    }
  });

  it('takes of each bucket the point of the largest triangle with the one before and the mean of those behind', () => {
    const series = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 11, maxLength: 200 });
    fc.assert(
      fc.property(series, fc.integer({ min: 10, max: 40 }), (values, points) => {
        fc.pre(values.length > points);
        const x = Float64Array.from(values, (_, i) => i * 10);
        const chosen = largestTriangles(x, Float64Array.from(values), points);
        const edges = Array.from(
          { length: points - 1 },
          (_, n) => 1 + Math.floor((n * (values.length - 2)) / (points - 2)),
        );
        const mean = (from: number, to: number) => {
          const part = Array.from({ length: to - from }, (_, i) => [x[from + i]!, values[from + i]!] as const);
          return [0, 1].map((axis) => part.reduce((sum, point) => sum + point[axis]!, 0) / part.length) as [
            number,
            number,
          ];
        };
        for (let n = 1; n < points - 1; n += 1) {
          const a = chosen[n - 1]!;
          const [cx, cy] = n === points - 2 ? [x.at(-1)!, values.at(-1)!] : mean(edges[n]!, edges[n + 1]!);
          const area = (i: number) =>
            Math.abs((x[a]! - cx) * (values[i]! - values[a]!) - (x[a]! - x[i]!) * (cy - values[a]!));
          const bucket = Array.from({ length: edges[n]! - edges[n - 1]! }, (_, i) => edges[n - 1]! + i);
          expect(bucket).toContain(chosen[n]);
          expect(area(chosen[n]!)).toBeGreaterThanOrEqual(Math.max(...bucket.map(area)) - 1e-6);
        }
      }),
    );
  });
});

describe('a reduced series', () => {
  it('is of real readings, times rising, ends kept, as many as asked; the same however it came in chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyValue, { minLength: 1, maxLength: 1_500 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 8 }),
        fc.integer({ min: 10, max: 30 }),
        async (values, lengths, points) => {
          const [found, ...more] = await reduced(cut(values, lengths), points);
          expect(more).toEqual([]);
          expect(found).toEqual((await reduced([chunkOf(values)], points))[0]);
          expect(found!.ts.length).toBe(Math.min(points, values.length));
          const rows = [...found!.ts].map((t) => (t - 1_764_000_000_000) / 1_000);
          expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
          expect([rows[0], rows.at(-1)]).toEqual([0, values.length - 1]);
          const whole = chunkOf(values);
          for (const column of ['value', 'flag', 'quality', 'receivedAt'] as const) {
            expect([...found![column]]).toEqual(rows.map((i) => whole[column][i]));
          }
        },
      ),
    );
  });

  it('is told apart from the next one', async () => {
    const found = await reduced([chunkOf([1, 2, 3]), chunkOf([4], 'ww-2'), chunkOf([5, 6], 'ww-2', 1)], 10);
    expect(found.map(({ series, value }) => [series.device, [...value]])).toEqual([
      ['park-a/ww-1', [1, 2, 3]],
      ['park-a/ww-2', [4, 5, 6]],
    ]);
  });
});

describe('Envelope', () => {
  it('keeps the ends, the least and the greatest of any series in bounded room', () => {
    fc.assert(
      fc.property(
        fc.array(anyValue, { minLength: 1, maxLength: 2_000 }),
        fc.constantFrom(1, 7, 90, 2_000),
        (values, step) => {
          const points = 10;
          const envelope = new Envelope(points);
          for (let from = 0; from < values.length; from += step) {
            const { ts, value } = chunkOf(values.slice(from, from + step), 'ww-1', from);
            envelope.push([ts, value]);
          }
          const [ts, value] = envelope.done() as [Float64Array, Float64Array];
          expect(value.length).toBeLessThan(16 * points);
          expect(value.length).toBeGreaterThanOrEqual(Math.min(values.length, 4 * points));
          expect([value[0], value.at(-1)]).toEqual([values[0], values.at(-1)]);
          expect([Math.min(...value), Math.max(...value)]).toEqual([Math.min(...values), Math.max(...values)]);
          expect([...ts]).toEqual([...ts].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('takes millions of rows without growing', () => {
    const envelope = new Envelope(100);
    const rows = 8_192;
    const chunk = [new Float64Array(rows), Float64Array.from({ length: rows }, (_, i) => Math.sin(i))];
    for (let n = 0; n < 500; n += 1) {
      chunk[0]!.fill(n);
      envelope.push(chunk);
    }
    expect(envelope.done()[0]!.length).toBeLessThan(1_600);
  });
});
