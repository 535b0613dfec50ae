import type { SeriesKey } from '../../historian/port/queries.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import { meteringOf } from '../model/boundary/carriers.js';
import type { MeterVersion } from '../model/boundary/tree.js';
import { isGap } from '../model/quantity/bucket-increments.js';
import { type BucketLine, beginsInDoubt, bucketLine, endsInDoubt } from '../model/quantity/bucket-segments.js';
import { isVoided } from '../model/quantity/corrections.js';
import type { MeterCorrections } from '../port.js';
import type { Hours } from './history.js';
import type { HourBucket } from './hour-columns.js';

/** A register as the tree has it. */
export type CountedMeter = Pick<MeterVersion, 'device' | 'register' | 'carrier'>;

/** Hours kept before the nearest reading that counts, of those found so far before. */
const NEAREST = 24;
/** Up to this many hours are kept as objects: of readings once a day a month is looked at several times. */
const FEW = 64;

/** The hours of a register with a reading, and what they say. */
interface Look {
  readonly buckets: readonly HourBucket[];
  readonly line: BucketLine;
}

interface Doubts {
  /** Whether more has to be known of the time before, and behind. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** For which time power or flow may stand in. */
  readonly gaps: Period | null;
}

/**
 * One of the meters that are read together, and its hours so far. Of many hours no objects stay: those of all meters would
 * live long enough to fill the memory that is cleared rarely.
 */
export class LoadedMeter {
  readonly at: number;
  readonly meter: CountedMeter;
  readonly key: SeriesKey;
  readonly corrections: MeterCorrections;
  #window: Period;
  #pieces: readonly Hours[] = [];
  #look: Look | null = null;
  #doubts: Doubts | null = null;

  /** @param from where its hours will begin, epoch ms */
  constructor(
    of: { readonly at: number; readonly meter: CountedMeter; readonly corrections: MeterCorrections },
    private readonly period: Period,
    from: number,
  ) {
    this.at = of.at;
    this.meter = of.meter;
    this.corrections = of.corrections;
    this.key = { device: of.meter.device, metric: of.meter.register };
    this.#window = { from, to: from };
  }

  /** The time whose hours are known. */
  get window(): Period {
    return this.#window;
  }

  /** Adds the hours that follow, up to `to`; undefined: there are none. */
  append(hours: Hours | undefined, to: number): void {
    this.#window = { from: this.#window.from, to };
    if (hours !== undefined) this.#setPieces([...this.#pieces, hours]);
  }

  /** Adds the hours before, from `from` on: as many as say on which line the register was. */
  prepend(hours: Hours | undefined, from: number): void {
    const all = hours === undefined ? [] : read(hours);
    if (all.length > 0) {
      const last = bucketLine(all).anchors.findLast(({ hasCounted }) => hasCounted)?.last;
      const nearest = all.findLastIndex((bucket) => this.#counts(bucket) && bucket.lastTs <= (last ?? bucket.lastTs));
      const inDoubt = last === undefined && beginsInDoubt(this.look().line, this.#window);
      const kept = inDoubt ? all : all.slice(Math.max(0, nearest - NEAREST));
      this.#setPieces([() => kept, ...this.#pieces]);
    }
    this.#window = { from, to: this.#window.to };
  }

  look(): Look {
    if (this.#look !== null) return this.#look;
    const buckets = this.#pieces.flatMap(read);
    const look = { buckets, line: bucketLine(buckets) };
    if (buckets.length <= FEW) this.#look = look;
    return look;
  }

  get doubts(): Doubts {
    this.#doubts ??= this.#doubtsOf(this.look());
    return this.#doubts;
  }

  /** Power or flow beside the register, for the time in which it may stand in for it; null: for none. */
  get gauge(): (Period & { readonly key: SeriesKey; readonly perHour: number }) | null {
    const { rate } = meteringOf(this.meter.carrier);
    const { gaps } = this.doubts;
    if (rate === undefined || gaps === null) return null;
    const from = Math.max(this.#window.from, gaps.from - HOUR_MS);
    const to = Math.min(this.#window.to, gaps.to + HOUR_MS);
    const perHour = this.meter.register === 'export_energy_kwh' ? -rate.perHour : rate.perHour;
    return { from, to, key: { device: this.meter.device, metric: rate.metric }, perHour };
  }

  #doubtsOf({ buckets, line }: Look): Doubts {
    const { period, corrections } = this;
    const atStart =
      beginsInDoubt(line, period) || !buckets.some((one) => this.#counts(one) && one.firstTs <= period.from);
    const atEnd = endsInDoubt(line, period) || !buckets.some((one) => this.#counts(one) && one.lastTs >= period.to);
    const { segments, doubtful } = line;
    let gaps: Period | null = null;
    const add = ({ from, to }: Period) => {
      if (from >= to || to <= period.from || from >= period.to) return;
      gaps = { from: Math.min(from, gaps?.from ?? from), to: Math.max(to, gaps?.to ?? to) };
    };
    for (const one of segments) if (isGap(one, corrections)) add(one);
    for (const one of [...doubtful, ...corrections.voids]) add(one);
    add({ from: period.from, to: segments[0]?.from ?? period.to });
    add({ from: segments.at(-1)?.to ?? period.to, to: period.to });
    return { atStart, atEnd, gaps };
  }

  /** Whether a bucket has a reading that nobody voided. */
  #counts({ count, firstTs, lastTs }: HourBucket): boolean {
    const { voids } = this.corrections;
    return count > 0 && !(isVoided(firstTs, voids) && isVoided(lastTs, voids));
  }

  #setPieces(pieces: readonly Hours[]): void {
    [this.#pieces, this.#look, this.#doubts] = [pieces, null, null];
  }
}

/** Of registers, hours into which only a held value reaches say nothing. */
const read = (hours: Hours): HourBucket[] => hours().filter(({ count }) => count > 0);
