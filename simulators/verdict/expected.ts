import { alarmId } from '../../src/alarms/model/alarm.js';
import type { AlarmEventName } from '../../src/alarms/model/transition.js';

/** One event that a scenario causes, in the order of the record. Times are event time in epoch milliseconds. */
export interface ExpectedEvent {
  readonly event: AlarmEventName;
  /** The level that stands from then on, or stood last. */
  readonly level: string;
  readonly earliest: number;
  readonly latest: number;
}

/** All that a scenario makes one alarm do. */
export interface ExpectedAlarm {
  readonly park: string;
  readonly device: string;
  readonly rule: string;
  /** Null: the scenario is so long that a delay may or may not run out, and nothing can be said. */
  readonly events: readonly ExpectedEvent[] | null;
}

/** The alarms that a run is to cause, by id. */
export class ExpectedAlarms {
  private readonly byId = new Map<string, ExpectedAlarm>();

  /** Adds what an alarm does; more of the same alarm goes in the order of time. */
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

  /** Epoch milliseconds by which all of it has happened; 0 when nothing is to happen. */
  get over(): number {
    return Math.max(0, ...this.list().flatMap(({ events }) => (events ?? []).map(({ latest }) => latest)));
  }
}

function joined(known: ExpectedAlarm | undefined, { events }: ExpectedAlarm): readonly ExpectedEvent[] | null {
  if (events === null || known?.events === null) return null;
  return [...(known?.events ?? []), ...events].sort((a, b) => a.earliest - b.earliest);
}
