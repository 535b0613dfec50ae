import type { DeviceReadings } from '../../model/reading.js';
import type { HistorianStore } from '../port/store.js';

/** Bytes that a reading has in the journal, about; the target says in these how much it wants at once. */
const READING_BYTES = 32;
/** Batches in flight to the target: while it works on one, the next is made ready. */
const AT_ONCE = 2;

/** Hands messages to the target in batches, numbered on and on. */
export class Sender {
  private messages: DeviceReadings[] = [];
  private held = 0;
  private readonly inFlight: Promise<void>[] = [];

  constructor(
    private readonly store: HistorianStore,
    /** The number of the last batch the target had. */
    private seq: number,
    /** Numbers from here on belong to others. */
    private readonly seqEnd: number,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws what an earlier batch failed with */
  async send(messages: readonly DeviceReadings[]): Promise<void> {
    for (const message of messages) {
      this.messages.push(message);
      this.held += message.readings.length;
      if (this.held * READING_BYTES >= this.store.batchBytes()) await this.hand();
    }
  }

  /** Resolves when the target holds all that was sent for good. */
  async flush(): Promise<void> {
    if (this.held > 0) await this.hand();
    await Promise.all(this.inFlight.splice(0));
    await this.store.flush();
  }

  /** Resolves when nothing is in flight, however it ended. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.inFlight);
  }

  private async hand(): Promise<void> {
    if (this.inFlight.length === AT_ONCE) await this.inFlight.shift();
    this.signal.throwIfAborted();
    this.seq += 1;
    if (this.seq >= this.seqEnd) throw new RangeError('more batches than numbers were set aside for');
    const taken = this.store.append([{ seq: this.seq, messages: this.messages }]);
    // It may fail while another one is waited for.
    taken.catch(() => undefined);
    this.inFlight.push(taken);
    this.messages = [];
    this.held = 0;
  }
}
