import type { Watch } from '../engine/watch/watch.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { StoredCondition } from './store.js';

/** Decisions that are not stored yet: events, which it numbers, and changed conditions. */
export class Unstored {
  events: AlarmEvent[] = [];
  private changed = new Set<Watch>();
  /** Watches whose signal has unstored readings, longest first. */
  private readonly memories = new Set<Watch>();
  /** Stored conditions without a watch. */
  private orphaned: StoredCondition[] = [];

  /** @param nextSeq number of the next event */
  constructor(private nextSeq: number) {}

  /** Numbers an event; returns its alarm with the number. */
  addEvent({ alarm: before, ...event }: Omit<AlarmEvent, 'seq'>): Alarm {
    const seq = this.nextSeq;
    const alarm = { ...before, seq };
    this.events.push({ seq, ...event, alarm });
    this.nextSeq += 1;
    return alarm;
  }

  /** Marks a condition for storage. */
  addCondition(watch: Watch): void {
    this.changed.add(watch);
  }

  /** Marks the memory of its signal for storage later. */
  addMemory(watch: Watch): void {
    if (watch.memoryWaits) return;
    watch.memoryWaits = true;
    this.memories.add(watch);
  }

  /** Marks a stored condition whose rule no longer exists. */
  addOrphaned(condition: StoredCondition): void {
    this.orphaned.push(condition);
  }

  /** Adds up to `most` signals, those that waited longest, to the conditions to store. */
  drainMemories(most = Number.POSITIVE_INFINITY): void {
    for (const watch of this.memories) {
      if (most <= 0) return;
      most -= 1;
      this.memories.delete(watch);
      watch.memoryWaits = false;
      this.changed.add(watch);
    }
  }

  has(watch: Watch): boolean {
    return this.changed.has(watch);
  }

  /** Puts a new watch in the place of `old`. */
  replace(old: Watch, watch: Watch): void {
    if (this.changed.delete(old)) this.changed.add(watch);
    this.memories.delete(old);
  }

  /** Whether a condition or a signal differs from its stored form. */
  get hasConditions(): boolean {
    return this.changed.size > 0 || this.orphaned.length > 0 || this.memories.size > 0;
  }

  conditions(): StoredCondition[] {
    return [...Array.from(this.changed, (watch) => watch.stored()), ...this.orphaned];
  }

  /** Forgets what has been stored, or is about to be; returns how to undo that. */
  settle(): () => void {
    const { events, changed, orphaned } = this;
    this.events = [];
    this.changed = new Set();
    this.orphaned = [];
    return () => {
      this.events.unshift(...events);
      for (const watch of changed) this.changed.add(watch);
      this.orphaned.push(...orphaned);
    };
  }

  /** Returns how to undo later events, and the changes of some watches. */
  savepoint(): (unchanged: Iterable<Watch>) => void {
    const { nextSeq } = this;
    const { length } = this.events;
    return (unchanged) => {
      this.nextSeq = nextSeq;
      this.events.length = length;
      for (const watch of unchanged) this.changed.delete(watch);
    };
  }
}
