import type { Park } from './parks.js';

/**
 * `admin` may do everything; `operator` works alarms and boards; `inspector` reads emissions and readings and never
 * writes; `viewer` reads.
 */
export const ROLES = ['admin', 'operator', 'inspector', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who makes a request. Empty `parks` and `districts` mean no limit; where both are given, both hold. */
export interface Principal {
  /** Token id, for the audit. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly parks: readonly string[];
  readonly districts: readonly string[];
}

/** Whether the principal sees the service itself, which is no park's: whoever is not limited to some parks. */
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
