import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Copies the write-ahead log into the state file from a thread of its own, so that the commits, which hold up
 * everything else, are left with little of it to do. Without it, or when it fails, SQLite does it all at a commit.
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
