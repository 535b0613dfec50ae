import { type InfluxError, signOf } from '../errors.js';
import type { Cursor } from './cursor.js';

/** Between two goings back of which the later cuts the earlier short; doubles while none comes to its end. */
const [FIRST_MS, MOST_MS] = [2_000, 300_000];
/** How often we ask the server whether it is still the same process. */
const LIFE_MS = 5_000;
/** What is kept may grow to this many times its bound while going back has to wait. */
const WAITING_SHARE = 2;

interface RewriterParts {
  readonly cursor: Cursor;
  /** As `serverLife`. */
  readonly life: () => Promise<string | null>;
  readonly onBack: (reason: string) => void;
  /** Milliseconds that only rise. */
  readonly clock?: () => number;
}

/**
 * Decides when the last part of what was written is written again. InfluxDB 1.x and 2.x take back what they acknowledged:
 * a kill in the middle of an entry leaves a torn tail in the write-ahead log, the next start writes behind a hole, and
 * the start after it drops all that lies behind. The server tells nobody. So whatever may have been an unclean stop counts
 * as one: writing the same again, in order, changes nothing.
 *
 * Where the signs come faster than all of it can be written, it goes on with what is new for a while before it goes back
 * once more; until then nothing of what is kept goes.
 */
export class Rewriter {
  /** How often it went back since the start. */
  times = 0;
  private sign: { readonly reason: string; readonly certain: boolean } | null = null;
  /** The server's life as last heard of. */
  private life: string | null = null;
  private askedAt = Number.NEGATIVE_INFINITY;
  private quietUntil = Number.NEGATIVE_INFINITY;
  private quietMs = FIRST_MS;
  private readonly clock: () => number;

  constructor(private readonly parts: RewriterParts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  /** A request failed. */
  failed(error: InfluxError): void {
    const sign = signOf(error);
    // Where the server says how long it has lived, no answer in time is no sign.
    if (sign === 'broken' || (sign === 'doubt' && this.life === null)) this.suspect(error.message, false);
  }

  /** Looks now and then whether the server has been started anew. @throws InfluxError when it is not there */
  async check(): Promise<void> {
    if (this.parts.cursor.kept.maxBytes === 0 || this.clock() - this.askedAt < LIFE_MS) return;
    const { life: before } = this;
    const life = await this.parts.life();
    this.askedAt = this.clock();
    // It went back while this was asked.
    if (life === null || this.life !== before) return;
    this.life = life;
    if (before !== null && life !== before) this.suspect('InfluxDB was started anew', true);
    // A connection broke while all is being written again, and yet it is the same server.
    else if (before === life && !this.wanted && this.sign?.certain === false) this.forgive();
  }

  /** Whether to go back now. */
  get wanted(): boolean {
    const { seq, reached, kept } = this.parts.cursor;
    if (this.sign === null) return false;
    return seq >= reached || this.clock() >= this.quietUntil || kept.bytes > WAITING_SHARE * kept.maxBytes;
  }

  /**
   * Goes back if that is wanted; no write may be in flight. Which life of the server it writes to is known before it writes:
   * learned later it might be the one that took something back.
   * @throws InfluxError when the server is not there
   */
  async goBack(): Promise<void> {
    // A server that does not say it, or not in time, does not keep us from writing again.
    if (this.life === null && !Number.isFinite(this.askedAt)) await this.check();
    if (!this.wanted) return;
    const { cursor, life, onBack } = this.parts;
    if (cursor.kept.bytes === 0) {
      // What is not written yet cannot be lost.
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
