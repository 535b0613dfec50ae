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
  /** Bytes of the journal that are kept behind `durable`, in order to write them again. */
  readonly keepBytes?: number;
  /** Hours before this are rolled up. */
  readonly rolledTo?: () => number;
}

/**
 * How much of the journal is in InfluxDB, and which readings still count there, in a local file. It is saved now and
 * then: an older sequence only means that some readings are written again. A new run begins at `durable`.
 */
export class Cursor {
  /** The server has acknowledged everything up to here. */
  seq: number;
  /** Highest `seq` ever: a rewrite ends here. */
  reached: number;
  /** Start of a UTC day, epoch ms: earlier readings do not count, whether the server has deleted them yet or not. */
  keptFrom: number;
  /** While it is set, no kept batch is released. */
  hold = false;
  private readonly bound: KeepBound;
  readonly kept: KeptBatches;
  private readonly rolledTo: () => number;
  private saved: readonly number[];
  private savedAt = Number.NEGATIVE_INFINITY;

  /** @param rawDays retention in days; if it is longer than before, the old bound no longer counts */
  constructor(
    private readonly progressFile: Pick<ProgressFile, 'getNumber' | 'setNumber' | 'atomically'>,
    rawDays = 0,
    { keepBytes = 0, rolledTo = () => Number.NEGATIVE_INFINITY }: CursorOptions = {},
  ) {
    this.seq = progressFile.getNumber(DURABLE) ?? 0;
    this.reached = Math.max(this.seq, progressFile.getNumber(TAKEN) ?? 0);
    // A file of an earlier version: what it rolled up counts as safe.
    this.kept = new KeptBatches(keepBytes, this.seq, progressFile.getNumber(ROLLED_TO) ?? Number.POSITIVE_INFINITY);
    this.rolledTo = rolledTo;
    this.saved = [this.durable, this.reached];
    this.keptFrom = progressFile.getNumber(KEPT_FROM) ?? Number.NEGATIVE_INFINITY;
    this.bound = new KeepBound(progressFile, rawDays);
  }

  /** The journal may release everything up to here. */
  get durable(): number {
    return this.kept.seq;
  }

  /** The server accepted all up to `seq`: this many bytes of the journal, Infinity if not to be written again. */
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
      // A full disk here must not stop writes to the server; `save` reports it.
    }
  }

  /** Starts to write all kept batches again. */
  goBack(): void {
    this.seq = this.durable;
    this.kept.clear();
  }

  /** The time last believed. Epoch milliseconds. */
  get believed(): number | null {
    return this.progressFile.getNumber(BELIEVED);
  }

  set believed(time: number) {
    this.progressFile.setNumber(BELIEVED, time);
  }

  /** @throws when the disk fails */
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

  /** Rejects readings before `time` from now on; -Infinity while unknown. */
  keepFrom(time: number): void {
    this.bound.keepFrom(time);
  }

  /** Whether a reading's day counts again: the clock that dropped it was wrong, or retention was raised. */
  reopenDay(ts: number): boolean {
    if (ts < this.bound.from) return false;
    if (dayOf(ts) < this.keptFrom) this.setKeptFrom(dayOf(ts));
    return true;
  }

  /** Readings of days wholly before `time` no longer count; returns whether that changed anything. */
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
