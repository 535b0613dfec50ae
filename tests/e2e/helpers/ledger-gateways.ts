import { type MadeGateway, makeGateways } from './gateways.js';
import { Ledger } from './ledger.js';
import { LedgerPublisher } from './publisher.js';
import type { RunningService } from './service.js';

const LOAD = { messagesPerSecond: 800, window: 50 };
/** Times of ledgers rise by a millisecond a message: from here on they stay behind the present. */
const BEHIND_MS = 15 * 60_000;

/** Gateways that publish a ledger each, whatever happens to the service meanwhile. */
export class LedgerGateways {
  readonly ledgers: readonly Ledger[];
  private made: readonly MadeGateway[] = [];

  constructor(
    private readonly wanted: readonly (readonly [id: string, park: string])[],
    devices: number,
  ) {
    const startTs = Date.now() - BEHIND_MS;
    const named = (id: string) => Array.from({ length: devices }, (_, i) => `${id}-m${i + 1}`);
    this.ledgers = wanted.map(([id, park]) => new Ledger(park, named(id), startTs));
  }

  /** Messages that the service acknowledged. */
  get acknowledged(): number {
    return this.ledgers.reduce((sum, ledger) => sum + ledger.acknowledged, 0);
  }

  /** Makes the gateways in the first service, and publishes until the returned function is called. */
  async publish(service: RunningService): Promise<(how?: { readonly abrupt: boolean }) => Promise<void>> {
    if (this.made.length === 0) {
      const wanted = this.wanted.map(([id, park]) => ({ id, park }));
      this.made = await makeGateways(service, wanted);
    }
    const publishers = this.ledgers.map((ledger, i) => new LedgerPublisher(service, this.made[i]!, ledger, LOAD));
    await Promise.all(publishers.map((publisher) => publisher.start()));
    return async (how) => void (await Promise.all(publishers.map((publisher) => publisher.stop(how))));
  }
}
