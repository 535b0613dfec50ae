import type { Role } from '../../model/access.js';
import type { AlarmAction } from './transition.js';

/** Priorities of ISA-18.2 clause 9, rising. */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Whether `priority` is at least `minimum`. */
export function atLeast(priority: Priority, minimum: Priority): boolean {
  return PRIORITIES.indexOf(priority) >= PRIORITIES.indexOf(minimum);
}

/** How alarms of one class are handled: ISA-18.2-2016 clause 6.2.6 groups alarms with common requirements into classes. */
interface ClassPolicy {
  /** Whether an alarm whose condition has ended stays until somebody resets it. */
  readonly latching: boolean;
  /** Seconds after which an acknowledged alarm that still stands asks for attention again; null: never. */
  readonly reAlarmS: number | null;
  /** Seconds after which one that has ended counts as acknowledged by itself; null: only people acknowledge. */
  readonly autoAcknowledgeS: number | null;
  /** Longest that an operator may shelve one, in seconds; 0: never. */
  readonly maxShelveS: number;
  /** Priority below which no edit may bring a rule of the class. */
  readonly leastPriority: 'low' | 'critical';
  /**
   * Whether a reading raises one however late it comes, as long as it is the newest of its series: a fire does not stop
   * burning because its message was held up.
   */
  readonly raisesAtAnyAge: boolean;
  /** Whether taking one out of service is for administrators alone. */
  readonly guarded: boolean;
}

const HOUR_S = 3_600;
const usual: ClassPolicy = {
  latching: false,
  reAlarmS: null,
  autoAcknowledgeS: null,
  maxShelveS: 12 * HOUR_S,
  leastPriority: 'low',
  raisesAtAnyAge: false,
  guarded: false,
};

/** The figures are the site's to choose; the standard only asks that they be chosen per class. */
export const CLASS_POLICIES = {
  /** A detector or a person says that it burns, or gas is about to. */
  fire_alarm: {
    ...{ ...usual, latching: true, reAlarmS: 600, maxShelveS: 0, leastPriority: 'critical', guarded: true },
    raisesAtAnyAge: true,
  },
  /** State of what protects against fire: pumps, pressure, doors, controllers. */
  fire_facility: { ...usual, reAlarmS: 4 * HOUR_S, maxShelveS: 0, guarded: true },
  /** Legal limits of emissions. */
  environment: { ...usual, reAlarmS: 8 * HOUR_S },
  /** Danger for people other than fire. */
  safety: { ...usual, reAlarmS: 1_800, maxShelveS: HOUR_S },
  /** Operation and power quality. */
  operation: { ...usual, autoAcknowledgeS: HOUR_S },
  /** Instruments and links that need care. */
  maintenance: { ...usual, autoAcknowledgeS: HOUR_S, maxShelveS: 7 * 24 * HOUR_S },
  /** The service itself. */
  system: { ...usual, autoAcknowledgeS: HOUR_S },
} as const satisfies Readonly<Record<string, ClassPolicy>>;

export type AlarmClass = keyof typeof CLASS_POLICIES;
export const ALARM_CLASSES = Object.keys(CLASS_POLICIES) as readonly AlarmClass[];

export function policyOf(alarmClass: AlarmClass): ClassPolicy {
  return CLASS_POLICIES[alarmClass];
}

/**
 * Whether a role may do this to alarms of the class. Operators work alarms; to take one of a guarded class out of
 * service, so that no detector is forgotten in that state, is for administrators. Putting it back is not.
 */
export function mayPerform(role: Role, kind: AlarmAction['kind'], alarmClass: AlarmClass): boolean {
  if (role === 'admin') return true;
  return role === 'operator' && !(kind === 'remove_from_service' && policyOf(alarmClass).guarded);
}
