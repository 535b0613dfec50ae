import { type InfluxError, signOf } from '../errors.js';
import type { Cursor } from './cursor.js';

/** Least time between two rewrites of which the later interrupts the earlier; doubles until one finishes. */
const [FIRST_MS, MOST_MS] = [2_000, 300_000];
/** Interval at which the server is asked whether it is still the same process. */
const LIFE_MS = 5_000;
/** Kept batches may grow to this many times their bound while a rewrite has to wait. */
const WAITING_SHARE = 2;

interface RewriterParts {
  readonly cursor: Cursor;
  /** As `serverLife`. */
  readonly life: () => Promise<string | null>;
  readonly onBack: (reason: string) => void;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/**
 * Decides when the last batches are written again. InfluxDB 1.x and 2.x lose acknowledged writes: a kill during an
 * entry leaves a torn tail in the write-ahead log, the next start appends behind it, and the start after that drops
 * everything behind it. The server does not report it. Therefore anything that may have been an unclean stop counts as
 * one: writing the same again, in order, changes nothing. If signs come faster than a rewrite can finish, new batches
 * go first for a while; until the next rewrite no kept batch is released.
 */
export class Rewriter {
  /** Number of rewrites since the start. */
  times = 0;
  private sign: { readonly reason: string; readonly certain: boolean } | null = null;
  /** Last known run of the server. */
  private life: string | null = null;
  private askedAt = Number.NEGATIVE_INFINITY;
  private quietUntil = Number.NEGATIVE_INFINITY;
  private quietMs = FIRST_MS;
  private readonly clock: () => number;

  constructor(private readonly parts: RewriterParts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  /** Records a failed request. */
  failed(error: InfluxError): void {
    const sign = signOf(error);
    // If the server tells its start, a time-out is no sign of a restart.
    if (sign === 'broken' || (sign === 'doubt' && this.life === null)) this.suspect(error.message, false);
  }

  /** Checks now and then whether the server restarted. @throws InfluxError when it is unreachable */
  async check(): Promise<void> {
    if (this.parts.cursor.kept.maxBytes === 0 || this.clock() - this.askedAt < LIFE_MS) return;
    const { life: before } = this;
    const life = await this.parts.life();
    this.askedAt = this.clock();
    // A rewrite began during the check.
    if (life === null || this.life !== before) return;
    this.life = life;
    if (before !== null && life !== before) this.suspect('InfluxDB restarted', true);
    // The connection broke during a rewrite, but the server is the same process.
    else if (before === life && !this.wanted && this.sign?.certain === false) this.forgive();
  }

  /** Whether a rewrite should begin now. */
  get wanted(): boolean {
    const { seq, reached, kept } = this.parts.cursor;
    if (this.sign === null) return false;
    return seq >= reached || this.clock() >= this.quietUntil || kept.bytes > WAITING_SHARE * kept.maxBytes;
  }

  /**
   * Begins a rewrite if wanted; no write may be in flight. The server's run must be known before the first write: a
   * later answer might describe a run that lost some.
   * @throws InfluxError when the server is unreachable
   */
  async goBack(): Promise<void> {
    // A server that does not tell its run, or not in time, does not prevent the rewrite.
    if (this.life === null && !Number.isFinite(this.askedAt)) await this.check();
    if (!this.wanted) return;
    const { cursor, life, onBack } = this.parts;
    if (cursor.kept.bytes === 0) {
      // Unwritten batches cannot be lost.
      this.life = null;
      this.askedAt = Number.NEGATIVE_INFINITY;
      return this.forgive();
    }
    this.life = await life();
    const cutShort = cursor.seq < cursor.reached;
    this.quietMs = cutShort ? Math.min(MOST_MS, this.quietMs * 2) : FIRST_MS;
    this.quietUntil = this.clock() + this.quietMs;
    const reason = this.sign?.reason ?? '';
    this.forgive();
    this.times += 1;
    cursor.goBack();
    onBack(reason);
  }

  private suspect(reason: string, certain: boolean): void {
    const { cursor } = this.parts;
    if (cursor.kept.maxBytes === 0) return;
    this.sign = { reason, certain: certain || this.sign?.certain === true };
    cursor.hold = true;
  }

  private forgive(): void {
    this.sign = null;
    this.parts.cursor.hold = false;
  }
}
