import type { Alarm, AlarmEvent } from '../domain/alarm/alarm.js';
import { alarmToWire, type WriteTime } from '../domain/alarm/wire.js';
import type { Entry } from './entry.js';
import { textFrame } from './frame.js';

/** Alarms and events as the clients of `/ws/alarms` get them; each alarm is written once. */
export class AlarmWriter {
  private readonly written = new WeakMap<Alarm, string>();

  constructor(private readonly time: WriteTime) {}

  entry(event: AlarmEvent): Entry {
    const { seq, event: name, alarm } = event;
    return { event, frame: textFrame(`{"type":"alarm","seq":${seq},"event":"${name}","alarm":${this.alarm(alarm)}}`) };
  }

  snapshot(seq: number, alarms: readonly Alarm[]): string {
    return `{"type":"snapshot","seq":${seq},"alarms":[${alarms.map((alarm) => this.alarm(alarm)).join()}]}`;
  }

  private alarm(alarm: Alarm): string {
    let text = this.written.get(alarm);
    if (text === undefined) {
      text = JSON.stringify(alarmToWire(alarm, this.time));
      this.written.set(alarm, text);
    }
    return text;
  }
}
