import { metric } from '../../model/catalogue/index.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import type { CounterBounds } from '../../model/counter/rise-bound.js';
import { type DeviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { Registry } from '../../registry/port.js';
import { CARRIERS, meteringOf, registersOf } from '../model/boundary/carriers.js';
import type { KnownParts } from '../model/boundary/problems.js';
import {
  METER_ROLES,
  type Meter,
  type MeterTree,
  type MeterVersion,
  type Owner,
  sameOwner,
} from '../model/boundary/tree.js';
import { IntensityRefusedError } from '../port.js';
import { refusedFields } from '../statistics/told.js';
import type { MeterNote, MeterStanding } from './port.js';

export type MeterFacts = Pick<Registry, 'park' | 'device' | 'removedCalled' | 'goneBy' | 'enterprises'>;

/** Of a device in use, or of one that was. */
const domainOf = (registry: MeterFacts, key: DeviceKey): Domain | undefined =>
  registry.device(key)?.domain ??
  registry.removedCalled(deviceOf(key)).find(({ park }) => park === parkOf(key))?.domain;

export function hasOwner(registry: MeterFacts, { kind, id }: Owner, park: string): boolean {
  if (kind === 'park') return id === park && registry.park(id) !== undefined;
  return registry.enterprises(park).some((one) => one.id === id);
}

/** What is known where a tree stood before: what it rested on then is no fault of its history now. */
export function knownWith(registry: MeterFacts, before: MeterTree): KnownParts {
  const domains = new Map(before.map((one) => [one.device, meteringOf(one.carrier).domain]));
  const asked = new Map<string, boolean>();
  return {
    domainOf: (device) => domains.get(device) ?? domainOf(registry, device),
    hasOwner: (owner, park) => {
      const key = `${owner.kind} ${owner.id}`;
      const known =
        asked.get(key) ?? (hasOwner(registry, owner, park) || before.some((one) => sameOwner(one.owner, owner)));
      asked.set(key, known);
      return known;
    },
  };
}

export function meterStandingOf(registry: MeterFacts, { device, owner, park, carrier }: MeterVersion): MeterStanding {
  const known = registry.device(device);
  const isAnother = known !== undefined && known.domain !== meteringOf(carrier).domain;
  const inRegistry = known === undefined || isAnother ? (registry.goneBy(device) ?? 'removed') : 'in_use';
  return {
    device: inRegistry === 'in_use' && known?.retiredAt != null ? 'retired' : inRegistry,
    ownerKnown: hasOwner(registry, owner, park),
  };
}

const DEVICE_NOTES = {
  retired: { zh: '设备已停用，不再计量', en: 'the device is retired and measures nothing any more' },
  removed: { zh: '设备已从登记中删除', en: 'the device was taken out of the registry' },
  moved: { zh: '设备已迁往其他园区', en: 'the device has moved to another park' },
} as const;

/** What is out of use, or nobody's, among the versions that hold at `now` (epoch ms) or later. */
export function notesOf(registry: MeterFacts, tree: MeterTree, now: number): MeterNote[] {
  return tree
    .filter(({ to }) => to > now)
    .flatMap((version) => {
      const { device, register } = version;
      const standing = meterStandingOf(registry, version);
      const notes: MeterNote[] = [];
      if (standing.device !== 'in_use') {
        notes.push({ device, register, what: `device_${standing.device}`, ...DEVICE_NOTES[standing.device] });
      }
      if (!standing.ownerKnown) {
        const { id } = version.owner;
        const words = { zh: `企业 ${id} 已不存在`, en: `there is no enterprise ${id} any more` };
        notes.push({ device, register, what: 'owner_removed', ...words });
      }
      return notes;
    });
}

/**
 * The bounds of a meter's register, its device's own where there are any.
 * @throws IntensityRefusedError where there is no such device, or nothing is metered by such a register
 */
export function boundsOf(registry: MeterFacts, { device, register }: Meter): CounterBounds {
  const domain = domainOf(registry, device);
  if (domain === undefined) {
    throw new IntensityRefusedError('missing', 'unknown_device', `there is no device ${deviceOf(device)}`);
  }
  const registers = metersOf(domain);
  const known = metric(domain, register);
  if (known === undefined || !registers.includes(register)) {
    const expected =
      registers.length > 0
        ? `one of ${registers.join(', ')}`
        : `a device that meters something: it is one of ${domain}`;
    throw refusedFields([{ field: 'register', expected }]);
  }
  const rate = registry.device(device)?.maxRates?.[register];
  return rate === undefined ? known : withMaxRate(known, rate);
}

/** The registers by which something is metered in a domain. */
function metersOf(domain: Domain): string[] {
  const carriers = CARRIERS.filter((carrier) => meteringOf(carrier).domain === domain);
  return [...new Set(carriers.flatMap((carrier) => METER_ROLES.flatMap((role) => registersOf(carrier, role))))];
}
