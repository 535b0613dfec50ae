import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { untilReady } from './helpers/api.js';
import { makeGateway } from './helpers/gateways.js';
import { Ledger } from './helpers/ledger.js';
import { LedgerPublisher } from './helpers/publisher.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';

const dataDir = makeDataDir();
afterAll(() => removeDataDir(dataDir));

async function publish(service: RunningService, device: string, messages: number): Promise<Ledger> {
  const login = await makeGateway(service, 'restore-1', 'oh-diandu');
  const ledger = new Ledger('oh-diandu', [`${device}-1`, `${device}-2`], Date.now() - 15 * 60_000);
  const publisher = new LedgerPublisher(service, login, ledger, { messagesPerSecond: 400, window: 10 });
  await publisher.start();
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(messages), { timeout: 15_000 });
  await publisher.stop();
  return ledger;
}

describe('a state file that is older than the lake, as after a restore', () => {
  it('still keeps every reading that is acknowledged from now on', { timeout: 90_000 }, async () => {
    const before = await startService({ dataDir });
    const old = await publish(before, 'old', 500);
    await before.stop();
    for (const name of readdirSync(dataDir)) if (name.startsWith('park.sqlite')) rmSync(join(dataDir, name));

    const service = await startService({ dataDir });
    try {
      await untilReady(service);
      const fresh = await publish(service, 'new', 100);
      expect(await compareWithLedger(service, fresh)).toEqual(NO_DISCREPANCY);
      expect(old.acknowledged).toBeGreaterThan(500);
    } finally {
      await service.stop();
    }
  });
});
