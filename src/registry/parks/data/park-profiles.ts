import type { Domain } from '../../../model/reading.js';

/** Limits that hold in a whole park: by park and domain, the limit profile of devices that have none of their own. */
export const PARK_PROFILES: Readonly<Record<string, Readonly<Partial<Record<Domain, string>>>>> = {
  // Its works are bound by DB33/ 2260-2020, whose limits are the rules of this profile.
  'oh-diandu': { wastewater: 'electroplating' },
};
