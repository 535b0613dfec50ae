import type { Device, RegistryLookups } from '../../../registry/port.js';
import type { AlarmDomain, AlarmRule } from '../../model/rule/rule.js';

/** What is known of parks; without it no park has limits of its own. */
export type ParkLookups = Partial<Pick<RegistryLookups, 'parkProfiles'>>;

/** The limit profiles that there are rules for, enabled or not, by domain. */
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

  /** The profile whose rules hold for a device: its own, else that of its park; one that no rule has is none. */
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
