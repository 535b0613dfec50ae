import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fill, fillWindows } from '../../../src/api/readings/thin/fill.js';
import type { WindowChunk } from '../../../src/historian/port/queries.js';

const HOUR = 3_600_000;
const T0 = 1_764_000_000_000;

/** A series by its windows: a number, or null for a gap. */
type Windows = readonly (number | null)[];

function* chunksOf(all: readonly Windows[], edges: Float64Array, most: number): Generator<WindowChunk> {
  for (const [n, windows] of all.entries()) {
    const known = windows.flatMap((value, i) => (value === null ? [] : [{ start: edges[i]!, value }]));
    for (let i = 0; i < known.length; i += most) {
      const part = known.slice(i, i + most);
      yield {
        series: { device: `park-a/d${n}` as const, metric: 'ph' },
        start: Float64Array.from(part, ({ start }) => start),
        value: Float64Array.from(part, ({ value }) => value),
      };
    }
  }
}

/** What a series is filled to, by the words of the parameter alone. */
function expected(windows: Windows, edges: Float64Array, fill: Fill, now: number) {
  return windows.flatMap((value, i) => {
    if (value !== null) return [[edges[i]!, value, 0]];
    const before = windows.findLastIndex((one, at) => at < i && one !== null);
    const after = windows.findIndex((one, at) => at > i && one !== null);
    if (before < 0) return [];
    if (fill === 'previous') return after < 0 && edges[i]! >= now ? [] : [[edges[i]!, windows[before]!, 1]];
    if (after < 0) return [];
    const share = (edges[i]! - edges[before]!) / (edges[after]! - edges[before]!);
    return [[edges[i]!, windows[before]! + (windows[after]! - windows[before]!) * share, 1]];
  });
}

describe('fillWindows', () => {
  it('fills every series as told, whatever the gaps, the lengths of windows and the pieces they come in', async () => {
    const windows = fc.array(fc.option(fc.integer({ min: -9, max: 9 }), { nil: null }), {
      minLength: 30,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(windows, { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('previous' as const, 'linear' as const),
        fc.integer({ min: -5, max: 100 }),
        async (all, lengths, most, fill, hours) => {
          const edges = Float64Array.from([
            0,
            ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b)),
          ]);
          for (const [i, edge] of edges.entries()) edges[i] = T0 + edge * HOUR;
          const now = T0 + hours * HOUR;
          const found = new Map<string, (readonly number[])[]>();
          const chunks = (async function* () {
            yield* chunksOf(all, edges, most);
          })();
          for await (const { series, start, value, filled } of fillWindows(chunks, edges, fill, now)) {
            const rows = found.get(series.device) ?? [];
            rows.push(...Array.from(start, (s, i) => [s, value[i]!, filled[i]!]));
            found.set(series.device, rows);
          }
          for (const [n, one] of all.entries()) {
            expect(found.get(`park-a/d${n}`) ?? []).toEqual(expected(one, edges, fill, now));
          }
        },
      ),
    );
  });

  it('hands a gap of a hundred thousand windows on in pieces', async () => {
    const edges = Float64Array.from({ length: 100_001 }, (_, i) => T0 + i * 60_000);
    const chunks = (async function* () {
      yield {
        series: { device: 'park-a/d', metric: 'ph' } as const,
        start: Float64Array.of(T0),
        value: Float64Array.of(1),
      };
      yield {
        series: { device: 'park-a/d', metric: 'ph' } as const,
        start: Float64Array.of(edges[99_999]!),
        value: Float64Array.of(2),
      };
    })();
    let windows = 0;
    for await (const { start } of fillWindows(chunks, edges, 'previous', T0)) {
      expect(start.length).toBeLessThanOrEqual(8_192);
      windows += start.length;
    }
    expect(windows).toBe(100_000);
  });
});
