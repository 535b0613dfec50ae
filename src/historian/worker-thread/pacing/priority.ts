import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Lower priority than the thread that serves gateways. */
const NICENESS = 10;

/**
 * Lowers the priority of the calling thread and of all that `start` creates: DuckDB's come from Node's pool and do not
 * inherit it. Only on Linux, where a priority belongs to a thread and not to the process.
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
    // The process lacks the permission, or the thread has ended: the service works without.
  }
}
