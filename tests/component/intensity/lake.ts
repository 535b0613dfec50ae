import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { BucketQuery, Historian, HistoryLag } from '../../../src/historian/port/queries.js';
import { openConsumption } from '../../../src/intensity/consumption/consumption.js';
import type { KeptStore } from '../../../src/intensity/consumption/kept-store.js';
import { DEFAULT_LOSS_LIMITS } from '../../../src/intensity/model/boundary/losses.js';
import type { Meter, MeterTree, MeterVersion } from '../../../src/intensity/model/boundary/tree.js';
import { parseMonth } from '../../../src/intensity/model/statistics/period.js';
import type { MeterCorrections } from '../../../src/intensity/port.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { message } from '../../contract/historian/readings.js';

export const [HOUR, DAY] = [3_600_000, 86_400_000];
export const REGISTER = 'import_energy_kwh';
export const METER = { device: 'park-a/m-1', register: REGISTER } as const;
export const PARK = { kind: 'park', park: 'park-a' } as const;
export const MAY = Date.parse('2026-05-01T00:00:00+08:00');
export const NOW = Date.parse('2026-07-20T12:00:00+08:00');

export const meter = (from: number, to: number): MeterVersion => ({
  ...METER,
  ...{ carrier: 'electricity', park: 'park-a', role: 'main', owner: { kind: 'park', id: 'park-a' }, parent: null },
  ...{ from, to },
});

/** A lake with an hourly register from May on, 10 kWh an hour, and a book that the test edits. */
export async function lake() {
  const folder = await mkdtemp(join(tmpdir(), 'months-'));
  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
  await store.open();
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  let seq = 0;
  const put = (
    rows: readonly {
      readonly ts: number;
      readonly value: number;
      readonly metric?: string;
      readonly device?: string;
    }[],
  ) => {
    seq += 1;
    const messages = rows.map((row) => message({ device: 'm-1', metric: REGISTER, ...row }));
    return store.append([{ seq, messages }]);
  };
  const book = { tree: [meter(MAY, Number.POSITIVE_INFINITY)] as MeterTree };
  const said = {
    corrections: { swaps: [], voids: [], gapRules: [] } as MeterCorrections,
    keptSince: Number.NEGATIVE_INFINITY,
  };
  const listeners: ((change: { readonly meters: readonly Meter[] }) => void)[] = [];
  const asked: BucketQuery[] = [];
  /** The error of a question that fails. */
  const failing: { of: (query: BucketQuery) => Error | null } = { of: () => null };
  /** What answers lack. */
  const behind: { lag: HistoryLag | null } = { lag: null };
  /** Another one on the same lake and book, that remembers nothing but what the store keeps. */
  const open = (keptStore?: KeptStore) =>
    openConsumption({
      book: {
        tree: () => book.tree,
        corrections: () => said.corrections,
        lossLimits: () => DEFAULT_LOSS_LIMITS,
        keptSince: () => said.keptSince,
        onChanged: (listener) => void listeners.push(listener),
      },
      historian: {
        buckets: (query) => {
          asked.push(query);
          const error = failing.of(query);
          if (error !== null) throw error;
          return store.buckets(query);
        },
        raw: (query) => store.raw(query),
        lagSince: () => () => behind.lag,
        get stats() {
          return { rollups: store.stats().rollups } as Historian['stats'];
        },
      },
      registry: { device: () => undefined },
      zone: new TimeZone('Asia/Shanghai'),
      clock: () => NOW,
      ...(keptStore && { keptStore }),
    });
  const consumption = open();
  const months = async () =>
    (await consumption.months(PARK, 'electricity', parseMonth('2026-04')!, parseMonth('2026-09')!)).map(
      ({ month, quantity }) => [month, quantity.measured / 1000, quantity.estimated / 1000, quantity.dueMs / HOUR],
    );
  const settle = async (keepFrom: number) => {
    await store.flush();
    for (let i = 0; i < 6; i += 1) {
      do await store.maintain(NOW + i * DAY, keepFrom);
      while (store.stats().rollups.dirtySeries > 0 || (store.stats().rollups.rolledTo ?? 0) < NOW - HOUR);
    }
  };
  const change = () => {
    for (const listener of listeners) listener({ meters: [METER] });
  };
  return { put, book, said, store, consumption, open, months, settle, change, asked, behind, failing };
}
