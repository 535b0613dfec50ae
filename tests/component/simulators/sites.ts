import type { DeviceModel } from '../../../simulators/model/device.js';
import { industryOf, type ParkSite } from '../../../simulators/model/industry.js';
import { devicesOf } from '../../../simulators/model/park.js';
import { PARKS } from '../../../src/registry/parks/data/parks.js';

/** The 17 parks as the simulators see them. */
export const SITES: readonly ParkSite[] = PARKS.map((park) => ({
  id: park.id,
  areaMu: park.areaMu,
  industry: industryOf(park),
}));

export function site(id: string): ParkSite {
  const found = SITES.find((one) => one.id === id);
  if (!found) throw new RangeError(`no park ${id}`);
  return found;
}

export function device(park: string, kind: string, seed = 1): DeviceModel {
  const found = devicesOf(site(park), seed).find(({ id }) => id.includes(`-${kind}-`));
  if (!found) throw new RangeError(`no ${kind} in ${park}`);
  return found;
}
