import { inTime } from '../../model/time/within.js';
import { type Asker, CheckQueue, type CheckQueueBounds } from './check-queue.js';
import { digestSecret, isRandom, matchesDigest, newSecret, sha256, verifySecret } from './secrets.js';

/** A longer password cannot be one of our secrets. */
const MAX_SECRET = 256;

/** Data to check one gateway's secret. */
export interface StoredSecret {
  /** scrypt hash, as in the file. */
  stored: string;
  /** Fast hash of the right secret; null until a gateway first sends it, for a file that is older than these hashes. */
  digest: Buffer | null;
}

interface Question {
  readonly answer: Promise<boolean | 'busy'>;
  /** Who wait for it. */
  askers: number;
}

/**
 * Checks secrets. If the fast hash of the right secret is known, it decides: neither a thousand gateways that return
 * together nor a flood of wrong secrets delays others. Without it the first right secret costs an scrypt, for which
 * every address waits in its own line. A gateway that repeats a check, such as after its own time-out, keeps its place
 * in that line and gets the result of its first check. So each gateway of an older file is back after one scrypt of
 * each, however often they try; who waits long is told to come later, and is known at once then. An unknown id is
 * refused like a wrong secret.
 */
export class SecretChecker {
  private readonly queue: CheckQueue;
  private readonly decoy = digestSecret(newSecret());
  /** Checks that wait or run, by address, id and secret; the queue bounds them. */
  private readonly asked = new Map<string, Question>();

  constructor(private readonly bounds: CheckQueueBounds) {
    this.queue = new CheckQueue(bounds);
  }

  /** Whether `secret` is the one of `expected`; `busy` if too many checks wait. `onVerified` receives a new digest. */
  async check(
    id: string,
    secret: string,
    expected: StoredSecret | undefined,
    address: string,
    onVerified: (digest: Buffer) => void,
  ): Promise<boolean | 'busy'> {
    const given = secret.length <= MAX_SECRET ? secret : '';
    const digest = expected === undefined ? this.decoy : expected.digest;
    if (digest !== null) return matchesDigest(given, digest);
    const question = [address, id, sha256(`${expected!.stored} ${given}`).toString('base64')].join(' ');
    const asked = this.asked.get(question);
    if (asked !== undefined) {
      if (asked.askers > this.bounds.waitingPerKey) return 'busy';
      return this.inTime(asked);
    }
    const answer = this.ask({ address, id }, given, expected!, onVerified).finally(() => this.asked.delete(question));
    const first = { answer, askers: 0 };
    this.asked.set(question, first);
    return this.inTime(first);
  }

  /** The answer, or `busy` where it takes long; the check goes on. */
  private async inTime(question: Question): Promise<boolean | 'busy'> {
    question.askers += 1;
    try {
      return await inTime(this.bounds.patienceMs, question.answer, 'busy');
    } finally {
      question.askers -= 1;
    }
  }

  private async ask(
    asker: Asker,
    given: string,
    expected: StoredSecret,
    onVerified: (digest: Buffer) => void,
  ): Promise<boolean | 'busy'> {
    const { stored } = expected;
    const right = await this.queue.run(asker, async () => {
      // Another connection of the gateway may have sent the right secret meanwhile.
      if (expected.digest !== null) return matchesDigest(given, expected.digest);
      return verifySecret(given, stored);
    });
    // The secret may have changed, or the gateway been removed, during the check.
    if (right !== true || expected.stored !== stored) return right === 'busy' ? 'busy' : false;
    if (expected.digest === null) {
      expected.digest = digestSecret(given);
      if (isRandom(given)) onVerified(expected.digest);
    }
    return true;
  }
}
