import type { Reading } from '../../../model/reading.js';
import type { KeptReadings } from '../../model/judge/past.js';
import { type BacklogReading, stored, waitingToBacklog } from './backlog.js';

/** Most readings of one series remembered from judged backlogs. */
const MOST_KEPT = 128;
/** Live readings remembered, each as event time and value. */
const LIVE = { readings: 16, fields: 2 } as const;

/** The newest 16 good readings, live and in order, of a series whose alarms latch. */
export class LiveReadings {
  private readonly all = new Float64Array(LIVE.readings * LIVE.fields).fill(Number.NaN);
  private next = 0;
  private newestAt = Number.NEGATIVE_INFINITY;

  /** Allocates nothing: every normal reading of the series passes here. */
  append(at: number, value: number): void {
    const { all, next } = this;
    // The service's clock was set back.
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
 * Remembered readings of one series, among which later backlogs are sorted in: the newest 128 by event time from judged
 * backlogs and, where an alarm latches, the newest live ones. Older readings are forgotten, and live ones at a restart.
 */
export class Memory {
  kept: readonly BacklogReading[] = [];
  /** Event time of the newest judged reading that is forgotten. */
  forgottenAt = Number.NEGATIVE_INFINITY;

  /** Remembered and new readings, by event time; of two at one time the newer, unless both say the same. */
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

  /** Event time of the oldest reading that `keep` will remember. */
  static keptFrom(all: readonly BacklogReading[]): number {
    return all[Math.max(0, all.length - MOST_KEPT)]?.at ?? Number.NEGATIVE_INFINITY;
  }

  keep(all: readonly BacklogReading[]): void {
    this.forgottenAt = Math.max(this.forgottenAt, all[all.length - MOST_KEPT - 1]?.at ?? Number.NEGATIVE_INFINITY);
    this.kept = all.slice(-MOST_KEPT);
  }

  forget(): void {
    this.forgottenAt = Math.max(this.forgottenAt, this.kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
    this.kept = [];
  }

  stored(): KeptReadings {
    const { kept, forgottenAt } = this;
    return { readings: stored(kept), forgottenAt: Number.isFinite(forgottenAt) ? forgottenAt : null };
  }

  resume(metric: string, { readings, forgottenAt }: KeptReadings): void {
    this.kept = waitingToBacklog(metric, readings);
    this.forgottenAt = forgottenAt ?? Number.NEGATIVE_INFINITY;
  }
}

const says = (a: Reading, b: Reading) => a.value === b.value && a.flag === b.flag && a.quality === b.quality;
