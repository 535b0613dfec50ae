import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type HistorianOptions, startHistorian } from '../../../../src/historian/main-thread/start.js';
import type { KeepRefused } from '../../../../src/historian/port/store.js';
import { openJournal } from '../../../../src/journal/open.js';
import { migrations as journalTables } from '../../../../src/journal/schema.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { testApp } from '../../../helpers/app.js';
import { connectionTo } from '../../../helpers/influx/engine.js';
import type { Engine } from '../../../helpers/influx/influx.js';
import { tempDir } from '../../../helpers/temp.js';

export const PARK = 'oh-diandu';
const WORKER = new URL('../../../../dist/src/historian/worker-thread/entry.js', import.meta.url);
export const LONG = { timeout: 20_000, interval: 50 };

/** The whole service on the engine, and a gateway that publishes energy readings. */
export async function serviceOn(env: Record<string, string>, dir = tempDir()) {
  const service = await testApp(env, dir);
  return {
    ...service,
    async meter(gateway = 'gw-1', device = 'meter-1') {
      const client = await service.mqtt(await service.gateway(gateway, PARK));
      return (items: unknown) =>
        client.publishAsync(`parks/${PARK}/energy/${device}/readings`, JSON.stringify(items), { qos: 1 });
    },
    async metric(name: string): Promise<number> {
      const text = await (await service.api('/metrics')).text();
      return Number(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
    },
    /** Public problem of the historian in `/health/ready`. */
    async health(): Promise<{ readonly ok: boolean; readonly problem?: string }> {
      const answer = await service.api('/health/ready', { token: '' });
      const { checks } = (await answer.json()) as { checks: { historian: { ok: boolean; problem?: string } } };
      return checks.historian;
    },
  };
}

/** Number of readings of each energy metric in the engine, queried without the service. */
export async function countsIn(engine: Engine, bucket: string, metrics: readonly string[], device = 'meter-1') {
  const counts: Record<string, number> = {};
  for (const metric of metrics) {
    const asked = `SELECT count("${metric}") FROM "energy" WHERE "device" = '${device}' AND time >= 0`;
    const [series] = await engine.query(bucket, asked);
    counts[metric] = (series?.values[0]?.[1] as number | undefined) ?? 0;
  }
  return counts;
}

/** Journal and historian without the rest of the service. */
export function historianOn(engine: Engine, bucket: string, url = engine.url) {
  const dir = tempDir();
  const state = openState(join(dir, 'park.sqlite'), { registry: registryTables, journal: journalTables });
  onTestFinished(() => state.close());
  const journal = openJournal(state, (error) => {
    throw error;
  });
  const logged: string[] = [];
  const log = (_: object, message: string) => void logged.push(message);
  const start = async (keepRefused: KeepRefused, options: Partial<HistorianOptions> = {}) => {
    const historian = await startHistorian({
      statePath: state.path,
      store: {
        kind: 'influxdb',
        folder: join(dir, 'influxdb'),
        bucket,
        ...connectionTo(engine, url),
      },
      timeZone: 'Asia/Shanghai',
      rawDays: 400,
      journal,
      workerUrl: WORKER,
      tickMs: 50,
      log: { info: log, warn: log, error: log },
      keepRefused,
      ...options,
    });
    onTestFinished(() => historian.close());
    return historian;
  };
  const publish = (items: unknown, receivedAt = Date.now()) =>
    journal.append({
      park: PARK,
      topic: `parks/${PARK}/energy/meter-1/readings`,
      gateway: 'gw-1',
      receivedAt,
      payload: Buffer.from(JSON.stringify(items)),
    });
  return { dir, state, journal, logged, start, publish };
}

/** Resolves once `check` passes. */
export const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, LONG);
