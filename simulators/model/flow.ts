import { HOUR_MS } from '../../src/model/time/duration.js';
import { noiseAt, seedOf } from '../random.js';
import { BUCKET_MS, BUCKETS_PER_DAY, dayKind, dayStart, localDay, type Season, seasonFactor } from './calendar.js';
import { busiestHourShare, type Pattern, shiftPattern } from './pattern.js';

/** The first day a flow runs, 2020-01-01 local time. */
const FIRST_DAY = 18_262;

interface FlowShape {
  /** Quantity of an ordinary workday, in the flow's unit. */
  readonly perWorkday: number;
  readonly pattern: Pattern;
  readonly season: Season;
  /** Spread of a day's size, and of the ten-minute buckets within it, as shares. */
  readonly dayNoise: number;
  readonly bucketNoise: number;
}

interface Day {
  readonly day: number;
  /** Total at each bucket's start; one more entry for the end of the day. */
  readonly totals: Float64Array;
}

/**
 * A flowing quantity: its rate and its running total are pure functions of time and agree, so that past data, live data
 * and data after a restart continue one another.
 */
export class Flow {
  private current: Day | null = null;
  private previous: Day | null = null;

  /** Flows with the same `daySeed` have days of the same size. */
  constructor(
    private readonly shape: FlowShape,
    private readonly daySeed: number,
    private readonly bucketSeed: number,
  ) {}

  /** Mean rate of the bucket that holds `ts`, per hour. */
  rate(ts: number): number {
    const { day, totals } = this.day(localDay(ts));
    const k = bucket(ts, day);
    return (totals[k + 1]! - totals[k]!) * (HOUR_MS / BUCKET_MS);
  }

  /** Running total since 2020-01-01. @throws RangeError for a time before it */
  total(ts: number): number {
    const { day, totals } = this.day(localDay(ts));
    const k = bucket(ts, day);
    const into = (ts - dayStart(day)) / BUCKET_MS - k;
    return totals[k]! + (totals[k + 1]! - totals[k]!) * into;
  }

  private day(day: number): Day {
    if (this.current?.day === day) return this.current;
    if (this.previous?.day === day) return this.previous;
    const made = { day, totals: this.totals(day) };
    this.previous = this.current;
    this.current = made;
    return made;
  }

  private totals(day: number): Float64Array {
    const { shares } = this.shape.pattern[dayKind(day)];
    const weights = shares.map((share, k) => {
      const noise = noiseAt(this.bucketSeed, day * BUCKETS_PER_DAY + k);
      return share * (1 + this.shape.bucketNoise * noise);
    });
    const perWeight = this.quantity(day) / weights.reduce((a, b) => a + b, 0);
    const totals = new Float64Array(BUCKETS_PER_DAY + 1);
    totals[0] = this.before(day);
    for (let k = 0; k < BUCKETS_PER_DAY; k++) totals[k + 1] = totals[k]! + weights[k]! * perWeight;
    return totals;
  }

  private before(day: number): number {
    if (day < FIRST_DAY) throw new RangeError('the models start on 2020-01-01');
    let from = FIRST_DAY;
    let total = 0;
    for (const known of [this.previous, this.current]) {
      if (known !== null && known.day <= day && known.day >= from) [from, total] = [known.day, known.totals[0]!];
    }
    for (let d = from; d < day; d++) total += this.quantity(d);
    return total;
  }

  private quantity(day: number): number {
    const { perWorkday, pattern, season, dayNoise } = this.shape;
    const size = pattern[dayKind(day)].size * seasonFactor(season, day);
    return perWorkday * size * (1 + dayNoise * noiseAt(this.daySeed, day));
  }
}

function bucket(ts: number, day: number): number {
  return Math.floor((ts - dayStart(day)) / BUCKET_MS);
}

/** The flow of shift workers. */
export function shiftFlow(
  seed: number,
  { peak, evening, night }: { readonly peak: number; readonly evening: number; readonly night: number },
  rest: Omit<FlowShape, 'perWorkday' | 'pattern'>,
): Flow {
  const pattern = shiftPattern(evening, night);
  const shape = { ...rest, pattern, perWorkday: peak / busiestHourShare(pattern) };
  return new Flow(shape, seedOf('day', seed), seedOf('bucket', seed));
}
