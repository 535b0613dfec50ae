import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import type { ReadingsBatch } from '../../../../src/historian/port/store.js';
import { DATA_FLAGS, QUALITIES } from '../../../../src/model/reading.js';
import {
  DAY,
  HOUR,
  message,
  type Row,
  readRaw,
  readWindows,
  type StoredRow,
  T0,
} from '../../../contract/historian/readings.js';
import { expectedWindows } from '../rollup/oracle.js';

const DEVICES = ['park-a/m-1', 'park-a/m-2', 'park-a/m-3'] as const;
const METRIC = 'active_power_kw';

/** Few series and few times, on both sides of midnight: repeats and overlaps are frequent. */
const row: fc.Arbitrary<Row> = fc.record({
  device: fc.constantFrom(...DEVICES),
  ts: fc.integer({ min: 0, max: 30 }).map((slot) => T0 + DAY - 10 * HOUR + slot * HOUR),
  value: fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10),
  flag: fc.constantFrom(...DATA_FLAGS.slice(0, 3)),
  quality: fc.constantFrom(...QUALITIES),
  // No receipt is further in the future than ingest accepts.
  receivedAt: fc.integer({ min: 2 * 86_400_000, max: 40 * 86_400_000 }).map((late) => T0 + late),
});
const action = fc.oneof(
  { weight: 6, arbitrary: fc.array(row, { maxLength: 12 }).map((rows) => ({ do: 'append' as const, rows })) },
  { weight: 2, arbitrary: fc.constant({ do: 'seal' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'maintain' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);

it('any order of appending, sealing, compacting and reopening answers like a plain map', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 3, maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      async (actions, sealRows) => {
        const folder = await mkdtemp(join(tmpdir(), 'lake-model-'));
        const compaction = { maxFilesPerDay: 3, maxRows: 8, quietMs: 0 };
        const options = { folder, timeZone: 'Asia/Shanghai', sealRows, compaction, threads: 1 };
        let store = new LakeStore(options);
        await store.open();
        const model = new Map<string, StoredRow & { readonly device: string }>();
        const journal: ReadingsBatch[] = [];
        try {
          for (const step of actions) {
            if (step.do === 'append') {
              const batch = {
                seq: journal.length + 1,
                messages: step.rows.map((one) => message({ metric: METRIC, ...one })),
              };
              journal.push(batch);
              await store.append([batch]);
              for (const { device, receivedAt, readings } of batch.messages) {
                for (const { metric: _metric, ...reading } of readings)
                  model.set(`${device} ${reading.ts}`, { device, receivedAt, ...reading });
              }
            } else if (step.do === 'seal') await store.flush();
            else if (step.do === 'maintain') await store.maintain(T0 + 5 * DAY, 0);
            else {
              await store.close();
              store = new LakeStore(options);
              await store.open();
              for (const batch of journal.slice(Math.max(0, store.durableSeq() - 1))) await store.append([batch]);
            }
          }
          await compare(store, [...model.values()]);
        } finally {
          await store.close();
          await rm(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 25 },
  ),
);

async function compare(store: LakeStore, rows: readonly (StoredRow & { readonly device: string })[]): Promise<void> {
  const latest = new Map((await store.latest({})).map((value) => [value.device, value]));
  for (const device of DEVICES) {
    const expected = rows.filter((one) => one.device === device).sort((a, b) => a.ts - b.ts);
    const series = { device, metric: METRIC };
    expect(await readRaw(store, series)).toEqual(expected.map(({ device: _device, ...stored }) => stored));
    const newest = expected.at(-1);
    if (newest === undefined) expect(latest.get(device)).toBeUndefined();
    else expect(latest.get(device)).toMatchObject(newest);

    const edges = [T0, T0 + DAY, T0 + DAY + 5 * HOUR, T0 + 3 * DAY];
    const good = expected.filter((one) => one.quality === 'good');
    for (const fn of ['first', 'last', 'count', 'min', 'max'] as const) {
      expect(await readWindows(store, series, fn, edges)).toEqual(expectedWindows(METRIC, good, fn, edges));
    }
  }
}
