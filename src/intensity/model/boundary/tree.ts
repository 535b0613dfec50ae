import type { DeviceKey } from '../../../model/ids.js';
import type { Period } from '../../../model/time/windows.js';
import type { Carrier } from './carriers.js';

/**
 * What a meter counts. `main`: all that comes into the park, or to one enterprise from outside. `sub`: a part of what
 * another meter counts already. `generation`: what is made in the park; from metered fuel it is no consumption of its own,
 * since the fuel counts, and green power is counted apart.
 */
export const METER_ROLES = ['main', 'sub', 'generation'] as const;
type MeterRole = (typeof METER_ROLES)[number];

/** Whose consumption a meter measures. */
export interface Owner {
  readonly kind: 'park' | 'enterprise';
  readonly id: string;
}

/** One register of one device; the same register cannot count twice. */
export interface Meter {
  readonly device: DeviceKey;
  /** The catalogue's key of the register, such as `import_energy_kwh`. */
  readonly register: string;
}

/** What one meter counted from `from` until before `to`, epoch ms in whole hours; Infinity while it still does. */
export interface MeterVersion extends Meter, Period {
  readonly carrier: Carrier;
  readonly park: string;
  readonly role: MeterRole;
  readonly owner: Owner;
  /** The meter that counts it as well, of the same time; of generation the one whose network it feeds. */
  readonly parent: Meter | null;
}

/** All versions of a park's meters, or of several parks'. */
export type MeterTree = readonly MeterVersion[];

/** A meter as the key of a map. */
export const meterKey = ({ device, register }: Meter): string => `${device} ${register}`;
export const sameMeter = (a: Meter, b: Meter): boolean => a.device === b.device && a.register === b.register;
export const sameOwner = (a: Owner, b: Owner): boolean => a.kind === b.kind && a.id === b.id;

const holdsAt = ({ from, to }: Period, ts: number): boolean => from <= ts && ts < to;

/** Each meter as it was at a time, by `meterKey`. */
export function treeAt(tree: MeterTree, ts: number): ReadonlyMap<string, MeterVersion> {
  return new Map(tree.filter((one) => holdsAt(one, ts)).map((one) => [meterKey(one), one]));
}

/** The parts of a period in which no version begins or ends; none where the period has no length. */
export function stretchesOf(versions: MeterTree, { from, to }: Period): Period[] {
  const inside = versions.flatMap((one) => [one.from, one.to]).filter((edge) => edge > from && edge < to);
  const edges = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  return edges.slice(1).map((end, i) => ({ from: edges[i]!, to: end }));
}

/** The tree without what it says of a meter for a time. */
export function withoutMeter<T extends MeterVersion>(tree: readonly T[], meter: Meter, { from, to }: Period): T[] {
  return tree.flatMap((one) => {
    if (!sameMeter(one, meter) || one.to <= from || one.from >= to) return [one];
    const before = one.from < from ? [{ ...one, to: from }] : [];
    const after = one.to > to ? [{ ...one, from: to }] : [];
    return [...before, ...after];
  });
}

/** What an edit says of one meter: this version, from its `from` on, instead of what was known of that time. */
export function withVersion<T extends MeterVersion>(tree: readonly T[], version: T): readonly T[] {
  return [...withoutMeter(tree, version, version), version];
}
