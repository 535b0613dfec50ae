import type { Reading } from '../../../model/reading.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { type Beside, judgeBacklog } from '../../model/judge/backlog.js';
import { staysNormal, weigh } from '../../model/judge/evidence.js';
import {
  acceptLive,
  ended,
  type Holding,
  isOpen,
  isSettled,
  look,
  lookAt,
  NO_PAST,
  type PastOutcome,
  takenOver,
} from '../../model/judge/past.js';
import { holds } from '../../model/rule/schedule.js';
import type { AlarmStats } from '../../port.js';
import type { Annunciator } from '../annunciator.js';
import type { Watch } from '../watch/watch.js';
import type { BacklogReading } from './backlog.js';

/** Judges late readings and records events of the past; the alarm itself stays. */
export class PastJudge {
  constructor(
    private readonly annunciator: Annunciator,
    private readonly zone: TimeZone,
    private readonly stats: Pick<AlarmStats, 'doubtfulExceedances'>,
  ) {}

  /** Applies a live reading to an open exceedance of the past. */
  acceptLive(watch: Watch, reading: Reading, at: number, receivedAt: number): void {
    const { past, rule } = watch;
    if (past === null || !isOpen(past) || isOfStanding(watch, at)) return;
    this.accept(watch, acceptLive(this.holdingOf(watch), past, at, staysNormal(rule, reading), receivedAt), receivedAt);
  }

  /**
   * Judges a backlog for rules on the value itself: other signals depend on the order of readings. Exceedances that the
   * standing alarm covers are skipped.
   * @param all late, live and remembered readings by event time
   * @param came those not remembered from before
   */
  settle(
    watch: Watch,
    all: readonly BacklogReading[],
    came: ReadonlySet<BacklogReading>,
    beside: Omit<Beside, 'isNormal' | 'intervalMs'>,
  ): void {
    const { rule, gapMs } = watch;
    const past = watch.past ?? NO_PAST;
    const { newestAt, heardAt } = beside;
    if (isSettled(past) && all.every(({ reading }) => staysNormal(rule, reading))) return;
    const holding = this.holdingOf(watch);
    const told = all
      .filter(({ at }) => !isOfStanding(watch, at))
      .map((one) => {
        const { at, reading, late } = one;
        const weight = weigh(rule.evidence, reading);
        const measure = weight === 'none' ? null : reading.value;
        const seen = { at, measure, mayEnd: weight === 'full', lagMs: 0, inSchedule: holding.inSchedule(at), gapMs };
        return { seen, late, isNormal: staysNormal(rule, reading), isNew: came.has(one) };
      });
    const { level, since } = watch.condition;
    // The standing or pending alarm began after the newest reading of that time.
    const isNormal = watch.normal || (since !== null && newestAt < since);
    const outcome = judgeBacklog(holding, past, told, { ...beside, isNormal, intervalMs: watch.intervalMs ?? 0 });
    this.accept(watch, outcome, heardAt);
    const { normalAt } = outcome.past;
    if (level === 0 || !isOpen(outcome.past)) return;
    // The standing alarm began with this exceedance, or after it had ended.
    if (normalAt !== null) this.accept(watch, ended(holding, outcome.past, normalAt), heardAt);
    else this.accept(watch, takenOver(outcome.past, since ?? heardAt), heardAt);
  }

  /** The alarm is raised live and takes over the open exceedance that led to it. */
  takeOver(watch: Watch, at: number, receivedAt: number): void {
    const { past } = watch;
    if (past !== null && isOpen(past)) this.accept(watch, takenOver(past, at), receivedAt);
  }

  /** When `look` is next due; infinite where nothing waits. */
  lookAt(watch: Watch): number {
    const at = watch.past === null ? null : lookAt(this.holdingOf(watch), watch.past);
    return at ?? Number.POSITIVE_INFINITY;
  }

  look(watch: Watch, now: number): void {
    if (watch.past !== null) this.accept(watch, look(this.holdingOf(watch), watch.past, now), now);
  }

  private accept(watch: Watch, { past, events, doubtful = 0 }: PastOutcome, receivedAt: number): void {
    this.stats.doubtfulExceedances += doubtful;
    if (past === (watch.past ?? NO_PAST)) return;
    watch.past = past;
    for (const event of events) this.annunciator.noteLate(watch, event, receivedAt);
    this.annunciator.unstored.addCondition(watch);
  }

  private holdingOf({ rule, gapMs }: Watch): Holding {
    const { schedule } = rule;
    return { rule, gapMs, inSchedule: (at) => schedule === null || holds(schedule, at, this.zone) };
  }
}

function isOfStanding({ condition: { level, since } }: Watch, at: number): boolean {
  return level > 0 && !(since !== null && at < since);
}
