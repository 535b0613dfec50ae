import type { Watch } from '../engine/watch/watch.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { StoredCondition } from './store.js';

/** What is decided and not stored yet: events, which it numbers, and the conditions that differ from what is stored. */
export class Unstored {
  events: AlarmEvent[] = [];
  private changed = new Set<Watch>();
  /** Whose signals have seen something that is not stored, the longest first. */
  private readonly memories = new Set<Watch>();
  /** Stored conditions that no watch has any more. */
  private orphaned: StoredCondition[] = [];

  /** @param nextSeq number of the next event */
  constructor(private nextSeq: number) {}

  /** Numbers an event; returns its alarm, which bears the number. */
  addEvent({ alarm: before, ...event }: Omit<AlarmEvent, 'seq'>): Alarm {
    const seq = this.nextSeq;
    const alarm = { ...before, seq };
    this.events.push({ seq, ...event, alarm });
    this.nextSeq += 1;
    return alarm;
  }

  /** The condition changed, or what belongs to it. */
  addCondition(watch: Watch): void {
    this.changed.add(watch);
  }

  /** Its signal has seen something: to be stored by and by. */
  addMemory(watch: Watch): void {
    if (watch.memoryWaits) return;
    watch.memoryWaits = true;
    this.memories.add(watch);
  }

  /** A stored condition whose rule no longer exists. */
  addOrphaned(condition: StoredCondition): void {
    this.orphaned.push(condition);
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

  has(watch: Watch): boolean {
    return this.changed.has(watch);
  }

  /** Another watch stands for what `old` stood for. */
  replace(old: Watch, watch: Watch): void {
    if (this.changed.delete(old)) this.changed.add(watch);
    this.memories.delete(old);
  }

  /** Whether a condition or a signal differs from what is stored. */
  get hasConditions(): boolean {
    return this.changed.size > 0 || this.orphaned.length > 0 || this.memories.size > 0;
  }

  conditions(): StoredCondition[] {
    return [...Array.from(this.changed, (watch) => watch.stored()), ...this.orphaned];
  }

  /** Everything decided so far is stored, or about to be; returns how to take that back. */
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

  /** Returns how to take back the events from here on, and the changes of some watches. */
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
