import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../simulators/random.js';
import { untilReady } from './helpers/api.js';
import { LedgerGateways } from './helpers/ledger-gateways.js';
import { type Cut, FailingPower, noPowerCuts } from './helpers/power-cut.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { startService } from './helpers/service.js';

/** Each place once, then the first ones the other way: with a torn page in place of none, or without. */
const ROUNDS = 8;
const SEED = 20_261_127;
/** A round without its cut ends after this time, and the power goes then. */
const LONGEST_ROUND_MS = 3_000;
/** Small files, sealed and compacted often. */
const ENV = { PARK_LAKE_SEAL_ROWS: '3000', PARK_LAKE_SEAL_AGE_S: '1' };
const GATEWAYS = [
  ['power-1', 'lc-xiedu-1'],
  ['power-2', 'oh-diandu'],
] as const;

/** Where cuts strike, and within how many operations of a kind that a round has. */
const PLACES: Readonly<Record<string, { readonly match: string; readonly within: number }>> = {
  anywhere: { match: '', within: 2_500 },
  'the log of the journal': { match: 'park.sqlite-wal$', within: 1_500 },
  // The pages first, then the sync behind which the log may be used again.
  'a checkpoint': { match: 'park.sqlite$', within: 150 },
  // The file of a day, its sync and its name, then the manifest's.
  'a seal': { match: '/lake/', within: 120 },
  'a manifest': { match: 'manifest', within: 12 },
  'the roll-ups': { match: 'rollup', within: 60 },
};

describe.skipIf(noPowerCuts !== null)(`the disk after a power cut (${noPowerCuts ?? 'a preload library'})`, () => {
  const power = new FailingPower();
  afterAll(() => power.remove());

  it('has what was synced, and nothing else', () => {
    const own = new FailingPower();
    const script = `const fs = require('node:fs');
      const at = (name) => require('node:path').join(${JSON.stringify(own.dataDir)}, name);
      const put = (name, text, sync) => {
        const file = fs.openSync(at(name), 'a');
        fs.writeSync(file, text);
        if (sync) fs.fsyncSync(file);
        fs.closeSync(file);
      };
      const syncNames = () => { const folder = fs.openSync(at('.'), 'r'); fs.fsyncSync(folder); fs.closeSync(folder); };
      put('synced', 'kept', true); put('never-synced', 'lost', false); put('replaced', 'old', true); put('removed', 'back', true);
      syncNames();
      put('synced', ' lost', false); put('no-name', 'lost', true);
      put('new', 'new', true); fs.renameSync(at('new'), at('replaced')); fs.unlinkSync(at('removed'));
      process.kill(process.pid, 'SIGKILL');`;
    expect(() => execFileSync(process.execPath, ['-e', script], { env: own.environment() })).toThrow();
    own.restore();
    const read = (name: string) => readFileSync(join(own.dataDir, name), 'utf8');
    expect(['synced', 'never-synced', 'replaced', 'removed'].map(read)).toEqual(['kept', '', 'old', 'back']);
    expect(() => read('no-name')).toThrow(/ENOENT/);
    own.remove();
  });

  it(`holds every acknowledged reading exactly once after ${ROUNDS} cuts`, { timeout: 240_000 }, async () => {
    const random = randomStream(SEED);
    const gateways = new LedgerGateways(GATEWAYS, 3);
    const struck: Record<string, number> = {};
    const count = (what: string) => {
      struck[what] = (struck[what] ?? 0) + 1;
    };

    const round = async (cut?: Cut): Promise<'cut' | 'cut while starting' | 'killed'> => {
      const started = await startService({
        dataDir: power.dataDir,
        env: { ...ENV, ...power.environment(cut) },
      }).catch((error: Error) => {
        if (!error.message.includes('power cut at')) throw error;
        return null;
      });
      if (started === null) return 'cut while starting';
      const stopPublishing = await gateways.publish(started);
      const late = pause(LONGEST_ROUND_MS, 'killed' as const, { ref: false });
      const end = await Promise.race([late, started.exited.then(() => 'cut' as const)]);
      await started.kill();
      await stopPublishing({ abrupt: true });
      expect((await started.exited).signal).toBe('SIGKILL');
      return end;
    };

    // The first round makes the gateways, so its power lasts.
    count(`whole (${await round()})`);
    power.restore();
    const places = Object.entries(PLACES);
    for (let i = 0; i < ROUNDS; i += 1) {
      const [name, { match, within }] = places[i % places.length]!;
      const isTorn = i % 2 === Number(i < places.length);
      const tear = !isTorn ? {} : { tear: 1 + Math.floor(random() * 1e9) };
      count(`${name} (${await round({ match, after: Math.floor(random() * within), ...tear })})`);
      power.restore();
    }

    const { acknowledged, ledgers } = gateways;
    console.log(`${acknowledged} messages acknowledged; the power went at`, struck);
    expect(acknowledged).toBeGreaterThan(1_000);
    expect(Object.keys(struck).filter((what) => what.includes('(cut')).length).toBeGreaterThanOrEqual(4);

    const service = await startService({ dataDir: power.dataDir, env: ENV });
    try {
      await untilReady(service);
      for (const ledger of ledgers) expect(await compareWithLedger(service, ledger)).toEqual(NO_DISCREPANCY);
    } finally {
      await service.stop();
    }
  });
});
