import { DAY_MS } from '../../../model/time/duration.js';
import { KeepBound } from '../../rollup/progress/keep-bound.js';
import type { ProgressFile } from '../../rollup/progress/progress-file.js';
import { KeptBatches } from './kept-batches.js';

const DURABLE = 'durableSeq';
const TAKEN = 'takenSeq';
const ROLLED_TO = 'durableRolledTo';
const KEPT_FROM = 'keptFrom';
const BELIEVED = 'believedTime';
const SAVE_MS = 200;

interface CursorOptions {
  /** Bytes of the journal that are kept behind `durable`, to be written again. */
  readonly keepBytes?: number;
  /** Hours before this are rolled up. */
  readonly rolledTo?: () => number;
}

/**
 * How far the journal is in InfluxDB, and which readings still count there, in a file on this side. It is written now and
 * then: an older position only means that some readings are written again. A new life begins at `durable`.
 */
export class Cursor {
  /** The server says that it has all up to here. */
  seq: number;
  /** As far as it ever came: until there the same is written once more. */
  reached: number;
  /** Start of a UTC day, epoch ms: readings before are gone, whether the server has deleted them yet or not. */
  keptFrom: number;
  /** While it is set nothing of what is kept goes. */
  hold = false;
  private readonly bound: KeepBound;
  readonly kept: KeptBatches;
  private readonly rolledTo: () => number;
  private saved: readonly number[];
  private savedAt = Number.NEGATIVE_INFINITY;

  /** @param rawDays days that readings are kept: where they are more than before, what was said before counts no more */
  constructor(
    private readonly progressFile: Pick<ProgressFile, 'getNumber' | 'setNumber' | 'atomically'>,
    rawDays = 0,
    { keepBytes = 0, rolledTo = () => Number.NEGATIVE_INFINITY }: CursorOptions = {},
  ) {
    this.seq = progressFile.getNumber(DURABLE) ?? 0;
    this.reached = Math.max(this.seq, progressFile.getNumber(TAKEN) ?? 0);
    // Written by an earlier version: what it rolled up is taken for safe.
    this.kept = new KeptBatches(keepBytes, this.seq, progressFile.getNumber(ROLLED_TO) ?? Number.POSITIVE_INFINITY);
    this.rolledTo = rolledTo;
    this.saved = [this.durable, this.reached];
    this.keptFrom = progressFile.getNumber(KEPT_FROM) ?? Number.NEGATIVE_INFINITY;
    this.bound = new KeepBound(progressFile, rawDays);
  }

  /** The journal need not have what is before this. */
  get durable(): number {
    return this.kept.seq;
  }

  /** The server took all up to here, so many bytes of the journal; Infinity where they cannot be written again. */
  moveTo(seq: number, bytes = Number.POSITIVE_INFINITY): void {
    this.seq = seq;
    this.reached = Math.max(this.reached, seq);
    this.kept.add(seq, bytes, this.rolledTo(), this.hold && Number.isFinite(bytes));
    const now = performance.now();
    if (now - this.savedAt < SAVE_MS) return;
    this.savedAt = now;
    try {
      this.save();
    } catch {
      // A disk that is full here is no reason not to write there; `save` will say it.
    }
  }

  /** All that is kept is to be written again. */
  goBack(): void {
    this.seq = this.durable;
    this.kept.clear();
  }

  /** The time that was last believed. Epoch milliseconds. */
  get believed(): number | null {
    return this.progressFile.getNumber(BELIEVED);
  }

  set believed(time: number) {
    this.progressFile.setNumber(BELIEVED, time);
  }

  /** @throws when the disk refuses */
  save(): void {
    const { durable, reached, progressFile } = this;
    if (this.saved[0] === durable && this.saved[1] === reached) return;
    progressFile.atomically(() => {
      progressFile.setNumber(DURABLE, durable);
      progressFile.setNumber(TAKEN, reached);
      progressFile.setNumber(ROLLED_TO, this.kept.rolledTo);
    });
    this.saved = [durable, reached];
  }

  /** Readings before `time` are not kept from now on; -Infinity while nobody can say. */
  keepFrom(time: number): void {
    this.bound.keepFrom(time);
  }

  /**
   * A reading from before `keptFrom` has come: the clock by which days were dropped was wrong, or the bound was raised.
   * Whether it is kept, and its day counts again.
   */
  reopenDay(ts: number): boolean {
    if (ts < this.bound.from) return false;
    if (dayOf(ts) < this.keptFrom) this.setKeptFrom(dayOf(ts));
    return true;
  }

  /** Readings of days wholly before `time` count no more; whether that is news. */
  dropBefore(time: number): boolean {
    if (!(dayOf(time) > this.keptFrom)) return false;
    this.setKeptFrom(dayOf(time));
    return true;
  }

  private setKeptFrom(day: number): void {
    this.progressFile.setNumber(KEPT_FROM, day);
    this.keptFrom = day;
  }
}

const dayOf = (ts: number): number => Math.floor(ts / DAY_MS) * DAY_MS;
