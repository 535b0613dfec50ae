import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchOptions, type BenchResult, percentile } from './report.js';

const BENCH = 'disk';
/** What a commit of a few messages writes to the log, and how often such commits come in a stream, ms. */
const WRITE_BYTES = 8 * 1024;
const EVERY_MS = 2;
/** The log is overwritten in place, as SQLite does between checkpoints. */
const FILE_BYTES = 4 * 1024 * 1024;

/**
 * The disk alone, with nothing else running: how long a sync of a small write takes. Every acknowledgement waits for one
 * and every alarm for two, so no latency figure can be better than this.
 */
export async function benchDisk(options: BenchOptions): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'park-bench-'));
  const file = openSync(join(dir, 'log'), 'w');
  const times: number[] = [];
  try {
    writeSync(file, Buffer.alloc(FILE_BYTES));
    fdatasyncSync(file);
    const block = Buffer.alloc(WRITE_BYTES, 1);
    for (let i = 0; i < (options.quick ? 1_000 : 5_000); i += 1) {
      writeSync(file, block, 0, WRITE_BYTES, (i * WRITE_BYTES) % FILE_BYTES);
      const started = performance.now();
      fdatasyncSync(file);
      times.push(performance.now() - started);
      await sleep(EVERY_MS);
    }
  } finally {
    closeSync(file);
    rmSync(dir, { recursive: true, force: true });
  }
  const figure = (name: string, value: number) => ({ bench: BENCH, name, value, unit: 'ms' });
  return {
    figures: [
      figure('sync of 8 KiB, p50', percentile(times, 50)),
      figure('sync of 8 KiB, p99', percentile(times, 99)),
      figure('sync of 8 KiB, p99.9', percentile(times, 99.9)),
      figure('sync of 8 KiB, longest', Math.max(...times)),
    ],
    remarks: [],
  };
}
