import type { Reading } from '../../../model/reading.js';
import type { KeptReadings } from '../../model/judge/past.js';
import { type BacklogReading, readingsOf, stored } from './backlog.js';

/** Readings that were judged with backlogs, of one series. */
const MOST_KEPT = 128;
/** Live readings, each with its event time and value. */
const LIVE = { readings: 16, fields: 2 } as const;

/** The newest 16 good readings of a series whose alarms latch, as they came live and in order. */
export class LiveReadings {
  private readonly all = new Float64Array(LIVE.readings * LIVE.fields).fill(Number.NaN);
  private next = 0;
  private newestAt = Number.NEGATIVE_INFINITY;

  /** Nothing is allocated: each reading that stays normal comes here. */
  append(at: number, value: number): void {
    const { all, next } = this;
    // Our clock was set back.
    if (at < this.newestAt) all.fill(Number.NaN);
    all[next] = at;
    all[next + 1] = value;
    this.newestAt = at;
    this.next = (next + LIVE.fields) % (LIVE.readings * LIVE.fields);
  }

  readings(metric: string): BacklogReading[] {
    const readings: BacklogReading[] = [];
    for (let place = 0; place < this.all.length; place += LIVE.fields) {
      const [at, value] = [this.all[place]!, this.all[place + 1]!];
      if (Number.isNaN(at)) continue;
      readings.push({ at, reading: { metric, ts: at, value, flag: 'N', quality: 'good' }, late: false });
    }
    return readings;
  }
}

/**
 * What is remembered of the readings of one series, so that what comes late finds its place between them: those that
 * were judged with earlier backlogs, the newest 128 by event time, and, where an alarm of it latches, the newest live
 * ones. What is older is forgotten, and so are live ones over a restart.
 */
export class Memory {
  kept: readonly BacklogReading[] = [];
  /** Event time of the newest that was judged and is remembered no more. */
  forgottenAt = Number.NEGATIVE_INFINITY;

  /**
   * These and what is remembered, by event time; of those of one time the one that came last, unless it says what is
   * known already.
   */
  with(metric: string, live: LiveReadings | null, came: readonly BacklogReading[]): BacklogReading[] {
    const all = new Map(live?.readings(metric).map((one) => [one.at, one]));
    for (const one of this.kept) all.set(one.at, one);
    const kept = new Set(this.kept);
    for (const one of came) {
      const known = all.get(one.at);
      if (known === undefined || !kept.has(known) || !says(known.reading, one.reading)) all.set(one.at, one);
    }
    return [...all.values()].sort((a, b) => a.at - b.at);
  }

  /** Event time of the oldest of these that will be remembered. */
  static keptFrom(all: readonly BacklogReading[]): number {
    return all[Math.max(0, all.length - MOST_KEPT)]?.at ?? Number.NEGATIVE_INFINITY;
  }

  keep(all: readonly BacklogReading[]): void {
    this.forgottenAt = Math.max(this.forgottenAt, all[all.length - MOST_KEPT - 1]?.at ?? Number.NEGATIVE_INFINITY);
    this.kept = all.slice(-MOST_KEPT);
  }

  /** Forgets all that was judged. */
  forget(): void {
    this.forgottenAt = Math.max(this.forgottenAt, this.kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
    this.kept = [];
  }

  stored(): KeptReadings {
    const { kept, forgottenAt } = this;
    return { readings: stored(kept), forgottenAt: Number.isFinite(forgottenAt) ? forgottenAt : null };
  }

  /** Takes up what was stored. */
  resume(metric: string, { readings, forgottenAt }: KeptReadings): void {
    this.kept = readingsOf(metric, readings);
    this.forgottenAt = forgottenAt ?? Number.NEGATIVE_INFINITY;
  }
}

const says = (a: Reading, b: Reading) => a.value === b.value && a.flag === b.flag && a.quality === b.quality;
