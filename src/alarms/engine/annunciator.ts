import { type Alarm, type EventCause, freshAlarm, withState, withTransition } from '../model/alarm.js';
import { classPolicyOf } from '../model/class.js';
import type { Transition } from '../model/judge/evaluate.js';
import type { PastEvent } from '../model/judge/past.js';
import { type AlarmState, isQuiet } from '../model/state.js';
import { type AlarmAction, ANNUNCIATIONS, step, type TransitionRefusal } from '../model/transition.js';
import type { StoredCondition } from '../store/store.js';
import type { Unstored } from '../store/unstored.js';
import type { Watch } from './watch/watch.js';

/** Cause, times and operator of an event. Times are epoch milliseconds. */
export interface Occasion {
  readonly cause: EventCause;
  readonly at: number;
  readonly receivedAt: number;
  readonly by?: string | null;
  readonly comment?: string | null;
}

const complete = ({ cause, at, receivedAt, by = null, comment = null }: Occasion) => ({
  ...{ cause, at, receivedAt, by, comment },
});

interface Before {
  readonly state: AlarmState;
  readonly alarm: Alarm | null;
  /** Whether it differs from the stored condition. */
  readonly changed: boolean;
}

/** Applies the actions of ISA-18.2 to alarms, and records the resulting events in `unstored`. */
export class Annunciator {
  /** Every watch whose alarm stands or is suppressed, by the alarm's id. */
  readonly standing = new Map<string, Watch>();
  private attempt: Map<Watch, Before> | null = null;

  constructor(readonly unstored: Unstored) {}

  /** Applies an action; returns why the state refuses it, or null once it is done. */
  apply(watch: Watch, action: AlarmAction, occasion: Occasion, transition?: Transition): TransitionRefusal | null {
    const done = step(watch.state, action, classPolicyOf(watch.rule.alarmClass).latching);
    if ('refused' in done) return done.refused;
    if (done.state === watch.state && done.events.length === 0) return null;
    if (this.attempt && !this.attempt.has(watch)) {
      this.attempt.set(watch, { state: watch.state, alarm: watch.alarm, changed: this.unstored.has(watch) });
    }
    const told = complete(occasion);
    let alarm = watch.alarm ?? freshAlarm(watch.rule, watch.where());
    if (transition) alarm = withTransition(alarm, watch.rule, watch.where(), transition, told.receivedAt);
    if (action.kind === 'acknowledge') {
      alarm = { ...alarm, acknowledgedAt: told.receivedAt, acknowledgedBy: told.by, comment: told.comment };
    } else if (done.events.some((event) => ANNUNCIATIONS.has(event))) {
      alarm = { ...alarm, acknowledgedAt: null, acknowledgedBy: null, comment: null };
    }
    alarm = withState(alarm, done.state);
    for (const event of done.events) alarm = this.unstored.addEvent({ event, ...told, alarm });
    watch.state = done.state;
    this.keep(watch, alarm);
    this.unstored.addCondition(watch);
    return null;
  }

  /** Records that the notifier told the next level of escalation; the alarm's state stays. */
  noteEscalation(watch: Watch, occasion: Occasion): void {
    if (watch.alarm === null) return;
    watch.alarm = this.unstored.addEvent({ event: 'escalated', ...complete(occasion), alarm: watch.alarm });
    this.unstored.addCondition(watch);
  }

  /** Records an event of the past; the alarm's state stays. */
  noteLate(watch: Watch, { event, raised, at }: PastEvent, receivedAt: number): void {
    const before = watch.alarm ?? freshAlarm(watch.rule, watch.where());
    const alarm = withTransition(before, watch.rule, watch.where(), { ...raised, kind: 'raised' }, receivedAt);
    const ended = event === 'cleared_late' ? { ...alarm, clearedAt: at } : alarm;
    this.unstored.addEvent({ event, ...complete({ cause: 'reading', at, receivedAt }), alarm: ended });
    this.unstored.addCondition(watch);
  }

  /** A new watch takes over the alarm with its id that stands without a watch in force. */
  adopt(watch: Watch): void {
    const old = this.standing.get(watch.id);
    if (old === undefined || old === watch) return;
    // The gateway of that name in another park keeps its own alarm.
    if (old.subject.park !== watch.subject.park) return;
    watch.state = old.state;
    watch.alarm = old.alarm;
    this.standing.set(watch.id, watch);
    this.unstored.replace(old, watch);
  }

  restore(watch: Watch, stored: StoredCondition): void {
    watch.restore(stored);
    this.keep(watch, stored.alarm);
  }

  /** Makes later changes to alarms undoable as a whole; `done` makes them final. */
  try(): { readonly undo: () => void; readonly done: () => void } {
    const attempt = new Map<Watch, Before>();
    const undoUnstored = this.unstored.savepoint();
    this.attempt = attempt;
    return {
      undo: () => {
        this.attempt = null;
        for (const [watch, { state, alarm }] of attempt) {
          watch.state = state;
          this.keep(watch, alarm);
        }
        undoUnstored([...attempt].flatMap(([watch, { changed }]) => (changed ? [] : watch)));
      },
      done: () => {
        this.attempt = null;
      },
    };
  }

  private keep(watch: Watch, alarm: Alarm | null): void {
    const quiet = isQuiet(watch.state);
    watch.alarm = quiet ? null : alarm;
    if (!quiet) this.standing.set(watch.id, watch);
    else if (this.standing.get(watch.id) === watch) this.standing.delete(watch.id);
  }
}
