import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { CheckQueue, type CheckQueueBounds } from './check-queue.js';
import { decoyHash, verifySecret } from './secrets.js';

export const SIGN_IN_BOUNDS: CheckQueueBounds = { running: 2, waiting: 512, waitingPerKey: 8 };
/** A longer password cannot be one of ours. */
const MAX_SECRET = 256;

/** What is kept to check one gateway's secret. */
export interface SecretRecord {
  /** scrypt, as in the file. */
  stored: string;
  /** A fast keyed hash of the right secret, once it was given in this run. */
  quick: Buffer | null;
}

/**
 * Checks secrets. The first right answer costs one scrypt; later ones compare a fast hash under a key that lives in this
 * process alone, so a storm of reconnects burns no CPU. Wrong secrets and unknown ids cost the same scrypt.
 */
export class SecretChecker {
  private readonly key = randomBytes(32);
  private readonly queue: CheckQueue;
  private readonly decoy = decoyHash();

  constructor(bounds: CheckQueueBounds) {
    this.queue = new CheckQueue(bounds);
  }

  /** Whether `secret` is the one of `record`; `busy` when too many checks wait. */
  async check(id: string, secret: string, record: SecretRecord | undefined): Promise<boolean | 'busy'> {
    const given = secret.length <= MAX_SECRET ? secret : '';
    const quick = createHmac('sha256', this.key).update(given).digest();
    if (record?.quick && timingSafeEqual(record.quick, quick)) return true;
    const stored = record?.stored ?? this.decoy;
    const right = await this.queue.run(record ? id : '', () => verifySecret(given, stored));
    // The secret may have been changed, or the gateway removed, while this was checked.
    if (right !== true || record?.stored !== stored) return right === 'busy' ? 'busy' : false;
    record.quick = quick;
    return true;
  }
}
