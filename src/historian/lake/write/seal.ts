import { DAY_MS } from '../../../model/time/duration.js';
import type { LakeFile } from '../catalog/manifest.js';
import { type Engine, EngineInvalidatedError } from '../engine.js';
import type { HotTable } from './hot-table.js';
import { type FileRange, removeFiles, writeFile } from './write-file.js';

/**
 * Writes a frozen hot table as one file for each UTC day it touches; nothing is left behind when one fails.
 * @throws EngineInvalidatedError when the table has not the rows it was given
 */
export async function sealTable(
  engine: Engine,
  folder: string,
  table: HotTable,
  name: string,
  range: Omit<FileRange, 'day'>,
): Promise<LakeFile[]> {
  const files: LakeFile[] = [];
  try {
    const [count] = await engine.first({ sql: `SELECT count(*) FROM ${table.name}` });
    if (count !== table.rows) {
      throw new EngineInvalidatedError(`${table.name} is invalidated: it has ${count} rows instead of ${table.rows}`);
    }
    for (const day of [...table.days.values()].sort((a, b) => a.day - b.day)) {
      const rows =
        `SELECT series, ts, value, flag, quality, receipt FROM ${table.name} ` +
        `WHERE ts >= ${day.day} AND ts < ${day.day + DAY_MS}` +
        (day.repeats ? ' QUALIFY row_number() OVER (PARTITION BY series, ts ORDER BY rowid DESC) = 1' : '');
      const file = await writeFile(engine, folder, rows, name, { day: day.day, ...range }, 'seal');
      if (file !== null) files.push(file);
    }
    return files;
  } catch (error) {
    await removeFiles(folder, files).catch(() => undefined);
    throw error;
  }
}
