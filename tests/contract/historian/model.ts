import { expect } from 'vitest';
import {
  type HistorianQueries,
  type SeriesKey,
  WINDOW_FUNCTIONS,
  type WindowFunction,
} from '../../../src/historian/port/queries.js';
import { deviceKey, deviceOf } from '../../../src/model/ids.js';
import { expectedWindows } from '../../component/historian/rollup/oracle.js';
import { POWER, type Row } from './readings.js';

interface Point {
  readonly ts: number;
  readonly value: number;
  readonly good: boolean;
}

/** Functions whose figures depend on the order of addition. */
const SUMS: ReadonlySet<WindowFunction> = new Set(['sum', 'mean', 'time_weighted_mean', 'delta']);
const TOLERANCE = 1e-9;

/** The history that is compared with the model. */
export interface ModelledHistory {
  readonly store: HistorianQueries;
  put(...rows: readonly Row[]): Promise<void>;
}

/** Everything ever appended, and the expected value of every window, each computed alone. */
export class Model {
  private readonly series = new Map<string, { readonly key: SeriesKey; readonly points: Map<number, Point> }>();

  constructor(private readonly history: ModelledHistory) {}

  get keys(): SeriesKey[] {
    return [...this.series.values()].map(({ key }) => key);
  }

  async put(...rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const key = {
        device: deviceKey('park-a', deviceOf(row.device ?? POWER.device)),
        metric: row.metric ?? POWER.metric,
      };
      const name = `${key.device}/${key.metric}`;
      const known = this.series.get(name) ?? { key, points: new Map() };
      const good = (row.quality ?? (row.flag === undefined || row.flag === 'N' ? 'good' : 'flagged')) === 'good';
      known.points.set(row.ts, { ts: row.ts, value: row.value, good });
      this.series.set(name, known);
    }
    await this.history.put(...rows);
  }

  /** Checks every function over these windows of all series, queried together. */
  async check(
    edges: readonly number[],
    when: string,
    fns: readonly WindowFunction[] = WINDOW_FUNCTIONS,
  ): Promise<void> {
    for (const fn of fns) {
      const found = new Map<string, [number, number][]>();
      const query = { series: this.keys, edges: Float64Array.from(edges), fn };
      for await (const { series, start, value } of this.history.store.windows(query)) {
        const name = `${series.device}/${series.metric}`;
        const windows = Array.from(start, (one, i): [number, number] => [one, value[i]!]);
        found.set(name, [...(found.get(name) ?? []), ...windows]);
      }
      for (const [name, { key, points }] of this.series) {
        const good = [...points.values()].filter((point) => point.good).sort((a, b) => a.ts - b.ts);
        compare(found.get(name) ?? [], expectedWindows(key.metric, good, fn, edges), fn, `${fn} of ${name} ${when}`);
      }
    }
  }
}

function compare(
  found: readonly [number, number][],
  expected: readonly [number, number][],
  fn: WindowFunction,
  what: string,
): void {
  if (!SUMS.has(fn)) {
    expect(found, what).toEqual(expected);
    return;
  }
  expect(
    found.map(([start]) => start),
    what,
  ).toEqual(expected.map(([start]) => start));
  const wrong = expected.filter(([, value], i) => !near(found[i]![1], value));
  expect(wrong, what).toEqual([]);
}

const near = (a: number, b: number) => Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), 1e-6);
