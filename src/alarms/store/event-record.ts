import type { Watch } from '../engine/watch/watch.js';
import { type Alarm, type AlarmEvent, type EventCause, freshAlarm, withState, withTransition } from '../model/alarm.js';
import { policyOf } from '../model/class.js';
import type { Transition } from '../model/judge/evaluate.js';
import type { PastEvent } from '../model/judge/past.js';
import { type AlarmState, isQuiet } from '../model/state.js';
import { type AlarmAction, ANNUNCIATIONS, type Refusal, step } from '../model/transition.js';
import type { StoredCondition } from './store.js';

/** What an event is recorded with. Times are epoch milliseconds. */
export interface Occasion {
  readonly cause: EventCause;
  readonly at: number;
  readonly receivedAt: number;
  readonly by?: string | null;
  readonly comment?: string | null;
}

interface Before {
  readonly state: AlarmState;
  readonly alarm: Alarm | null;
  /** Whether it differed from what is stored already. */
  readonly changed: boolean;
}

/** Decides what happens to alarms and numbers it. What it has decided waits here until someone has stored it. */
export class EventRecord {
  /** Decided and not yet stored. */
  events: AlarmEvent[] = [];
  private changed = new Set<Watch>();
  /** Whose signals have seen something that is not stored, the longest first. */
  private readonly memories = new Set<Watch>();
  /** Stored conditions that no watch has any more. */
  private orphans: StoredCondition[] = [];
  /** Every watch whose alarm stands or is suppressed, by the alarm's id. */
  readonly kept = new Map<string, Watch>();
  private attempt: Map<Watch, Before> | null = null;

  constructor(private nextSeq: number) {}

  /** Applies an action; returns why it is refused, or null once it is done. */
  apply(watch: Watch, action: AlarmAction, occasion: Occasion, transition?: Transition): Refusal | null {
    const done = step(watch.state, action, policyOf(watch.rule.alarmClass).latching);
    if ('refused' in done) return done.refused;
    if (done.state === watch.state && done.events.length === 0) return null;
    if (this.attempt && !this.attempt.has(watch)) {
      this.attempt.set(watch, { state: watch.state, alarm: watch.alarm, changed: this.changed.has(watch) });
    }
    const { by = null, comment = null, at, receivedAt, cause } = occasion;
    let alarm = watch.alarm ?? freshAlarm(watch.rule, watch.where());
    if (transition) alarm = withTransition(alarm, watch.rule, watch.where(), transition, receivedAt);
    if (action.kind === 'acknowledge') {
      alarm = { ...alarm, acknowledgedAt: receivedAt, acknowledgedBy: by, comment };
    } else if (done.events.some((event) => ANNUNCIATIONS.has(event))) {
      alarm = { ...alarm, acknowledgedAt: null, acknowledgedBy: null, comment: null };
    }
    alarm = withState(alarm, done.state);
    for (const event of done.events) alarm = this.write(event, { cause, at, receivedAt, by, comment }, alarm);
    watch.state = done.state;
    this.keep(watch, alarm);
    this.changed.add(watch);
    return null;
  }

  /** Records what changes no state: that the next level of escalation was told. */
  note(watch: Watch, event: 'escalated', occasion: Occasion): void {
    if (watch.alarm === null) return;
    const { by = null, comment = null, at, receivedAt, cause } = occasion;
    watch.alarm = this.write(event, { cause, at, receivedAt, by, comment }, watch.alarm);
    this.changed.add(watch);
  }

  /** Records what happened in the past; the alarm stays as it is. */
  noteLate(watch: Watch, { event, raised, at }: PastEvent, receivedAt: number): void {
    const before = watch.alarm ?? freshAlarm(watch.rule, watch.where());
    const alarm = withTransition(before, watch.rule, watch.where(), { ...raised, kind: 'raised' }, receivedAt);
    const ended = event === 'cleared_late' ? { ...alarm, clearedAt: at } : alarm;
    this.write(event, { cause: 'reading', at, receivedAt, by: null, comment: null }, ended);
    this.changed.add(watch);
  }

  /** The condition changed, and nobody has to know. */
  addCondition(watch: Watch): void {
    this.changed.add(watch);
  }

  /** Its signal has seen something: to be stored by and by. */
  addMemory(watch: Watch): void {
    if (watch.memoryWaits) return;
    watch.memoryWaits = true;
    this.memories.add(watch);
  }

  /** Counts up to `most` signals that have waited longest among what is to be stored now. */
  drainMemories(most = Number.POSITIVE_INFINITY): void {
    for (const watch of this.memories) {
      if (most <= 0) return;
      most -= 1;
      this.memories.delete(watch);
      watch.memoryWaits = false;
      this.changed.add(watch);
    }
  }

  /** Whether a condition or a signal differs from what is stored. */
  get unstored(): boolean {
    return this.changed.size > 0 || this.orphans.length > 0 || this.memories.size > 0;
  }

  /** A new watch takes over what still stands of an alarm of its id that nothing evaluated meanwhile. */
  adopt(watch: Watch): void {
    const old = this.kept.get(watch.id);
    if (old === undefined || old === watch) return;
    // A gateway of that name in another park: what stood there is not its own.
    if (old.subject.park !== watch.subject.park) return;
    watch.state = old.state;
    watch.alarm = old.alarm;
    this.kept.set(watch.id, watch);
    if (this.changed.delete(old)) this.changed.add(watch);
    this.memories.delete(old);
  }

  /** A stored condition whose rule is gone. */
  forget(condition: StoredCondition): void {
    this.orphans.push(condition);
  }

  /** A watch as it was stored. */
  restore(watch: Watch, { condition, past, state, alarm }: StoredCondition): void {
    watch.condition = condition;
    watch.past = past;
    watch.state = state;
    this.keep(watch, alarm);
  }

  /** Conditions that differ from what is stored. */
  conditions(): StoredCondition[] {
    return [...Array.from(this.changed, (watch) => watch.stored()), ...this.orphans];
  }

  /** Everything decided so far is stored, or about to be; returns how to take that back. */
  settle(): () => void {
    const { events, changed, orphans } = this;
    this.events = [];
    this.changed = new Set();
    this.orphans = [];
    return () => {
      this.events.unshift(...events);
      for (const watch of changed) this.changed.add(watch);
      this.orphans.push(...orphans);
    };
  }

  /** From here on what is done to alarms can be taken back as a whole; `done` ends that. */
  try(): { readonly undo: () => void; readonly done: () => void } {
    const { nextSeq } = this;
    const waiting = this.events.length;
    const attempt = new Map<Watch, Before>();
    this.attempt = attempt;
    return {
      undo: () => {
        this.attempt = null;
        this.nextSeq = nextSeq;
        this.events.length = waiting;
        for (const [watch, { state, alarm, changed }] of attempt) {
          watch.state = state;
          this.keep(watch, alarm);
          if (!changed) this.changed.delete(watch);
        }
      },
      done: () => {
        this.attempt = null;
      },
    };
  }

  private keep(watch: Watch, alarm: Alarm | null): void {
    const quiet = isQuiet(watch.state);
    watch.alarm = quiet ? null : alarm;
    if (!quiet) this.kept.set(watch.id, watch);
    else if (this.kept.get(watch.id) === watch) this.kept.delete(watch.id);
  }

  private write(event: AlarmEvent['event'], occasion: Required<Occasion>, before: Alarm): Alarm {
    const seq = this.nextSeq;
    const alarm = { ...before, seq };
    this.events.push({ seq, event, ...occasion, alarm });
    this.nextSeq += 1;
    return alarm;
  }
}
