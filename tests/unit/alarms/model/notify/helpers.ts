import type { NotifiedAlarm, NotifiedEvent } from '../../../../../src/alarms/model/notify/event.js';
import type { EscalationPolicy } from '../../../../../src/alarms/model/notify/policy.js';
import type { AlarmEventName } from '../../../../../src/alarms/model/transition.js';

export const T0 = Date.parse('2026-11-23T08:00:00+08:00');
export const S = 1_000;

export const FIRE: NotifiedAlarm = {
  id: 'smoke:sd-1',
  seq: 1,
  priority: 'critical',
  domain: 'fire',
  park: 'oh-diandu',
  device: 'sd-1',
  place: '3 号楼',
  message: { zh: '感烟探测器报警', en: 'Smoke detected' },
  advice: { zh: '派人到现场确认', en: 'Send somebody to look' },
  value: 1,
  setpoint: 1,
  state: 'unack_active',
  active: true,
  unacknowledged: true,
  suppression: null,
};

export const POLICY: EscalationPolicy = {
  low: [],
  medium: [{ afterS: 0, channels: ['shift'] }],
  high: [
    { afterS: 0, channels: ['shift'] },
    { afterS: 600, channels: ['chief'] },
  ],
  critical: [
    { afterS: 0, channels: ['shift'] },
    { afterS: 180, channels: ['shift', 'chief'] },
    { afterS: 600, channels: ['director'] },
  ],
};

/** An event as the engine would tell it; `change` is what it does to the alarm. */
export function event(seq: number, name: AlarmEventName, change: Partial<NotifiedAlarm> = {}, at = T0): NotifiedEvent {
  return { seq, event: name, at, alarm: { ...FIRE, seq, ...change } };
}

export const ACKED = { unacknowledged: false, state: 'acked_active' } as const;
export const RETURNED = { active: false, state: 'rtn_unack' } as const;
export const SHELVED = { suppression: 'shelved' } as const;
