/** What can happen to an alarm; later ones (acknowledged, shelved, reset…) join here. */
export const ALARM_EVENTS = ['raised', 'cleared'] as const;
export type AlarmEventName = (typeof ALARM_EVENTS)[number];

/** A change that people are told of. Times are event time in epoch milliseconds. */
export interface Transition {
  readonly event: AlarmEventName;
  readonly at: number;
  /** When the condition began. */
  readonly since: number;
  /** The value that decided. */
  readonly value: number;
}
