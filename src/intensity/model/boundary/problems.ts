import { type FieldError, inPart, must } from '../../../model/field-error.js';
import { type DeviceKey, parkOf } from '../../../model/ids.js';
import type { Domain } from '../../../model/reading.js';
import { HOUR_MS } from '../../../model/time/duration.js';
import { CARRIERS, type Carrier, isCarrier, meteringOf, registersOf } from './carriers.js';
import {
  METER_ROLES,
  type MeterTree,
  type MeterVersion,
  meterKey,
  type Owner,
  sameMeter,
  stretchesOf,
  treeAt,
} from './tree.js';

/** What the registry knows. */
export interface KnownParts {
  /** The domain of a device; undefined where there is no such device. */
  readonly domainOf: (device: DeviceKey) => Domain | undefined;
  /** Whether the park, or the enterprise in it, exists. */
  readonly hasOwner: (owner: Owner, park: string) => boolean;
}

/** A version as it was sent: words that may not be known. */
export type DraftVersion = Omit<MeterVersion, 'carrier' | 'role'> & { readonly carrier: string; readonly role: string };

/**
 * What is wrong with a tree, by the index of the version: `3.parent`. Nothing where every meter is known, has one place at
 * a time, and lies under a meter of its park and network that is there all the while.
 */
export function treeErrors(tree: readonly DraftVersion[], known: KnownParts): FieldError[] {
  const own = tree.flatMap((one, i) => inPart(String(i), versionErrors(one, known)));
  if (own.length > 0) return own;
  const versions = tree as MeterTree;
  const byMeter = new Map<string, MeterVersion[]>();
  for (const one of versions) byMeter.set(meterKey(one), [...(byMeter.get(meterKey(one)) ?? []), one]);
  const between = versions.flatMap((one, i) => [
    ...inPart(String(i), placeErrors(one, i, versions)),
    ...inPart(String(i), parentErrors(one, byMeter)),
  ]);
  return between.length > 0 ? between : loopErrors(versions);
}

const isWholeHour = (ts: number): boolean => ts % HOUR_MS === 0;

function versionErrors(one: DraftVersion, known: KnownParts): readonly FieldError[] {
  if (!isCarrier(one.carrier)) return must(false, 'carrier', `one of ${CARRIERS.join(', ')}`);
  const { domain } = meteringOf(one.carrier);
  const registers = registersOf(one.carrier, one.role);
  const isRegister = registers.includes(one.register);
  const expected = registers.length > 0 ? `one of ${registers.join(', ')}` : `none: nothing meters ${one.carrier}`;
  const isMade = one.role === 'generation';
  return [
    ...must(isRegister, 'register', expected),
    ...must(known.domainOf(one.device) === domain, 'device', `a device of ${domain} that is known`),
    ...must(parkOf(one.device) === one.park, 'park', `${parkOf(one.device)}, the park of the device`),
    ...must((METER_ROLES as readonly string[]).includes(one.role), 'role', `one of ${METER_ROLES.join(', ')}`),
    ...must(one.carrier !== 'green_power' || isMade, 'role', 'generation: green power is what the park makes'),
    ...must(known.hasOwner(one.owner, one.park), 'owner', `${one.park}, or an enterprise of it`),
    ...must(Number.isFinite(one.from) && isWholeHour(one.from), 'from', 'a whole hour'),
    ...must(one.to > one.from, 'to', 'a time after from'),
    ...must(one.to === Number.POSITIVE_INFINITY || isWholeHour(one.to), 'to', 'a whole hour'),
    ...must(one.role !== 'main' || one.parent === null, 'parent', 'none: a main meter is part of no other'),
    ...must(one.role !== 'sub' || one.parent !== null, 'parent', 'the meter that a sub-meter is part of'),
    ...must(one.parent === null || !sameMeter(one.parent, one), 'parent', 'another meter'),
  ];
}

/** The same register at the same time in another version. */
function placeErrors(one: MeterVersion, index: number, tree: MeterTree): readonly FieldError[] {
  const other = tree.find((two, i) => i < index && sameMeter(one, two) && one.from < two.to && two.from < one.to);
  if (other === undefined) return [];
  const isElsewhere = other.carrier !== one.carrier || !sameParent(other, one);
  return isElsewhere
    ? must(false, 'device', `one place at a time: until then it is ${placeOf(other)}`)
    : must(false, 'from', 'a time after the version before has ended');
}

const sameParent = (a: MeterVersion, b: MeterVersion): boolean =>
  a.parent === null || b.parent === null ? a.parent === b.parent : sameMeter(a.parent, b.parent);

const placeOf = ({ carrier, role, parent }: MeterVersion): string =>
  parent === null ? `${role} of ${carrier}` : `${role} of ${carrier} under ${meterKey(parent)}`;

/** A network: green power feeds the one of electricity. */
const networkOf = (carrier: Carrier): Carrier => (carrier === 'green_power' ? 'electricity' : carrier);

function parentErrors(one: MeterVersion, byMeter: ReadonlyMap<string, MeterTree>): readonly FieldError[] {
  if (one.parent === null) return [];
  const parents = byMeter.get(meterKey(one.parent)) ?? [];
  const network = networkOf(one.carrier);
  const fits = parents.filter(
    ({ park, carrier, role }) => park === one.park && carrier === network && role !== 'generation',
  );
  if (fits.length === 0) return must(false, 'parent', `a main or sub-meter of ${network} in ${one.park}`);
  return must(covers(fits, one), 'from', `within the time of ${meterKey(one.parent)}, which it is part of`);
}

/** Whether versions of one meter, which do not overlap, hold all the while. */
function covers(versions: MeterTree, { from, to }: MeterVersion): boolean {
  let at = from;
  for (const one of [...versions].sort((a, b) => a.from - b.from)) if (one.from <= at) at = Math.max(at, one.to);
  return at >= to;
}

/** The first loop of each stretch of time, named once. */
function loopErrors(tree: MeterTree): FieldError[] {
  const from = Math.min(...tree.map((one) => one.from));
  const inLoop = new Set<MeterVersion>();
  for (const stretch of stretchesOf(tree, { from, to: Number.POSITIVE_INFINITY })) {
    const meters = treeAt(tree, stretch.from);
    const followed = new Set<string>();
    for (const meter of meters.values()) {
      const way = new Set<string>();
      let at: MeterVersion | undefined = meter;
      while (at !== undefined && !followed.has(meterKey(at)) && !way.has(meterKey(at))) {
        way.add(meterKey(at));
        at = at.parent === null ? undefined : meters.get(meterKey(at.parent));
      }
      if (at !== undefined && way.has(meterKey(at))) inLoop.add(at);
      for (const key of way) followed.add(key);
    }
  }
  return tree.flatMap((one, i) =>
    inLoop.has(one) ? must(false, `${i}.parent`, 'a meter that is not below this one') : [],
  );
}
