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

/** Why something is watched no more. */
export type Reason = Pick<AlarmEvent, 'cause' | 'comment'>;

const WITHDRAWN: Reason = { cause: 'rule_withdrawn', comment: null };

const GONE: Readonly<Record<Exclude<DeviceChange, 'restored'>, string>> = {
  retired: 'the device was retired',
  removed: 'the device was removed from its park',
  moved: 'the device was moved to another park',
};
export const goneBy = (change: DeviceChange | undefined): Reason | undefined =>
  change === undefined || change === 'restored' ? undefined : { cause: 'device_gone', comment: GONE[change] };

/** What comes of a judgement: the watch's condition, what happens to its alarm, and what is to be stored of it. */
export class Verdicts {
  constructor(
    private readonly annunciator: Annunciator,
    private readonly causes: Causes,
    private readonly pasts: PastJudge,
  ) {}

  /** Has what the watch's signal knows now stored, at once where much depends on it. */
  remember(watch: Watch, measure: number | null): void {
    // Who votes how, and when, must not be older than the place from which readings are evaluated again: the next vote may
    // be long in coming, and an old one counts as withdrawn. Nor may what the end of an alarm depends on.
    const votes = watch.rule.signal.kind === 'vote' && (measure !== watch.measure || measure !== 0);
    if (votes || !watch.normal) this.annunciator.unstored.addCondition(watch);
    else this.annunciator.unstored.addMemory(watch);
    watch.measure = measure;
  }

  /** Takes over what was judged, and tells what it brought. */
  accept(watch: Watch, judged: Judgement, receivedAt: number, cause: EventCause): void {
    const { before, condition, transition } = judged;
    if (condition === before) return;
    watch.condition = condition;
    if (transition) this.decide(watch, transition, { cause, at: transition.at, receivedAt });
    // The mere clock of a normal condition, or of a level that stands, is not worth a write.
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

  /** Its rule or its device no longer exists, or the rule is no longer for it: what stands ends at `now`. */
  withdraw(watch: Watch, now: number, { cause, comment }: Reason = WITHDRAWN): void {
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

  /** Nothing evaluates it any more: it ends, and what nobody has acknowledged goes on standing by itself. */
  forget(stored: StoredCondition, now: number, reason?: Reason): void {
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
