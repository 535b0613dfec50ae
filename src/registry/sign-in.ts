import { CheckQueue, type CheckQueueBounds } from './check-queue.js';
import { digestSecret, isRandom, matchesDigest, newSecret, verifySecret } from './secrets.js';

export const SIGN_IN_BOUNDS: CheckQueueBounds = { running: 2, waiting: 4_096, waitingPerKey: 8 };
/** A longer password cannot be one of ours. */
const MAX_SECRET = 256;

/** What is kept to check one gateway's secret. */
export interface SecretRecord {
  /** scrypt, as in the file. */
  stored: string;
  /** A fast hash of the right secret; null until it was given once, where the file is older than these. */
  digest: Buffer | null;
}

/**
 * Checks secrets. Where the fast hash of the right one is known it decides, both ways: neither a thousand gateways that
 * come back together nor a flood of wrong secrets makes anybody wait. Without one the first right answer costs an scrypt,
 * for which every address and every id waits in a line of its own. An id that does not exist is refused like a wrong
 * secret.
 */
export class SecretChecker {
  private readonly queue: CheckQueue;
  private readonly decoy = digestSecret(newSecret());

  constructor(bounds: CheckQueueBounds) {
    this.queue = new CheckQueue(bounds);
  }

  /** Whether `secret` is the one of `record`; `busy` when too many checks wait. `onVerified` is told a new digest. */
  async check(
    id: string,
    secret: string,
    record: SecretRecord | undefined,
    address: string,
    onVerified: (digest: Buffer) => void,
  ): Promise<boolean | 'busy'> {
    const given = secret.length <= MAX_SECRET ? secret : '';
    const digest = record === undefined ? this.decoy : record.digest;
    if (digest !== null) return matchesDigest(given, digest);
    const stored = record!.stored;
    const right = await this.queue.run({ address, id }, () => verifySecret(given, stored));
    // The secret may have been changed, or the gateway removed, while this was checked.
    if (right !== true || record!.stored !== stored) return right === 'busy' ? 'busy' : false;
    record!.digest = digestSecret(given);
    if (isRandom(given)) onVerified(record!.digest);
    return true;
  }
}
