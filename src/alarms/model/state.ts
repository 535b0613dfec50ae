/** An operator shelved the alarm, ISA-18.2-2016 clause 11.7. Times are epoch milliseconds. */
export interface Shelving {
  /** Token id. */
  readonly by: string;
  readonly why: string;
  readonly at: number;
  readonly until: number;
  /** Ends also when the condition returns to normal. */
  readonly oneShot: boolean;
}

/** Removed from service for maintenance, without a time limit, ISA-18.2-2016 clause 11.9. */
export interface Removal {
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

/** The three ways to suppress an alarm; they hold independently of each other. */
export interface Suppression {
  readonly shelved: Shelving | null;
  /** Id of the causing alarm, ISA-18.2-2016 clause 11.8 (suppressed by design). */
  readonly byDesign: string | null;
  readonly outOfService: Removal | null;
}

/** The annunciation side of an alarm. `active`: its condition is present, even suppressed; `latched`: until reset. */
export interface AlarmState {
  readonly active: boolean;
  readonly unacknowledged: boolean;
  readonly latched: boolean;
  readonly suppression: Suppression;
}

export const UNSUPPRESSED: Suppression = { shelved: null, byDesign: null, outOfService: null };

export const NORMAL: AlarmState = { active: false, unacknowledged: false, latched: false, suppression: UNSUPPRESSED };

/** States of ISA-18.2-2016 figure 3; `latched_rtn`: returned to normal, waiting to be reset. */
export const ALARM_STATES = ['normal', 'unack_active', 'acked_active', 'rtn_unack', 'latched_rtn'] as const;
export type AlarmStateName = (typeof ALARM_STATES)[number];

export function stateName({ active, unacknowledged, latched }: AlarmState): AlarmStateName {
  if (active) return unacknowledged ? 'unack_active' : 'acked_active';
  if (latched) return 'latched_rtn';
  return unacknowledged ? 'rtn_unack' : 'normal';
}

export const SUPPRESSIONS = ['shelved', 'suppressed_by_design', 'out_of_service'] as const;
export type SuppressionName = (typeof SUPPRESSIONS)[number];

/** The suppression in force, the most lasting first; null: none. */
export function suppressionName({ suppression }: Pick<AlarmState, 'suppression'>): SuppressionName | null {
  if (suppression.outOfService) return 'out_of_service';
  if (suppression.shelved) return 'shelved';
  return suppression.byDesign === null ? null : 'suppressed_by_design';
}

/** Whether the alarm neither stands nor is suppressed, so that nothing needs to be kept. */
export function isQuiet(state: AlarmState): boolean {
  return stateName(state) === 'normal' && suppressionName(state) === null;
}
