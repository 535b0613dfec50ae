import {
  type AlarmState,
  type Removal,
  type Shelving,
  type SuppressionName,
  suppressionName,
  UNSUPPRESSED,
} from './state.js';

/** Actions on an alarm: by its process, by operators, by time, by design. */
export type AlarmAction =
  | { readonly kind: 'begin' | 'level_up' | 'level_down' | 'end' }
  | { readonly kind: 'acknowledge' | 'reset' | 're_alarm' | 'unshelve' | 'unsuppress' | 'return_to_service' }
  | { readonly kind: 'shelve'; readonly shelving: Shelving }
  | { readonly kind: 'suppress'; readonly cause: string }
  | { readonly kind: 'remove_from_service'; readonly removal: Removal }
  /** Its rule no longer exists, or no longer applies to this subject. */
  | { readonly kind: 'withdraw' };

/**
 * Stored events. While an alarm is suppressed its process is stored as `condition_began` and `condition_ended`.
 * `escalated`: no operator acknowledged in time, the next level was told. `raised_late` and `cleared_late`: late
 * readings show an exceedance of the past; the alarm stays as it is.
 */
export const ALARM_EVENTS = [
  'raised',
  'level_raised',
  'level_lowered',
  're_alarmed',
  'cleared',
  'acknowledged',
  'reset',
  'shelved',
  'unshelved',
  'suppressed',
  'unsuppressed',
  'out_of_service',
  'returned_to_service',
  'condition_began',
  'condition_ended',
  'escalated',
  'raised_late',
  'cleared_late',
] as const;
export type AlarmEventName = (typeof ALARM_EVENTS)[number];

/** Events of the past: stored without sound or notification. */
const LATE: ReadonlySet<AlarmEventName> = new Set(['raised_late', 'cleared_late']);
export const isLateEvent = (event: AlarmEventName): boolean => LATE.has(event);

/** Events that ask an operator for attention; only these count as alarms in the figures of EEMUA 191. */
export const ANNUNCIATIONS: ReadonlySet<AlarmEventName> = new Set(['raised', 'level_raised', 're_alarmed']);
export const isAnnunciation = (event: AlarmEventName): boolean => ANNUNCIATIONS.has(event);

/** Why the alarm's state does not allow an action; stable codes, for programs. */
export const REFUSALS = {
  not_unacknowledged: 'there is nothing to acknowledge',
  not_latched: 'the alarm is not latched, so there is nothing to reset',
  still_active: 'its condition is still there; it can be reset once that has ended',
  acknowledge_first: 'it has to be acknowledged before it can be reset',
  already_shelved: 'it is shelved already',
  not_shelved: 'it is not shelved',
  already_out_of_service: 'it is out of service already',
  not_out_of_service: 'it is not out of service',
  not_suppressed: 'it is not suppressed by design',
  not_standing: 'it does not stand',
} as const;
export type TransitionRefusal = keyof typeof REFUSALS;

type Step =
  | { readonly state: AlarmState; readonly events: readonly AlarmEventName[] }
  | { readonly refused: TransitionRefusal };

/**
 * The next state of an alarm, after ISA-18.2-2016 clause 5.6 and figure 3. When the last suppression ends, an alarm
 * that became active during it annunciates; one unacknowledged before it still is.
 */
