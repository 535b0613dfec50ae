import type { Alarm, AlarmEvent } from '../model/alarm.js';
import { matches } from '../model/filter.js';
import { isLateEvent } from '../model/transition.js';
import type { StandingQuery } from '../port.js';

/** The alarms that stand or are suppressed, as of the last durable event, in order of their last events. */
export class Board {
  private readonly alarms = new Map<string, Alarm>();

  constructor(standing: readonly Alarm[]) {
    for (const alarm of standing.toSorted((a, b) => a.seq - b.seq)) this.alarms.set(alarm.id, alarm);
  }

  get size(): number {
    return this.alarms.size;
  }

  get(id: string): Alarm | undefined {
    return this.alarms.get(id);
  }

  apply({ event, alarm }: AlarmEvent): void {
    if (isLateEvent(event)) return;
    this.alarms.delete(alarm.id);
    if (alarm.state !== 'normal' || alarm.suppression !== null) this.alarms.set(alarm.id, alarm);
  }

  /** Newest event first. */
  list({ beforeSeq = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY, ...filter }: StandingQuery): Alarm[] {
    const found: Alarm[] = [];
    for (const alarm of [...this.alarms.values()].reverse()) {
      if (found.length >= limit) break;
      if (alarm.seq < beforeSeq && matches(filter, alarm)) found.push(alarm);
    }
    return found;
  }
}
