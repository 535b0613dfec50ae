import type { Role } from '../../model/access.js';
import type { AlarmAction } from './transition.js';

/** Priorities of ISA-18.2 clause 9, rising. */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

export function atLeast(priority: Priority, minimum: Priority): boolean {
  return PRIORITIES.indexOf(priority) >= PRIORITIES.indexOf(minimum);
}

/** Handling of one class of alarms: ISA-18.2-2016 clause 6.2.6 groups alarms with common requirements into classes. */
interface ClassPolicy {
  /** Whether an alarm whose condition has ended stays until an operator resets it. */
  readonly latching: boolean;
  /** Seconds after which an acknowledged alarm that still stands annunciates again; null: never. */
  readonly reAlarmS: number | null;
  /** Seconds after which an ended alarm acknowledges itself; null: only operators acknowledge. */
  readonly autoAcknowledgeS: number | null;
  /** Longest shelving by an operator, in seconds; 0: none. */
  readonly maxShelveS: number;
  /** Lowest priority that an edit may give a rule of the class. */
  readonly leastPriority: 'low' | 'critical';
  /** Whether a reading of any age raises, if the newest of its series: a fire burns on although its message is late. */
  readonly raisesAtAnyAge: boolean;
  /** Whether only administrators may remove an alarm from service. */
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

/** The figures are the site's choice; the standard only requires one per class. */
export const CLASS_POLICIES = {
  /** A detector or a call point reports fire, or gas close to it. */
  fire_alarm: {
    ...{ ...usual, latching: true, reAlarmS: 600, maxShelveS: 0, leastPriority: 'critical', guarded: true },
    raisesAtAnyAge: true,
  },
  /** State of fire protection: pumps, pressure, doors, controllers. */
  fire_facility: { ...usual, reAlarmS: 4 * HOUR_S, maxShelveS: 0, guarded: true },
  /** Legal limits of emissions. */
  environment: { ...usual, reAlarmS: 8 * HOUR_S },
  /** Danger for people other than fire. */
  safety: { ...usual, reAlarmS: 1_800, maxShelveS: HOUR_S },
  /** Operation and power quality. */
  operation: { ...usual, autoAcknowledgeS: HOUR_S },
  /** Instruments and links that need care. */
  maintenance: { ...usual, autoAcknowledgeS: HOUR_S, maxShelveS: 7 * 24 * HOUR_S },
  system: { ...usual, autoAcknowledgeS: HOUR_S },
} as const satisfies Readonly<Record<string, ClassPolicy>>;

export type AlarmClass = keyof typeof CLASS_POLICIES;
export const ALARM_CLASSES = Object.keys(CLASS_POLICIES) as readonly AlarmClass[];

export function classPolicyOf(alarmClass: AlarmClass): ClassPolicy {
  return CLASS_POLICIES[alarmClass];
}

/**
 * Whether a role may perform the action on alarms of the class. Operators work alarms; only administrators may remove
 * an alarm of a guarded class from service, so that no detector is forgotten there. Operators may return it.
 */
export function mayPerform(role: Role, kind: AlarmAction['kind'], alarmClass: AlarmClass): boolean {
  if (role === 'admin') return true;
  return role === 'operator' && !(kind === 'remove_from_service' && classPolicyOf(alarmClass).guarded);
}
