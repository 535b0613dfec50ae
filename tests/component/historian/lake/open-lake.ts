import { readdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { LakeOptions } from '../../../../src/historian/lake/open.js';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import { DAY, message, type Row, T0 } from '../../../contract/historian/readings.js';

/** Long after every reading: all days are over and get no new files. */
export const LATER = T0 + 40 * DAY;

/** An open lake that closes with the test, or earlier by `end`. */
export async function openLake(folder: string, options: Partial<LakeOptions> = {}) {
  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai', ...options });
  await store.open();
  let open = true;
  const close = async () => {
    if (open) await store.close();
    open = false;
  };
  onTestFinished(close);
  return Object.assign(store, { end: close });
}

export const batch = (seq: number, ...rows: Row[]) => ({ seq, messages: rows.map((row) => message(row)) });

/** Every Parquet file below the lake. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();
}
