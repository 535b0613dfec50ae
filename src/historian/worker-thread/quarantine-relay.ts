import type { RefusedReadings } from '../port/store.js';
import type { FromWorker } from './protocol.js';

const CLOSING = 'the historian is closing';

/** Sends refused readings to the main thread and waits until it has stored them in quarantine. */
export class QuarantineRelay {
  /** Readings stored in quarantine. */
  kept = 0;
  private ids = 0;
  private closed = false;
  private readonly waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();

  constructor(private readonly post: (message: FromWorker) => void) {}

  /** @throws when the main thread cannot store them at present */
  async keep(refused: readonly RefusedReadings[]): Promise<void> {
    if (this.closed) throw new Error(CLOSING);
    const id = ++this.ids;
    await new Promise<void>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post({ type: 'refused', id, refused });
    });
    for (const { message } of refused) this.kept += message.readings.length;
  }

  answered(id: number, error: string | null): void {
    const waiter = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === null) waiter?.resolve();
    else waiter?.reject(new Error(`refused readings cannot be kept: ${error}`));
  }

  /** Rejects all calls that wait: no answer will come. */
  close(): void {
    this.closed = true;
    for (const id of [...this.waiting.keys()]) this.answered(id, CLOSING);
  }
}
