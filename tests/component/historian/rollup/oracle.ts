import type { WindowFunction } from '../../../../src/historian/port/queries.js';
import { type Metric, metric } from '../../../../src/model/catalogue/index.js';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';

interface Point {
  readonly ts: number;
  readonly value: number;
}

const HOLD = 15 * 60_000;

/** Windows as [start, value], each computed alone from all good readings of one series, times rising. */
export function expectedWindows(
  metricKey: string,
  points: readonly Point[],
  fn: WindowFunction,
  edges: readonly number[],
  of: Metric | undefined = metric('energy', metricKey),
): [number, number][] {
  const increments = deltas(of, points);
  const statistic = {
    mean: ({ values }: Inside) => total(values) / values.length,
    sum: ({ values }: Inside) => total(values),
    count: ({ values }: Inside) => values.length,
    min: ({ values }: Inside) => Math.min(...values),
    max: ({ values }: Inside) => Math.max(...values),
    first: ({ values }: Inside) => values[0]!,
    last: ({ values }: Inside) => values.at(-1)!,
    delta: ({ indices }: Inside) => total(indices.map((n) => increments[n]!)),
    time_weighted_mean: ({ start, end }: Inside) => timeWeighted(points, start, end, edges.at(-1)!),
  }[fn];
  return edges.slice(0, -1).flatMap((start, i): [number, number][] => {
    const end = edges[i + 1]!;
    const indices = points.flatMap((point, n) => (point.ts >= start && point.ts < end ? [n] : []));
    const values = indices.map((n) => points[n]!.value);
    return indices.length === 0 ? [] : [[start, statistic({ start, end, indices, values })]];
  });
}

/** The readings inside one window. */
interface Inside {
  readonly start: number;
  readonly end: number;
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function deltas(of: Metric | undefined, points: readonly Point[]): number[] {
  if (of?.kind !== 'counter') return points.map(() => 0);
  const counter = new CounterIncrements(of);
  return points.map(({ ts, value }) => counter.push(ts, value).increment);
}

function timeWeighted(points: readonly Point[], start: number, end: number, rangeEnd: number): number {
  let integral = 0;
  let covered = 0;
  points.forEach(({ ts, value }, n) => {
    const until = Math.min(points[n + 1]?.ts ?? rangeEnd, ts + HOLD, end);
    const held = until - Math.max(ts, start);
    if (held <= 0) return;
    integral += value * held;
    covered += held;
  });
  return integral / covered;
}
