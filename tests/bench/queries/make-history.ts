import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LakeFile, saveManifest } from '../../../src/historian/lake/catalog/manifest.js';
import { SeriesDictionary } from '../../../src/historian/lake/catalog/series-dictionary.js';
import { Engine } from '../../../src/historian/lake/engine.js';
import { rowsPerFile, seriesRanges } from '../../../src/historian/lake/maintain/compaction.js';
import { LakeStore } from '../../../src/historian/lake/store.js';
import { DayFolders } from '../../../src/historian/lake/write/day-folders.js';
import { writeFiles } from '../../../src/historian/lake/write/write-file.js';
import { DAY_MS } from '../../../src/model/time/duration.js';
import { devicesFor, type MadeDevice, METRICS_PER_DEVICE, PROFILES } from './profile.js';

export const HISTORY_DAYS = 40;

export interface MadeHistory {
  readonly devices: readonly MadeDevice[];
  /** Start of the first day and end of the last, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/**
 * Writes a history of about `rows` readings in the lake's own files: noisy values as instruments round them, a third of
 * the clocks not on the full second, receipt 40 ms later plus an exponential jitter. The days end yesterday.
 */
export async function makeHistory(
  folder: string,
  rows: number,
  progress: (text: string) => void,
): Promise<MadeHistory> {
  mkdirSync(folder, { recursive: true });
  const devices = devicesFor(rows / HISTORY_DAYS);
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const from = to - HISTORY_DAYS * DAY_MS;
  const series = await SeriesDictionary.open(folder);
  for (const { device, domain } of devices) {
    series.device(device, 'bench-park', domain);
    for (const { metric } of PROFILES[domain]) series.number(device, metric);
  }
  await series.sync();

  const engine = await Engine.open({ spillFolder: join(folder, 'tmp', 'made'), memoryMb: 1024, threads: 2 });
  const days = new DayFolders(folder);
  const files: LakeFile[] = [];
  for (let day = 0; day < HISTORY_DAYS; day += 1) {
    const range = { day: from + day * DAY_MS, seqFrom: 1, seqTo: 1, sealedAt: to };
    await makeMessages(engine, devices, range.day, day);
    for (const [part, [first, last]] of parts(devices).entries()) {
      const content = { rows: readings(day, first, last), name: `made-${part}`, range };
      files.push(...(await writeFiles({ engine, folder, days }, [content], 'compact')));
    }
    if (day % 10 === 9) progress(`${files.reduce((sum, one) => sum + one.rows, 0)} readings made`);
  }
  engine.close();
  await series.close();
  await saveManifest(folder, {
    version: 1,
    generation: 1,
    sealedSeq: 0,
    series: devices.length * METRICS_PER_DEVICE,
    latest: null,
    keptFrom: 0,
    files,
  });
  progress('making the roll-ups');
  await finish(folder, to);
  return { devices, from, to };
}

/** One row for every message of a day. */
async function makeMessages(engine: Engine, devices: readonly MadeDevice[], start: number, day: number): Promise<void> {
  const list = devices.map(({ dev, stepMs }) => `(${dev}, ${stepMs})`).join(', ');
  await engine.run({
    sql: `CREATE OR REPLACE TABLE messages AS
      SELECT dev, i,
        ${start} + i * step + CASE WHEN dev % 3 = 0 THEN dev * 37 % 1000 + (hash(dev, ${day}, i, 1) % 41)::BIGINT ELSE 0 END AS ts,
        (40 - 25 * ln((hash(dev, ${day}, i, 2) % 1000000 + 1)::DOUBLE / 1000001.0))::BIGINT AS receipt,
        i * step / ${DAY_MS}.0 AS f
      FROM (SELECT dev, step, unnest(range(0, ${DAY_MS} // step)) AS i FROM (VALUES ${list}) t(dev, step))`,
  });
}

/** Devices whose readings of a day go into one file, as a merge would cut them. */
function parts(devices: readonly MadeDevice[]): [number, number][] {
  const counts = devices.map(({ dev, stepMs }) => [dev, (DAY_MS / stepMs) * METRICS_PER_DEVICE] as const);
  const total = counts.reduce((sum, [, rows]) => sum + rows, 0);
  return seriesRanges(counts, rowsPerFile(total, Number.POSITIVE_INFINITY));
}

function readings(day: number, first: number, last: number): string {
  const cases = Object.entries(PROFILES).flatMap(([domain, metrics]) =>
    metrics.map(
      ({ sql }, m) =>
        `SELECT (dev * ${METRICS_PER_DEVICE} + ${m})::INTEGER AS series, ts, (${sql})::DOUBLE AS value, 0::UTINYINT AS flag, ` +
        `0::UTINYINT AS quality, receipt FROM (SELECT *, ${day} AS d FROM messages) ` +
        `WHERE dev BETWEEN ${first} AND ${last} AND dev % 4 ${domain === 'wastewater' ? '=' : '<>'} 3`,
    ),
  );
  return `SELECT * FROM (${cases.join(' UNION ALL ')})`;
}

/** An empty seal keeps the latest values, and housekeeping makes the roll-ups: the history as the service would have left it. */
async function finish(folder: string, to: number): Promise<void> {
  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
  await store.open();
  await store.append([{ seq: 1, messages: [] }]);
  await store.flush();
  const now = to + DAY_MS;
  do await store.maintain(now, 0);
  while ((store.stats().rollups.rolledTo ?? 0) < to || (await daysRolled(store)) < to - DAY_MS);
  await store.close();
}

/** Start of the newest day that is rolled up. */
async function daysRolled(store: LakeStore): Promise<number> {
  let newest = 0;
  for await (const { rollups: rows } of store.rollupStore.readAll('day', 0, Date.now()))
    newest = Math.max(newest, rows.at(-1)!.start);
  return newest;
}
