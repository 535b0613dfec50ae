import type { TimeSpan } from '../../port/stats.js';
import { addRange, rangesWithout } from './hour-ranges.js';
import type { ProgressFile } from './progress-file.js';

/** Stretches that are told apart; beyond, the two that lie nearest become one, with what is between them. */
const MOST = 100;

/**
 * Stretches of time that could not be rolled up and were passed over, for later ones not to wait: in the progress file, under a
 * name. Disjoint and rising. What changes is durable when the call returns.
 */
export class PassedOver {
  private ranges: readonly TimeSpan[];

  constructor(
    private readonly progressFile: Pick<ProgressFile, 'get' | 'set'>,
    private readonly name: string,
  ) {
    const pairs = JSON.parse(progressFile.get(name) ?? '[]') as readonly (readonly [from: number, to: number])[];
    this.ranges = pairs.map(([from, to]) => ({ from, to }));
  }

  get all(): readonly TimeSpan[] {
    return this.ranges;
  }

  has(time: number): boolean {
    return this.ranges.some(({ from, to }) => time >= from && time < to);
  }

  /** `time`, or the end of the stretch that it lies in. */
  behind(time: number): number {
    return this.ranges.find(({ from, to }) => time >= from && time < to)?.to ?? time;
  }

  /** Start of the first stretch at or after `time`; Infinity without one. */
  nextFrom(time: number): number {
    return this.ranges.find(({ from }) => from >= time)?.from ?? Number.POSITIVE_INFINITY;
  }

  add(range: TimeSpan): void {
    let ranges = addRange(this.ranges, range);
    while (ranges.length > MOST) {
      const between = ranges.slice(1).map(({ from }, i) => from - ranges[i]!.to);
      const nearest = between.indexOf(Math.min(...between));
      ranges = addRange(ranges, { from: ranges[nearest]!.from, to: ranges[nearest + 1]!.to });
    }
    this.put(ranges);
  }

  remove(range: TimeSpan): void {
    if (this.ranges.length > 0) this.put(rangesWithout(this.ranges, range));
  }

  private put(ranges: readonly TimeSpan[]): void {
    this.progressFile.set(this.name, JSON.stringify(ranges.map(({ from, to }) => [from, to])));
    this.ranges = ranges;
  }
}
