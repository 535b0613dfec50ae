import type { Cause } from '../rule/rule.js';
import type { Schedule } from '../rule/schedule.js';

/** Limit profile of meters on 220/380 V: only there do voltage limits in volts apply. */
export const LOW_VOLTAGE = 'low-voltage';

/** Limit profile of a transformer's meter at 0.4 kV, with the same limits; its outage is a cause in its place. */
export const TRANSFORMER = 'transformer';

/** Limit profile of the meter of a park's 10 kV supply. */
export const INCOMER = 'incomer-10kv';

/** Limit profile of electroplating works in Wenzhou (DB33/ 2260-2020). */
export const ELECTROPLATING_PROFILE = 'electroplating';

/** Limit profile of hydrants on the municipal mains. */
export const MUNICIPAL_HYDRANT_PROFILE = 'municipal-hydrant';

const WORKDAYS = [1, 2, 3, 4, 5, 6] as const;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7] as const;

/** Hours in which every works is busy: the day shift, Monday to Saturday. Each site adds its holidays. */
export const DAY_SHIFT: Schedule = { mode: 'inside', spans: [{ days: WORKDAYS, from: '08:00', to: '17:00' }] };

/** Hours in which offices and gates are busy. */
export const OFFICE_HOURS: Schedule = {
  mode: 'inside',
  spans: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '17:00' }],
};

/** Nights and Sundays: outside the day and evening shifts. */
export const OFF_SHIFT: Schedule = { mode: 'outside', spans: [{ days: WORKDAYS, from: '06:30', to: '22:00' }] };

/** Hours of least use: flow that starts only then is lost. */
export const DEAD_OF_NIGHT: Schedule = { mode: 'inside', spans: [{ days: EVERY_DAY, from: '01:00', to: '05:00' }] };

/** Alarms that follow from an outage of a transformer or of the park's supply are its effects. */
export const OUT: readonly Cause[] = [
  { rule: 'transformer-out', scope: 'place' },
  { rule: 'park-supply-out', scope: 'park' },
];
