import type { DeviceReadings } from '../../model/reading.js';
import type { HistorianStore } from '../port/store.js';

/** About how many bytes a reading takes in the journal, the unit in which the target states its batch size. */
const READING_BYTES = 32;
/** Batches in flight to the target: while it works on one, the next is prepared. */
const AT_ONCE = 2;

/** Sends messages to the target in numbered batches. */
export class BatchSender {
  private messages: DeviceReadings[] = [];
  private held = 0;
  private readonly inFlight: Promise<void>[] = [];

  constructor(
    private readonly store: HistorianStore,
    /** Sequence of the target's last batch. */
    private seq: number,
    /** Sequences from here on are not ours. */
    private readonly seqEnd: number,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws the error of an earlier batch */
  async send(messages: readonly DeviceReadings[]): Promise<void> {
    for (const message of messages) {
      this.messages.push(message);
      this.held += message.readings.length;
      if (this.held * READING_BYTES >= this.store.batchBytes()) await this.hand();
    }
  }

  /** Resolves when everything sent is durable in the target. */
  async flush(): Promise<void> {
    if (this.held > 0) await this.hand();
    await Promise.all(this.inFlight.splice(0));
    await this.store.flush();
  }

  /** Resolves when nothing is in flight, whether it succeeded or not. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.inFlight);
  }

  private async hand(): Promise<void> {
    if (this.inFlight.length === AT_ONCE) await this.inFlight.shift();
    this.signal.throwIfAborted();
    this.seq += 1;
    if (this.seq >= this.seqEnd) throw new RangeError('the move needs more batches than it reserved sequences for');
    const taken = this.store.append([{ seq: this.seq, messages: this.messages }]);
    // `taken` may reject while the loop awaits another batch.
    taken.catch(() => undefined);
    this.inFlight.push(taken);
    this.messages = [];
    this.held = 0;
  }
}
