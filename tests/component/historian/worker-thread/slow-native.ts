import { DuckDBConnection } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';

/** Works for minutes in DuckDB's native code. */
export const SLOW = 'SELECT sum((a.range * b.range) % 7) FROM range(100000) a, range(100000) b';

/**
 * Puts `SLOW` in place of statements that contain `text`, in this thread. `begun` resolves when the first of them is
 * asked for; with `hold` it begins only once that resolves.
 */
export function slowly(text: string, hold: Promise<void> = Promise.resolve()): { readonly begun: Promise<void> } {
  const { stream, prepare } = DuckDBConnection.prototype;
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  DuckDBConnection.prototype.stream = async function (this: DuckDBConnection, sql, ...more) {
    if (!sql.includes(text)) return stream.call(this, sql, ...more);
    begin();
    await hold;
    return stream.call(this, SLOW);
  };
  DuckDBConnection.prototype.prepare = function (this: DuckDBConnection, sql) {
    if (!sql.includes(text)) return prepare.call(this, sql);
    begin();
    return prepare.call(this, SLOW);
  };
  onTestFinished(() => {
    Object.assign(DuckDBConnection.prototype, { stream, prepare });
  });
  return { begun };
}

/** Resolves when a connection is interrupted for the first time. */
export function interrupted(): Promise<void> {
  const { interrupt } = DuckDBConnection.prototype;
  onTestFinished(() => {
    DuckDBConnection.prototype.interrupt = interrupt;
  });
  return new Promise((resolve) => {
    DuckDBConnection.prototype.interrupt = function (this: DuckDBConnection) {
      interrupt.call(this);
      resolve();
    };
  });
}

const DUCKDB = import.meta.resolve('@duckdb/node-api');

/**
 * Code of a thread that runs the historian's own with `SLOW` in place of statements that contain `text`; posts
 * `{ type: 'warning', message: 'begun' }` when the first begins. `deaf`: interrupts do nothing.
 */
export const slowThread = (entry: URL, text: string, deaf = false) => `
  import { parentPort } from 'node:worker_threads';
  const { DuckDBConnection } = await import(${JSON.stringify(DUCKDB)});
  const { stream } = DuckDBConnection.prototype;
  DuckDBConnection.prototype.stream = function (sql, ...more) {
    if (!sql.includes(${JSON.stringify(text)})) return stream.call(this, sql, ...more);
    const answer = stream.call(this, ${JSON.stringify(SLOW)});
    parentPort.postMessage({ type: 'warning', message: 'begun' });
    return answer;
  };
  if (${deaf}) DuckDBConnection.prototype.interrupt = () => undefined;
  await import(${JSON.stringify(entry.href)});`;
