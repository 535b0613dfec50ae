import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { metric, readiness, untilReady } from './helpers/api.js';
import { makeGateway } from './helpers/gateways.js';
import { Ledger } from './helpers/ledger.js';
import { LedgerPublisher } from './helpers/publisher.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';

const PARK = 'oh-diandu';
const FAILED_COMMITS = 'park_state_failed_commits_total';
/** Refusals to see before the disk gets better: enough that the gateway tried again and again. */
const REFUSALS = 3;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A gateway that publishes until it is stopped. */
async function publish(service: RunningService): Promise<LedgerPublisher> {
  const login = await makeGateway(service, 'disk-1', PARK);
  const ledger = new Ledger(PARK, ['disk-m1', 'disk-m2', 'disk-m3', 'disk-m4'], Date.now() - 15 * 60_000);
  const publisher = new LedgerPublisher(service, login, ledger, { messagesPerSecond: 200, window: 20 });
  await publisher.start();
  cleanups.push(() => publisher.stop({ abrupt: true }));
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(200), { timeout: 10_000 });
  return publisher;
}

/** Breaks the disk under load, sees the service refuse and say so, mends it, and sees everything acknowledged again. */
async function breakAndMend(service: RunningService, breakDisk: () => void, mendDisk: () => void): Promise<void> {
  const publisher = await publish(service);
  const { ledger } = publisher;
  const failedBefore = (await metric(service, FAILED_COMMITS)) ?? 0;

  breakDisk();
  await vi.waitFor(async () => expect((await readiness(service)).status).toBe(503), { timeout: 20_000, interval: 50 });
  // A large commit meets the full disk before the small ones do, which still find room in the log for a while.
  let { acknowledged } = ledger;
  let { lost } = publisher;
  await vi.waitFor(
    () => {
      if (ledger.acknowledged !== acknowledged) {
        acknowledged = ledger.acknowledged;
        lost = publisher.lost;
      }
      expect(publisher.lost).toBeGreaterThanOrEqual(lost + REFUSALS);
    },
    { timeout: 20_000, interval: 10 },
  );
  expect((await readiness(service)).body).toMatch(/disk|full|storage|stored|I\/O/i);
  expect(ledger.acknowledged).toBe(acknowledged);
  expect(await metric(service, FAILED_COMMITS)).toBeGreaterThan(failedBefore);
  expect((await fetch(`${service.http}/health/live`)).status).toBe(200);

  mendDisk();
  await untilReady(service, 20_000);
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(acknowledged + 200), { timeout: 20_000 });
  await publisher.stop();
  await vi.waitFor(async () => expect(await compareWithLedger(service, ledger)).toEqual(NO_DISCREPANCY), {
    timeout: 10_000,
  });
}

async function start(dataDir: string): Promise<RunningService> {
  const service = await startService({ dataDir });
  cleanups.push(() => service.stop());
  await untilReady(service);
  return service;
}

const hasPrlimit = !spawnSync('prlimit', ['--version']).error;

describe.skipIf(!hasPrlimit)('a disk that fails every write (needs prlimit)', () => {
  it('gets no PUBACK out of the service, which says so, stays up, and goes on by itself', {
    timeout: 90_000,
  }, async () => {
    const dataDir = makeDataDir();
    cleanups.push(() => removeDataDir(dataDir));
    const service = await start(dataDir);
    const limitFiles = (bytes: string) => execFileSync('prlimit', ['--pid', String(service.pid), `--fsize=${bytes}:`]);
    await breakAndMend(
      service,
      () => limitFiles('0'),
      () => limitFiles('unlimited'),
    );
  });
});

const DISK_BYTES = 64 * 1024 * 1024;

/** A file system in memory that can be filled; null where mounting is not allowed. */
function mountSmallDisk(): string | null {
  if (process.platform !== 'linux') return null;
  const dir = makeDataDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', dir]);
  if (mounted.status === 0) return dir;
  removeDataDir(dir);
  return null;
}

/** Writes until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 512; size = Math.floor(size / 2)) {
      try {
        for (;;) if (writeSync(file, Buffer.alloc(size)) < size) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

const disk = mountSmallDisk();

describe.skipIf(disk === null)('a disk that is full (needs the right to mount)', () => {
  it('gets no PUBACK out of the service, which says so, stays up, and goes on by itself', {
    timeout: 90_000,
  }, async () => {
    const mountedAt = disk as string;
    cleanups.push(() => {
      execFileSync('umount', [mountedAt]);
      removeDataDir(mountedAt);
    });
    const dataDir = join(mountedAt, 'data');
    mkdirSync(dataDir);
    const ballast = join(mountedAt, 'ballast');
    const service = await start(dataDir);
    await breakAndMend(
      service,
      () => fill(ballast),
      () => rmSync(ballast),
    );
    expect(existsSync(ballast)).toBe(false);
  });
});
