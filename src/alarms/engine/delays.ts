import type { TimeZone } from '../../model/time/zone.js';
import { DeadlineHeap } from '../model/judge/deadline-heap.js';
import { dueByClock, judgeDue } from '../model/judge/judge.js';
import type { PastJudge } from './past/past-judge.js';
import type { Verdicts } from './verdicts.js';
import type { Watch } from './watch/watch.js';

/** Ends delays by the service's clock when no newer reading comes: the last measurement holds while it is valid. */
export class Delays {
  /** Delays that end at once end in the order of their alarms' ids: after a restart the same as without one. */
  private readonly heap = new DeadlineHeap<Watch>((a, b) => a.id < b.id);

  constructor(
    private readonly verdicts: Verdicts,
    private readonly pasts: PastJudge,
    private readonly zone: TimeZone,
  ) {}

  /** Puts the watch in the heap for the end of its next delay. */
  schedule(watch: Watch): void {
    const due = Math.min(dueByClock(watch) ?? Number.POSITIVE_INFINITY, this.pasts.lookAt(watch));
    // A delay that began anew keeps its earlier place, and gets its own once that comes up.
    if (due >= watch.lookAt) return;
    watch.lookAt = due;
    this.heap.push(due, watch);
  }

  /** Ends all delays due by `now`, in the order in which they end: a restart must not change it. */
  tick(now: number): void {
    for (let at = this.heap.earliest; at <= now; at = this.heap.earliest) {
      const watch = this.heap.popDue(at)!;
      // Another entry replaced this one.
      if (watch.lookAt !== at) continue;
      watch.lookAt = Number.POSITIVE_INFINITY;
      this.end(watch, at + 1, now);
      if (this.pasts.lookAt(watch) <= at) this.pasts.look(watch, now);
      this.schedule(watch);
    }
  }

  /** Ends the watch's delays due before `until`: received at `now`, else when each one ends. */
  end(watch: Watch, until: number, now?: number): void {
    for (let due = dueByClock(watch); due !== null && due < until; due = dueByClock(watch)) {
      this.verdicts.accept(watch, judgeDue(watch, this.zone), now ?? due, 'time');
    }
  }
}
