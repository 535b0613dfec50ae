import { KeepBound } from '../rollup/keep-bound.js';
import type { RollupMarks } from '../rollup/marks.js';

const SEQ = 'durableSeq';
const KEPT_FROM = 'keptFrom';
const BELIEVED = 'believedTime';
const SAVE_MS = 200;
const DAY_MS = 86_400_000;

/**
 * How far the journal is in InfluxDB, and which readings still count there, in a file on this side. It is written now and
 * then: an older position only means that some readings are written again.
 */
export class Cursor {
  seq: number;
  /** Start of a UTC day, epoch ms: readings before are gone, whether the server has deleted them yet or not. */
  keptFrom: number;
  private readonly bound: KeepBound;
  private saved: number;
  private savedAt = Number.NEGATIVE_INFINITY;

  /** @param rawDays days that readings are kept: where they are more than before, what was said before counts no more */
  constructor(
    private readonly marks: Pick<RollupMarks, 'getNumber' | 'setNumber'>,
    rawDays = 0,
  ) {
    this.seq = marks.getNumber(SEQ) ?? 0;
    this.saved = this.seq;
    this.keptFrom = marks.getNumber(KEPT_FROM) ?? Number.NEGATIVE_INFINITY;
    this.bound = new KeepBound(marks, rawDays);
  }

  /** The server has all up to here. */
  moveTo(seq: number): void {
    this.seq = seq;
    const now = performance.now();
    if (now - this.savedAt < SAVE_MS) return;
    this.savedAt = now;
    try {
      this.save();
    } catch {
      // A disk that is full here is no reason not to write there; `save` will say it.
    }
  }

  /** The time that was last believed. Epoch milliseconds. */
  get believed(): number | null {
    return this.marks.getNumber(BELIEVED);
  }

  set believed(time: number) {
    this.marks.setNumber(BELIEVED, time);
  }

  /** @throws when the disk refuses */
  save(): void {
    if (this.saved === this.seq) return;
    this.marks.setNumber(SEQ, this.seq);
    this.saved = this.seq;
  }

  /** Readings before `time` are not kept from now on; -Infinity while nobody can say. */
  keepFrom(time: number): void {
    this.bound.keepFrom(time);
  }

  /**
   * A reading from before `keptFrom` has come: the clock by which days were dropped was wrong, or the bound was raised.
   * Whether it is kept, and its day counts again.
   */
  takeBack(ts: number): boolean {
    if (ts < this.bound.from) return false;
    const day = Math.floor(ts / DAY_MS) * DAY_MS;
    if (day < this.keptFrom) {
      this.marks.setNumber(KEPT_FROM, day);
      this.keptFrom = day;
    }
    return true;
  }

  /** Readings of days wholly before `time` count no more; whether that is news. */
  dropBefore(time: number): boolean {
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    if (!(day > this.keptFrom)) return false;
    this.marks.setNumber(KEPT_FROM, day);
    this.keptFrom = day;
    return true;
  }
}
