import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Copies the write-ahead log into the state file on its own thread, so that the commits, which hold up everything else,
 * have little left to copy. Without the thread, or when it fails, SQLite copies everything during a commit.
 */
export class Checkpointer {
  private readonly thread: Worker;
  private readonly ended: Promise<unknown>;

  constructor(
    statePath: string,
    onError: (error: Error) => void,
    url: URL = new URL('./checkpoint-thread.js', import.meta.url),
  ) {
    this.thread = new Worker(url, { workerData: statePath, name: 'checkpoint' });
    this.thread.once('error', onError);
    this.ended = once(this.thread, 'exit').catch(() => undefined);
  }

  async close(): Promise<void> {
    this.thread.postMessage('close');
    await this.ended;
  }
}
