import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Below the thread that answers gateways. */
const NICENESS = 10;

/**
 * Lowers the calling thread and every thread that `start` brings up, which would not inherit it: DuckDB makes its own
 * from Node's thread pool. On Linux a priority is one thread's; elsewhere it would be the whole process's.
 */
export async function atLowPriority<T>(start: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return start();
  lower(0);
  const before = new Set(threads());
  const started = await start();
  for (const id of threads()) if (!before.has(id)) lower(id);
  return started;
}

function threads(): number[] {
  return readdirSync('/proc/self/task').map(Number);
}

function lower(thread: number): void {
  try {
    setPriority(thread, NICENESS);
  } catch {
    // Not allowed here, or the thread is gone: it works without.
  }
}
