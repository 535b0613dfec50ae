import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type HistorianOptions, startHistorian } from '../../../../src/historian/main-thread/start.js';
import type { Historian, RawChunk } from '../../../../src/historian/port/queries.js';
import { openJournal } from '../../../../src/journal/open.js';
import type { JournalOptions } from '../../../../src/journal/rows.js';
import { migrations } from '../../../../src/journal/schema.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';

export const WORKER = new URL('../../../../dist/src/historian/worker-thread/entry.js', import.meta.url);
export const T0 = Date.UTC(2026, 10, 2);
/** A day later, so that no item is ahead of its receipt. */
export const RECEIVED = T0 + 86_400_000;
export const POWER = { device: 'lc-xiedu-1/meter-1', metric: 'active_power_kw' } as const;

interface Logged {
  readonly level: string;
  readonly msg: string;
}

/** A journal and the historian's thread that follows it; both close with the test. */
export function openSpine(dir = tempDir(), journalOptions: JournalOptions = {}) {
  const state = openState(join(dir, 'park.sqlite'), { registry: registryTables, journal: migrations });
  const onListenerError = (error: unknown) => {
    throw error;
  };
  const journal = openJournal(state, onListenerError, journalOptions);
  onTestFinished(() => state.close());
  const logged: Logged[] = [];
  const log = (level: string) => (_obj: object, msg: string) => void logged.push({ level, msg });
  const start = async (options: Partial<HistorianOptions> = {}): Promise<Historian> => {
    const historian = await startHistorian({
      statePath: state.path,
      store: { kind: 'lake', folder: join(dir, 'lake') },
      timeZone: 'Asia/Shanghai',
      rawDays: 400,
      journal,
      clock: () => T0,
      workerUrl: WORKER,
      tickMs: 10,
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      ...options,
    });
    onTestFinished(() => historian.close());
    return historian;
  };
  const publish = (items: readonly object[], device = 'meter-1') =>
    journal.append({
      park: 'lc-xiedu-1',
      topic: `parks/lc-xiedu-1/energy/${device}/readings`,
      gateway: 'gw-1',
      receivedAt: RECEIVED,
      payload: Buffer.from(JSON.stringify(items)),
    });
  /** Power readings a tenth of a second apart, `count` of them from `first` on. */
  const publishSeries = async (count: number, first = 0) => {
    for (let from = first; from < first + count; from += 1000) {
      const length = Math.min(1000, first + count - from);
      await publish(
        Array.from({ length }, (_, i) => ({ ts: T0 + (from + i) * 100, values: { active_power_kw: from + i } })),
      );
    }
  };
  return { dir, state, journal, logged, start, publish, publishSeries };
}

/** Every value of an answer. */
export async function collect(chunks: AsyncIterable<RawChunk>): Promise<number[]> {
  const values: number[] = [];
  for await (const chunk of chunks) values.push(...chunk.value);
  return values;
}

export const all = { series: [POWER], from: T0 - 1000, to: T0 + 86_400_000 };
