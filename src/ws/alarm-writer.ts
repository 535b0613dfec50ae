import type { Alarm, AlarmEvent } from '../domain/alarm/alarm.js';
import { isLateEvent } from '../domain/alarm/transition.js';
import { alarmToWire, type WriteTime } from '../domain/alarm/wire.js';
import type { Entry } from './entry.js';
import { textFrame } from './frame.js';

/** Alarms and events as the clients of `/ws/alarms` get them. What snapshots hold is written once for all of them. */
export class AlarmWriter {
  private readonly written = new WeakMap<Alarm, string>();

  constructor(private readonly time: WriteTime) {}

  entry(event: AlarmEvent): Entry {
    const { seq, event: name, alarm } = event;
    const late = isLateEvent(name) ? ',"late":true' : '';
    const text = this.written.get(alarm) ?? this.write(alarm);
    return { event, frame: textFrame(`{"type":"alarm","seq":${seq},"event":"${name}"${late},"alarm":${text}}`) };
  }

  snapshot(seq: number, alarms: readonly Alarm[]): string {
    return `{"type":"snapshot","seq":${seq},"alarms":[${alarms.map((alarm) => this.alarm(alarm)).join()}]}`;
  }

  private alarm(alarm: Alarm): string {
    let text = this.written.get(alarm);
    if (text === undefined) {
      text = this.write(alarm);
      this.written.set(alarm, text);
    }
    return text;
  }

  private write(alarm: Alarm): string {
    return JSON.stringify(alarmToWire(alarm, this.time));
  }
}
