import type { DeviceChange } from '../../registry/port.js';
import { ACTION_OF } from '../model/action.js';
import type { AlarmEvent, EventCause } from '../model/alarm.js';
import { isTiming, normalCondition } from '../model/judge/condition.js';
import type { Transition } from '../model/judge/evaluate.js';
import type { Judgement } from '../model/judge/judge.js';
import { NO_PAST, recorded } from '../model/judge/past.js';
import type { StoredCondition } from '../store/store.js';
import type { Annunciator, Occasion } from './annunciator.js';
import type { Causes } from './causes.js';
import type { PastJudge } from './past/past-judge.js';
import { orphanedWatch } from './watch/orphaned-watch.js';
import type { Watch } from './watch/watch.js';

/** Why a watch ends. */
export type EndReason = Pick<AlarmEvent, 'cause' | 'comment'>;

const WITHDRAWN: EndReason = { cause: 'rule_withdrawn', comment: null };

const GONE: Readonly<Record<Exclude<DeviceChange, 'restored'>, string>> = {
  retired: 'the device was retired',
  removed: 'the device was removed from its park',
  moved: 'the device was moved to another park',
};
export const goneBy = (change: DeviceChange | undefined): EndReason | undefined =>
  change === undefined || change === 'restored' ? undefined : { cause: 'device_gone', comment: GONE[change] };

/** Applies the result of a judgement: updates the watch's condition and its alarm, and marks both for storage. */
export class Verdicts {
  constructor(
    private readonly annunciator: Annunciator,
    private readonly causes: Causes,
    private readonly pasts: PastJudge,
  ) {}

  /** Marks the signal's memory for storage, at once where the alarm depends on it. */
  remember(watch: Watch, measure: number | null): void {
    // Stored votes must not be older than the stored cursor: the next vote may come much later, and an old one counts
    // as withdrawn. The same holds for what ends an alarm.
    const votes = watch.rule.signal.kind === 'vote' && (measure !== watch.measure || measure !== 0);
    if (votes || !watch.normal) this.annunciator.unstored.addCondition(watch);
    else this.annunciator.unstored.addMemory(watch);
    watch.measure = measure;
  }

  /** Applies a judgement to the watch and records its transition. */
  accept(watch: Watch, judged: Judgement, receivedAt: number, cause: EventCause): void {
    const { before, condition, transition } = judged;
    if (condition === before) return;
    watch.condition = condition;
    if (transition) this.decide(watch, transition, { cause, at: transition.at, receivedAt });
    // The timing of a normal condition, or of a standing level, is not worth a write.
    if (transition || isTiming(before) || isTiming(condition)) this.annunciator.unstored.addCondition(watch);
  }

  private decide(watch: Watch, transition: Transition, occasion: Occasion): void {
    const { kind, since, at } = transition;
    if (kind === 'raised') {
      this.pasts.takeOver(watch, at, occasion.receivedAt);
      this.causes.silence(watch, occasion);
    }
    this.annunciator.apply(watch, { kind: ACTION_OF[kind] }, occasion, transition);
    if (kind === 'cleared' && watch.signal === null) watch.past = recorded(watch.past ?? NO_PAST, [since, at]);
    this.causes.changed(watch, occasion);
  }

  /** Ends a watch whose rule or device no longer exists, or whose rule no longer applies; its alarm ends at `now`. */
  withdraw(watch: Watch, now: number, { cause, comment }: EndReason = WITHDRAWN): void {
    const { condition } = watch;
    watch.past = watch.waiting = null;
    if (!watch.normal) {
      watch.condition = normalCondition(condition.lastTs);
      this.annunciator.unstored.addCondition(watch);
    }
    const occasion: Occasion = { cause, comment, at: now, receivedAt: now };
    const ended: Transition = { kind: 'cleared', level: 0, at: now, since: condition.since ?? now, value: 0 };
    this.annunciator.apply(watch, { kind: 'withdraw' }, occasion, condition.level > 0 ? ended : undefined);
    this.causes.changed(watch, occasion);
  }

  /** Ends an alarm that no watch evaluates; it stands until an operator acknowledges it. */
  forget(stored: StoredCondition, now: number, reason?: EndReason): void {
    if (stored.quiet) return;
    if (stored.alarm === null) {
      this.annunciator.unstored.addOrphaned({ ...stored, quiet: true, condition: normalCondition(now) });
      return;
    }
    const watch = orphanedWatch(stored, stored.alarm);
    this.annunciator.restore(watch, stored);
    this.withdraw(watch, now, reason);
  }
}
