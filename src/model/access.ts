import type { Park } from './parks.js';

/**
 * `admin` may do everything; `operator` handles alarms and boards; `inspector` reads emissions and readings and never
 * writes; `viewer` reads.
 */
export const ROLES = ['admin', 'operator', 'inspector', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** The token that makes a request. Empty `parks` and `districts` mean no limit; where both are set, both apply. */
export interface Principal {
  /** Token id, for the audit. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly parks: readonly string[];
  readonly districts: readonly string[];
}

/** Whether the principal may see the service itself, which belongs to no park: only without a limit to parks. */
export function maySeeService(who: Principal): boolean {
  return who.role === 'admin' || (who.parks.length === 0 && who.districts.length === 0);
}

/** Whether the principal's scope covers the park. */
export function maySeePark(who: Principal, park: Pick<Park, 'id' | 'district'>): boolean {
  return (
    (who.parks.length === 0 || who.parks.includes(park.id)) &&
    (who.districts.length === 0 || who.districts.includes(park.district))
  );
}
