import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../simulators/random.js';
import { untilReady } from './helpers/api.js';
import { LedgerGateways } from './helpers/ledger-gateways.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { killWhileStarting, makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';

const KILLS = 14;
const SEED = 20_261_123;
const LONGEST_ROUND_MS = 900;
const LONGEST_STOP_MS = 4_000;
/** Small files, sealed and compacted often, so that kills strike while they are written. */
const ENV = { PARK_LAKE_SEAL_ROWS: '5000', PARK_LAKE_SEAL_AGE_S: '1' };

const GATEWAYS = [
  ['crash-1', 'lc-xiedu-1'],
  ['crash-2', 'lw-zhenan'],
  ['crash-3', 'oh-diandu'],
] as const;

/** How a round ends: after a while of load; as soon as the lake writes; in a clean stop; before the service listens. */
const MOMENTS = ['while publishing', 'while the lake writes', 'while stopping', 'while starting'] as const;
type Moment = (typeof MOMENTS)[number];
/** Share of the clean stops that are let through, so that later kills find a sealed lake. */
const LET_THROUGH = 0.4;

const dataDir = makeDataDir();
afterAll(() => removeDataDir(dataDir));

/** Resolves with true when something changes in the lake's folder, with false after `timeoutMs`. */
function lakeWrites(timeoutMs: number): Promise<boolean> {
  const folder = join(dataDir, 'lake');
  return new Promise((resolve) => {
    const done = (seen: boolean) => {
      watcher?.close();
      clearTimeout(timer);
      resolve(seen);
    };
    const timer = setTimeout(() => done(false), timeoutMs);
    const watcher = existsSync(folder) ? watch(folder, { recursive: true }, () => done(true)) : undefined;
  });
}

/** Seals and compactions that the lake completed, as its manifest counts them. */
function lakeGeneration(): number {
  const path = join(dataDir, 'lake', 'manifest.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { generation: number }).generation : 0;
}

describe('a service killed with SIGKILL under load', () => {
  it(`returns every acknowledged reading exactly once after ${KILLS} kills`, { timeout: 180_000 }, async () => {
    const random = randomStream(SEED);
    const gateways = new LedgerGateways(GATEWAYS, 4);
    const ends: Record<string, number> = {};
    let struck = 0;
    const count = (end: Moment | 'stopped cleanly') => {
      ends[end] = (ends[end] ?? 0) + 1;
      if (end !== 'stopped cleanly') struck += 1;
    };

    const round = async (service: RunningService, moment: Moment): Promise<Moment | 'stopped cleanly'> => {
      const stopPublishing = await gateways.publish(service);
      let struck: Moment = moment;
      await pause(random() * LONGEST_ROUND_MS);
      if (moment === 'while the lake writes' && !(await lakeWrites(LONGEST_ROUND_MS))) struck = 'while publishing';
      if (moment === 'while stopping') {
        // A clean stop seals what is in memory: strike around the moment it writes.
        const writes = lakeWrites(LONGEST_STOP_MS);
        process.kill(service.pid, 'SIGTERM');
        await Promise.race([writes, service.exited]);
        await (random() < LET_THROUGH ? service.exited : pause(random() * 60));
      }
      await service.kill();
      await stopPublishing({ abrupt: true });
      const { signal } = await service.exited;
      return signal === 'SIGKILL' ? struck : 'stopped cleanly';
    };

    for (let i = 0; i < 2 * KILLS && struck < KILLS; i += 1) {
      const moment = MOMENTS[i % MOMENTS.length] as Moment;
      if (moment === 'while starting') {
        await killWhileStarting({ dataDir, env: ENV }, random() * 1_000);
        count(moment);
        continue;
      }
      count(await round(await startService({ dataDir, env: ENV }), moment));
    }

    const { acknowledged, ledgers } = gateways;
    console.log(`${acknowledged} messages acknowledged; rounds ended`, ends, `lake generation ${lakeGeneration()}`);
    expect(struck).toBe(KILLS);
    expect(acknowledged).toBeGreaterThan(1_000);

    const service = await startService({ dataDir, env: ENV });
    try {
      await untilReady(service);
      for (const ledger of ledgers) expect(await compareWithLedger(service, ledger)).toEqual(NO_DISCREPANCY);
      expect(lakeGeneration()).toBeGreaterThan(0);
    } finally {
      await service.stop();
    }
  });
});
