import { type Asker, CheckQueue, type CheckQueueBounds } from './check-queue.js';
import { digestSecret, isRandom, matchesDigest, newSecret, sha256, verifySecret } from './secrets.js';

/** A longer password cannot be one of ours. */
const MAX_SECRET = 256;

/** What is kept to check one gateway's secret. */
export interface SecretRecord {
  /** scrypt, as in the file. */
  stored: string;
  /** A fast hash of the right secret; null until it was given once, where the file is older than these. */
  digest: Buffer | null;
}

interface Question {
  readonly answer: Promise<boolean | 'busy'>;
  askers: number;
}

/**
 * Checks secrets. Where the fast hash of the right one is known it decides, both ways: neither a thousand gateways that
 * come back together nor a flood of wrong secrets makes anybody wait. Without one the first right answer costs an scrypt,
 * for which every address waits in a line of its own. Who asks the same again, such as after its own time-out, keeps its
 * place in that line: it gets the answer of its first question, or has it at once when that was given meanwhile. So each
 * gateway of an older file is back after one scrypt of each, however often they try. An id that does not exist is
 * refused like a wrong secret.
 */
export class SecretChecker {
  private readonly queue: CheckQueue;
  private readonly decoy = digestSecret(newSecret());
  /** Questions that wait or run, by who asks what; as many as the queue takes. */
  private readonly asked = new Map<string, Question>();

  constructor(private readonly bounds: CheckQueueBounds) {
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
    const question = [address, id, sha256(`${record!.stored} ${given}`).toString('base64')].join(' ');
    const asked = this.asked.get(question);
    if (asked !== undefined) {
      if (asked.askers > this.bounds.waitingPerKey) return 'busy';
      asked.askers += 1;
      return asked.answer;
    }
    const answer = this.ask({ address, id }, given, record!, onVerified).finally(() => this.asked.delete(question));
    this.asked.set(question, { answer, askers: 1 });
    return answer;
  }

  private async ask(
    asker: Asker,
    given: string,
    record: SecretRecord,
    onVerified: (digest: Buffer) => void,
  ): Promise<boolean | 'busy'> {
    const { stored } = record;
    const right = await this.queue.run(asker, async () => {
      // Another connection of the gateway may have shown the right one meanwhile.
      if (record.digest !== null) return matchesDigest(given, record.digest);
      return verifySecret(given, stored);
    });
    // The secret may have been changed, or the gateway removed, while this was checked.
    if (right !== true || record.stored !== stored) return right === 'busy' ? 'busy' : false;
    if (record.digest === null) {
      record.digest = digestSecret(given);
      if (isRandom(given)) onVerified(record.digest);
    }
    return true;
  }
}
