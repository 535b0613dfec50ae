import type { Device, RegistryLookups } from '../../../registry/port.js';
import type { AlarmDomain, AlarmRule } from '../../model/rule/rule.js';

/** Lookups of parks; without them no park has its own limits. */
export type ParkLookups = Partial<Pick<RegistryLookups, 'parkProfiles'>>;

/** The limit profiles that rules name, enabled or not, by domain. */
export class LimitProfiles {
  private readonly known = new Map<string, Set<string>>();

  constructor(rules: Iterable<AlarmRule>) {
    for (const { domain, limitProfile } of rules) {
      if (limitProfile === null) continue;
      const there = this.known.get(domain);
      if (there) there.add(limitProfile);
      else this.known.set(domain, new Set([limitProfile]));
    }
  }

  /** The profile in force for a device: its own, else its park's; a profile that no rule names counts as none. */
  of(
    domain: AlarmDomain,
    { limitProfile, park }: Pick<Device, 'limitProfile' | 'park'>,
    parks: ParkLookups,
  ): string | null {
    const known = this.known.get(domain);
    if (known === undefined) return null;
    if (limitProfile !== null && known.has(limitProfile)) return limitProfile;
    const ofPark = (domain === 'system' ? null : parks.parkProfiles?.(park)[domain]) ?? null;
    return ofPark !== null && known.has(ofPark) ? ofPark : null;
  }
}
