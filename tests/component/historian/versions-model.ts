import { join } from 'node:path';
import type { Historian } from '../../../src/historian/port/queries.js';
import type { Journal } from '../../../src/journal/port.js';
import Sqlite from '../../../src/sqlite.js';

/** Appends values of one series to the journal, and lists the versions that the historian has. */
export function versionsOf(journal: Pick<Journal, 'append' | 'head'>, park: string, t0: number) {
  const receivedAt = t0 + 3_600_000;
  const series = { device: `${park}/meter-1` as const, metric: 'active_power_kw' };
  return {
    /** `minute`: of the reading; `at`: milliseconds of its receipt. */
    send: (minute: number, value: number, at: number, more: { gateway?: string; replayedAt?: number } = {}) =>
      journal.append({
        park,
        topic: `parks/${park}/energy/meter-1/readings`,
        gateway: 'gw-1',
        receivedAt: receivedAt + at,
        payload: Buffer.from(JSON.stringify({ ts: t0 + minute * 60_000, values: { active_power_kw: value } })),
        ...more,
      }),
    /** Minute, value, receipt, gateway and whether it counts. */
    list: async (historian: Historian) => {
      await historian.caughtUp(journal.head());
      const found: (number | string | boolean | null)[][] = [];
      const query = { series: [series], from: t0, to: t0 + 3_600_000, limit: 100 };
      for await (const { ts, value, receivedAt: received, gateway, counts } of historian.versions(query)) {
        for (let i = 0; i < ts.length; i += 1) {
          const [minute, at] = [(ts[i]! - t0) / 60_000, received[i]! - receivedAt];
          found.push([minute, value[i]!, at, gateway[i]!, counts[i] === 1]);
        }
      }
      return found;
    },
  };
}

/** The rows of the version file, read without the service. */
export function rowsOf(dir: string): unknown[] {
  const db = new Sqlite(join(dir, 'versions.sqlite'), { readonly: true });
  try {
    return db.prepare('SELECT value, gateway FROM versions ORDER BY id').all();
  } finally {
    db.close();
  }
}