export function step(state: AlarmState, action: AlarmAction, latching: boolean): Step {
  const suppressed = suppressionName(state) !== null;
  const { suppression } = state;
  switch (action.kind) {
    case 'begin':
      if (suppressed) return moved({ ...state, active: true }, 'condition_began');
      return moved(annunciated(state, latching), 'raised');
    case 'level_up':
      if (!state.active) return { refused: 'not_standing' };
      return suppressed ? moved(state, 'condition_began') : moved(annunciated(state, latching), 'level_raised');
    case 'level_down':
      return state.active ? moved(state, 'level_lowered') : { refused: 'not_standing' };
    case 'end':
      return state.active ? end(state) : { refused: 'not_standing' };
    case 'acknowledge':
      if (!state.unacknowledged) return { refused: 'not_unacknowledged' };
      return moved({ ...state, unacknowledged: false }, 'acknowledged');
    case 'reset':
      if (!state.latched) return { refused: 'not_latched' };
      if (state.active) return { refused: 'still_active' };
      if (state.unacknowledged) return { refused: 'acknowledge_first' };
      return moved({ ...state, latched: false }, 'reset');
    case 're_alarm':
      if (!state.active || state.unacknowledged || suppressed) return { refused: 'not_standing' };
      return moved({ ...state, unacknowledged: true }, 're_alarmed');
    case 'shelve':
      if (suppression.shelved) return { refused: 'already_shelved' };
      return moved({ ...state, suppression: { ...suppression, shelved: action.shelving } }, 'shelved');
    case 'unshelve':
      if (!suppression.shelved) return { refused: 'not_shelved' };
      return lifted({ ...state, suppression: { ...suppression, shelved: null } }, 'unshelved', latching);
    case 'suppress': {
      const after = { ...state, suppression: { ...suppression, byDesign: action.cause } };
      // Another cause is an event too: operators must look at that one now.
      return suppression.byDesign === action.cause ? moved(after) : moved(after, 'suppressed');
    }
    case 'unsuppress':
      if (suppression.byDesign === null) return { refused: 'not_suppressed' };
      return lifted({ ...state, suppression: { ...suppression, byDesign: null } }, 'unsuppressed', latching);
    case 'remove_from_service':
      if (suppression.outOfService) return { refused: 'already_out_of_service' };
      return moved({ ...state, suppression: { ...suppression, outOfService: action.removal } }, 'out_of_service');
    case 'return_to_service':
      if (!suppression.outOfService) return { refused: 'not_out_of_service' };
      return lifted({ ...state, suppression: { ...suppression, outOfService: null } }, 'returned_to_service', latching);
    case 'withdraw':
      return withdraw(state);
  }
}

const moved = (state: AlarmState, ...events: readonly AlarmEventName[]): Step => ({ state, events });

const annunciated = (state: AlarmState, latching: boolean): AlarmState => ({
  ...state,
  active: true,
  unacknowledged: true,
  latched: state.latched || latching,
});

/** The end of the condition also ends one-shot shelving, and suppression by design, which has no effect any more. */
function end(state: AlarmState): Step {
  const { shelved, byDesign, outOfService } = state.suppression;
  if (suppressionName(state) === null) return moved({ ...state, active: false }, 'cleared');
  const oneShot = shelved?.oneShot === true;
  return moved(
    { ...state, active: false, suppression: { shelved: oneShot ? null : shelved, byDesign: null, outOfService } },
    'condition_ended',
    ...(oneShot ? (['unshelved'] as const) : []),
    ...(byDesign === null ? [] : (['unsuppressed'] as const)),
  );
}

/** One suppression ended; without another an active alarm annunciates again. */
function lifted(state: AlarmState, event: AlarmEventName, latching: boolean): Step {
  if (!state.active || suppressionName(state) !== null) return moved(state, event);
  return moved(annunciated(state, latching), event, 'raised');
}

/** Ends an alarm without a rule; an unacknowledged one still waits for its acknowledgement. */
function withdraw(state: AlarmState): Step {
  const { shelved, byDesign, outOfService } = state.suppression;
  const events: AlarmEventName[] = [];
  if (state.active) events.push(suppressionName(state) === null ? 'cleared' : 'condition_ended');
  if (state.latched) events.push('reset');
  if (shelved) events.push('unshelved');
  if (byDesign !== null) events.push('unsuppressed');
  if (outOfService) events.push('returned_to_service');
  if (events.length === 0) return moved(state);
  const { unacknowledged } = state;
  return moved({ active: false, latched: false, unacknowledged, suppression: UNSUPPRESSED }, ...events);
}

/** The events that begin and end each kind of suppression. */
const EVENTS = {
  shelved: { begins: 'shelved', ends: 'unshelved' },
  suppressed_by_design: { begins: 'suppressed', ends: 'unsuppressed' },
  out_of_service: { begins: 'out_of_service', ends: 'returned_to_service' },
} as const satisfies Record<SuppressionName, Record<'begins' | 'ends', AlarmEventName>>;

const named = (which: 'begins' | 'ends'): ReadonlyMap<AlarmEventName, SuppressionName> =>
  new Map(Object.entries(EVENTS).map(([name, events]) => [events[which], name as SuppressionName]));

export const SUPPRESSION_BEGUN_BY = named('begins');
export const SUPPRESSION_ENDED_BY = named('ends');
