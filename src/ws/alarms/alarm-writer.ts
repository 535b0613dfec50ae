import type { Alarm, AlarmEvent } from '../../alarms/model/alarm.js';
import { asSeen, type Looking } from '../../alarms/model/judge/seen.js';
import { isLateEvent } from '../../alarms/model/transition.js';
import { alarmToWire } from '../../alarms/model/wire.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { textFrame } from '../frame.js';
import type { Entry } from './recent-events.js';

/** Writes alarms and events for clients of `/ws/alarms`; an alarm in a snapshot is written once for all of them. */
export class AlarmWriter {
  private readonly texts = new WeakMap<Alarm, string>();

  constructor(
    private readonly time: WriteTime,
    private readonly parksNamed: Looking['parksNamed'] = () => [],
  ) {}

  entry(event: AlarmEvent): Entry {
    const { seq, event: name, alarm } = event;
    const late = isLateEvent(name) ? ',"late":true' : '';
    const frameOf = (text: string) =>
      textFrame(`{"type":"alarm","seq":${seq},"event":"${name}"${late},"alarm":${text}}`);
    const frame = frameOf(this.texts.get(alarm) ?? this.write(alarm));
    // Most alarms have the same id for every client.
    if (!alarm.id.includes('@') && !alarm.cause?.includes('@')) return { event, frame };
    const seenBy = (parks: ReadonlySet<string>) => frameOf(this.write(this.seen(alarm, parks)));
    return { event, frame, seenBy };
  }

  /** `sees`: the parks that its clients may see; undefined: all. */
  snapshot(seq: number, alarms: readonly Alarm[], sees?: ReadonlySet<string>): string {
    const texts = alarms.map((alarm) => this.alarm(sees === undefined ? alarm : this.seen(alarm, sees)));
    return `{"type":"snapshot","seq":${seq},"alarms":[${texts.join()}]}`;
  }

  private seen(alarm: Alarm, parks: ReadonlySet<string>): Alarm {
    return asSeen(alarm, { sees: (park) => parks.has(park), parksNamed: this.parksNamed });
  }

  private alarm(alarm: Alarm): string {
    let text = this.texts.get(alarm);
    if (text === undefined) {
      text = this.write(alarm);
      this.texts.set(alarm, text);
    }
    return text;
  }

  private write(alarm: Alarm): string {
    return JSON.stringify(alarmToWire(alarm, this.time));
  }
}
