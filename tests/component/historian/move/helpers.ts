import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { InfluxStore } from '../../../../src/historian/influxdb/store.js';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import { type MoveEvent, type MoveOptions, moveHistory } from '../../../../src/historian/move/move.js';
import type { MovableStore } from '../../../../src/historian/move/port.js';
import { type SeriesKey, WINDOW_FUNCTIONS } from '../../../../src/historian/port/queries.js';
import type { ResultMeasurement, ResultSeries } from '../../../../src/historian/port/results.js';
import { openJournal } from '../../../../src/journal/open.js';
import type { Journal } from '../../../../src/journal/port.js';
import { migrations } from '../../../../src/journal/schema.js';
import { openState } from '../../../../src/state/open.js';
import { DAY, HOUR, message, type Row, rowsOf, type StoredRow, T0 } from '../../../contract/historian/readings.js';
import type { Engine } from '../../../helpers/influx/influx.js';
import { tempDir } from '../../../helpers/temp.js';

export const ZONE = 'Asia/Shanghai';
export const RAW_DAYS = 400;

/** A place whose store can be closed and opened again. */
export interface Place {
  /** Closing a store loses its unflushed batches. */
  readonly forgets: boolean;
  open(): Promise<MovableStore>;
}

export function lakePlace(folder = tempDir()): Place {
  return { forgets: true, open: () => opened(new LakeStore({ folder, timeZone: ZONE, sealRows: 5_000 })) };
}

export function influxPlace(engine: Engine, url = engine.url, bucket = engine.freshBucket()): Place {
  const { api, token, org } = engine;
  const folder = tempDir();
  const options = {
    folder,
    url,
    api,
    bucket,
    ...(token !== undefined && { token }),
    ...(org !== undefined && { org }),
    rawDays: 36_500,
    timeZone: ZONE,
    tagsOf: () => ({ district: 'north', enterprise: '' }),
    keepRefused: () => Promise.reject(new Error('nothing should be refused')),
    onWarning: () => undefined,
  };
  return { forgets: false, open: () => opened(new InfluxStore(options)) };
}

const closers = new WeakMap<MovableStore, () => Promise<void>>();

async function opened(store: MovableStore): Promise<MovableStore> {
  await store.open();
  let open = true;
  const close = async () => {
    if (open) await store.close();
    open = false;
  };
  closers.set(store, close);
  onTestFinished(close);
  return store;
}

/** Closes a store before its test ends. */
export const close = (store: MovableStore): Promise<void> => closers.get(store)?.() ?? Promise.resolve();

/** What a stopped service leaves behind: a journal, and the progress of moves. */
export class Site {
  readonly journal: Journal;
  readonly events: MoveEvent[] = [];
  private readonly folder = tempDir();
  private readonly stop = { controller: new AbortController() };

  constructor() {
    const state = openState(join(this.folder, 'park.sqlite'), { journal: migrations });
    onTestFinished(() => state.close());
    this.journal = openJournal(state, () => undefined, { followers: ['historian', 'alarms'] });
  }

  /** Interrupts the running move at its next step. */
  abort(): void {
    this.stop.controller.abort();
  }

  move(from: MovableStore, to: MovableStore, options: Partial<MoveOptions> = {}) {
    this.stop.controller = new AbortController();
    this.events.length = 0;
    return moveHistory({
      from: { store: from, name: 'here' },
      to: { store: to, name: 'there' },
      journal: this.journal,
      rawDays: RAW_DAYS,
      now: T0 + 40 * DAY,
      progressPath: join(this.folder, 'migration.json'),
      signal: this.stop.controller.signal,
      ...options,
      report: (event) => {
        this.events.push(event);
        options.report?.(event);
      },
    });
  }
}

/** Appends rows as the journal's next batch. */
export async function put(store: MovableStore, seq: number, rows: readonly Row[]): Promise<void> {
  await store.append([{ seq, messages: rows.map((row) => message(row)) }]);
}

/** Rolls up, corrects and drops everything that is due. */
export async function keepHouse(store: MovableStore, now: number, keepFrom = Number.NEGATIVE_INFINITY) {
  const due = Math.floor((now - 600_000) / HOUR) * HOUR;
  await store.flush();
  do await store.maintain(now, keepFrom);
  while (store.rollupMaker.rolledTo < due || store.rollupMaker.droppable < due - HOUR);
  if (Number.isFinite(keepFrom)) await store.maintain(now, keepFrom);
}

/** Every result of a measurement. */
export async function resultsOf(store: MovableStore, measurement: ResultMeasurement): Promise<ResultSeries[]> {
  const found: ResultSeries[] = [];
  const whole = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, limit: 100_000 };
  for await (const series of store.results({ measurement, where: {}, ...whole })) found.push(series);
  return found;
}

const [FROM, TO] = [T0 - 500 * DAY, T0 + 60 * DAY];

/** Every reading of some series, by series. */
export async function allRaw(store: MovableStore, series: readonly SeriesKey[]): Promise<Map<string, StoredRow[]>> {
  const found = new Map<string, StoredRow[]>(series.map(({ device, metric }) => [`${device}/${metric}`, []]));
  for await (const chunk of store.raw({ series, from: FROM, to: TO, limit: 1_000_000 })) {
    found.get(`${chunk.series.device}/${chunk.series.metric}`)!.push(...rowsOf(chunk));
  }
  return found;
}

const hours = (from: number, count: number, step: number) =>
  Array.from({ length: count + 1 }, (_, i) => from + i * step);

/** Hours, days of the zone, windows off the hour, and one window over everything. */
const EDGES = [
  hours(T0 - 2 * DAY, 20 * 24, HOUR),
  hours(T0 - 2 * DAY - 8 * HOUR, 40, DAY),
  hours(T0 - 2 * DAY, 160, 3 * HOUR),
  [T0 - 300 * DAY, T0 + 59 * DAY],
];

/** Answers of every function over windows of the whole time; rounds figures that depend on the order of addition. */
export async function allWindows(
  store: MovableStore,
  series: readonly SeriesKey[],
): Promise<Map<string, [number, number][]>> {
  const found = new Map<string, [number, number][]>();
  for (const fn of WINDOW_FUNCTIONS) {
    for (const [i, edges] of EDGES.entries()) {
      for await (const chunk of store.windows({ series, edges: Float64Array.from(edges), fn })) {
        const name = `${fn} ${i} ${chunk.series.device}/${chunk.series.metric}`;
        const known = found.get(name) ?? [];
        chunk.start.forEach((start, k) => void known.push([start, Number(chunk.value[k]!.toPrecision(10))]));
        found.set(name, known);
      }
    }
  }
  return found;
}

export const byName = <T extends SeriesKey>(values: readonly T[]): T[] =>
  [...values].sort((a, b) => (`${a.device}/${a.metric}` < `${b.device}/${b.metric}` ? -1 : 1));
