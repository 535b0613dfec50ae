import type { TimeZone } from '../../model/time/zone.js';
import { DeadlineHeap } from '../model/judge/deadline-heap.js';
import { dueByClock, judgeDue } from '../model/judge/judge.js';
import type { PastJudge } from './past/past-judge.js';
import type { Verdicts } from './verdicts.js';
import type { Watch } from './watch/watch.js';

/** Delays end by our clock although nothing newer comes: what was measured last holds for as long as it does. */
export class Delays {
  /** Delays that end at once end in the order of their alarms' ids: after a restart the same as without one. */
  private readonly heap = new DeadlineHeap<Watch>((a, b) => a.id < b.id);

  constructor(
    private readonly verdicts: Verdicts,
    private readonly pasts: PastJudge,
    private readonly zone: TimeZone,
  ) {}

  /** Has the watch looked at again when its next delay is over. */
  schedule(watch: Watch): void {
    const due = Math.min(dueByClock(watch) ?? Number.POSITIVE_INFINITY, this.pasts.lookAt(watch));
    if (due >= watch.lookAt) return;
    watch.lookAt = due;
    this.heap.push(due, watch);
  }

  /** Ends all that is over by `now`. */
  tick(now: number): void {
    for (let watch = this.heap.popDue(now); watch !== undefined; watch = this.heap.popDue(now)) {
      // An entry that another took the place of.
      if (watch.lookAt > now) continue;
      watch.lookAt = Number.POSITIVE_INFINITY;
      this.end(watch, now + 1, now);
      this.pasts.look(watch, now);
      this.schedule(watch);
    }
  }

  /** Ends the watch's delays that are over before `until`; known at `now`, else as they end. */
  end(watch: Watch, until: number, now?: number): void {
    for (let due = dueByClock(watch); due !== null && due < until; due = dueByClock(watch)) {
      this.verdicts.accept(watch, judgeDue(watch, this.zone), now ?? due, 'time');
    }
  }
}
