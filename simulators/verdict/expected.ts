import { alarmId } from '../../src/alarms/model/alarm.js';
import type { AlarmEventName } from '../../src/alarms/model/transition.js';

/** One event that a scenario causes, in the order of the record. Times are event time in epoch milliseconds. */
export interface ExpectedEvent {
  readonly event: AlarmEventName;
  /** The level in force after the event, or the last one. */
  readonly level: string;
  readonly earliest: number;
  readonly latest: number;
}

/** All events that a scenario causes in one alarm. */
export interface ExpectedAlarm {
  readonly park: string;
  readonly device: string;
  readonly rule: string;
  /** Null: the scenario is so long that a delay may or may not run out, which leaves the alarm undecided. */
  readonly events: readonly ExpectedEvent[] | null;
}

/** The alarms that a run should cause, by id. */
export class ExpectedAlarms {
  private readonly byId = new Map<string, ExpectedAlarm>();

  /** Adds an alarm's events; later calls for the same alarm must be later in time. */
  add(alarm: ExpectedAlarm): void {
    const id = alarmId(alarm.rule, alarm.device);
    const known = this.byId.get(id);
    const events = joined(known, alarm);
    if (events?.length === 0) return;
    this.byId.set(id, { ...alarm, events });
  }

  list(): ExpectedAlarm[] {
    return [...this.byId.values()];
  }

  /** Epoch milliseconds by which every event has happened; 0 without events. */
  get over(): number {
    return Math.max(0, ...this.list().flatMap(({ events }) => (events ?? []).map(({ latest }) => latest)));
  }
}

function joined(known: ExpectedAlarm | undefined, { events }: ExpectedAlarm): readonly ExpectedEvent[] | null {
  if (events === null || known?.events === null) return null;
  return [...(known?.events ?? []), ...events].sort((a, b) => a.earliest - b.earliest);
}
