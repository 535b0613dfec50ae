import type { Alarm, AlarmEvent } from '../alarm.js';
import type { Priority } from '../class.js';
import type { AlarmDomain } from '../rule/rule.js';
import type { SuppressionName } from '../state.js';
import type { AlarmEventName } from '../transition.js';

/** Owner of an alarm; null park: the service itself. */
export interface AlarmOwner {
  readonly alarm: string;
  readonly rule: string;
  readonly device: string;
  readonly park: string | null;
  readonly domain: AlarmDomain;
  /** Priority of the present level. */
  readonly priority: Priority;
}

/** A stored event, compact. */
export interface KpiEvent extends AlarmOwner {
  readonly seq: number;
  /** Receipt, epoch ms: an operator's clock, not the device's. */
  readonly at: number;
  readonly event: AlarmEventName;
  /** Token of the operator; null when the service did it. */
  readonly by: string | null;
}

/** Kinds of suppression (ISA-18.2 clause 11), as bits: several may hold at once. */
export const SHELVED = 1;
export const BY_DESIGN = 2;
const OUT_OF_SERVICE = 4;
export const SUPPRESSION_BITS: Readonly<Record<SuppressionName, number>> = {
  shelved: SHELVED,
  suppressed_by_design: BY_DESIGN,
  out_of_service: OUT_OF_SERVICE,
};

/** An alarm that was not normal, or was suppressed, when a period began. */
export interface KpiStanding extends AlarmOwner {
  /** Since when its condition is present without a break, epoch ms; null: it is not. */
  readonly activeSince: number | null;
  /** Since when it waits for an acknowledgement, epoch ms; null: it does not. */
  readonly unacknowledgedSince: number | null;
  /** Bits SHELVED, BY_DESIGN, OUT_OF_SERVICE. */
  readonly suppression: number;
}

/** Which alarms an operator position is in charge of (ISA-18.2 clause 3). */
export interface OperatorPosition {
  /** `all`, `district:{id}`, `park:{id}`. */
  readonly name: string;
  /** Null: every park. */
  readonly parks: ReadonlySet<string> | null;
  /** Whether it has the alarms of the service itself. */
  readonly system: boolean;
}

export function covers(position: OperatorPosition, { park }: Pick<AlarmOwner, 'park'>): boolean {
  return park === null ? position.system : position.parks === null || position.parks.has(park);
}

export function ownerOf({ alarm, rule, device, park, domain, priority }: AlarmOwner): AlarmOwner {
  return { alarm, rule, device, park, domain, priority };
}

/** A stored event for the KPIs, by the service's clock. */
export function kpiEventOf({ seq, event, receivedAt, by, alarm }: AlarmEvent): KpiEvent {
  return { ...ownerOf({ ...alarm, alarm: alarm.id }), seq, at: receivedAt, event, by };
}

/** An alarm as its last event, at `lastAt` (epoch ms), left it; null when it does not count. */
export function kpiStandingOf(alarm: Alarm, lastAt: number): KpiStanding | null {
  if (alarm.state === 'normal' && alarm.suppression === null) return null;
  return {
    ...ownerOf({ ...alarm, alarm: alarm.id }),
    activeSince: alarm.active ? (alarm.receivedAt ?? lastAt) : null,
    unacknowledgedSince: alarm.unacknowledged ? (alarm.receivedAt ?? lastAt) : null,
    suppression:
      (alarm.shelved ? SHELVED : 0) |
      (alarm.cause === null ? 0 : BY_DESIGN) |
      (alarm.outOfService ? OUT_OF_SERVICE : 0),
  };
}
