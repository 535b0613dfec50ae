import { type FieldError, inPart, must } from '../../model/field-error.js';
import { meteringOf } from '../model/boundary/carriers.js';
import { type DraftVersion, treeErrors } from '../model/boundary/problems.js';
import {
  type MeterTree,
  type MeterVersion,
  meterKey,
  sameMeter,
  sameOwner,
  withoutMeter,
} from '../model/boundary/tree.js';
import { IntensityRefusedError } from '../port.js';
import { hasOwner, knownWith, type MeterFacts } from './facts.js';
import type { MeterEdit } from './kept.js';
import { METER_LIMITS } from './port.js';
import { refuseFields } from './refuse.js';

/** An edit that was checked. */
export interface TreePlan {
  /** What says something new. */
  readonly edits: readonly MeterEdit[];
  /** The park's versions afterwards. */
  readonly tree: MeterTree;
}

/**
 * What has to be recorded for these versions to be in the tree of their park.
 * @param now epoch ms
 * @throws IntensityRefusedError that names each fault as `versions.{index}.{field}`
 */
export function planVersions(
  before: MeterTree,
  versions: readonly DraftVersion[],
  registry: MeterFacts,
  now: number,
): TreePlan {
  const rest = versions.reduce<MeterTree>((tree, one) => withoutMeter(tree, one, one), before);
  const most = METER_LIMITS.versionsOfPark;
  if (rest.length + versions.length > most) {
    const message = `the tree would have ${rest.length + versions.length} versions; a park's has at most ${most}`;
    throw new IntensityRefusedError('conflict', 'meter_limit', message);
  }
  const tree = [...versions, ...rest] as MeterTree;
  const named = treeErrors(tree, knownWith(registry, before));
  refuseFields(named.map((error) => nameOf(error, tree, versions.length)));
  const drafts = versions as readonly MeterVersion[];
  const isNew = drafts.map((one) => !says(before, one));
  refuseFields(
    drafts.flatMap((one, i) => (isNew[i] ? inPart(`versions.${i}`, presentErrors(one, registry, now)) : [])),
  );
  return { edits: drafts.filter((_, i) => isNew[i]).map((one) => editOf(one)), tree };
}

/**
 * What has to be recorded for a meter to be no part of the tree from `at` on, epoch ms.
 * @throws IntensityRefusedError that names each fault as `at`
 */
export function planEnd(
  before: MeterTree,
  meter: Pick<MeterVersion, 'device' | 'register'>,
  at: number,
  registry: MeterFacts,
): TreePlan {
  if (!before.some((one) => sameMeter(one, meter) && one.to > at)) {
    throw new IntensityRefusedError(
      'missing',
      'unknown_meter',
      `${meterKey(meter)} is no meter of the tree at that time or later`,
    );
  }
  const tree = withoutMeter(before, meter, { from: at, to: Number.POSITIVE_INFINITY });
  refuseFields(
    treeErrors(tree, knownWith(registry, before)).map((error) => ({ ...nameOf(error, tree, 0), field: 'at' })),
  );
  const { device, register } = meter;
  return { edits: [{ device, register, from: at, to: null, place: null }], tree };
}

/** A fault of a version that was sent is named by its index, one that an edit makes elsewhere by its meter. */
function nameOf({ field, expected }: FieldError, tree: MeterTree, sent: number): FieldError {
  const [index, ...rest] = field.split('.');
  const at = Number(index);
  if (at < sent) return { field: `versions.${field}`, expected };
  const { from, ...other } = tree[at]!;
  const name = `${meterKey(other)} (from ${new Date(from).toISOString()})`;
  return {
    field: 'versions',
    expected: `versions with which ${name} is right too, its ${rest.join('.')}: ${expected}`,
  };
}

/** A version that holds now needs a device and an owner in the registry; one of the past does not. */
function presentErrors(one: MeterVersion, registry: MeterFacts, now: number): readonly FieldError[] {
  if (one.to <= now) return [];
  const { domain } = meteringOf(one.carrier);
  const gone = registry.goneBy(one.device);
  const away = gone === 'moved' ? 'has moved to another park' : 'was taken out of the registry';
  const expected = gone === null ? `a device of ${domain}` : `one in use, or a version that has ended: it ${away}`;
  return [
    ...must(registry.device(one.device)?.domain === domain, 'device', expected),
    ...must(hasOwner(registry, one.owner, one.park), 'owner', `${one.park}, or an enterprise of it`),
  ];
}

/** Whether a tree says all that a version says already. */
function says(tree: MeterTree, version: MeterVersion): boolean {
  const same = tree.filter((one) => sameMeter(one, version) && samePlace(one, version));
  let at = version.from;
  for (const { from, to } of same.sort((a, b) => a.from - b.from)) if (from <= at) at = Math.max(at, to);
  return at >= version.to;
}

function samePlace(a: MeterVersion, b: MeterVersion): boolean {
  const sameParent = a.parent === null || b.parent === null ? a.parent === b.parent : sameMeter(a.parent, b.parent);
  return a.carrier === b.carrier && a.role === b.role && sameOwner(a.owner, b.owner) && sameParent;
}

function editOf({ device, register, from, to, carrier, park, role, owner, parent }: MeterVersion): MeterEdit {
  const place = { carrier, park, role, owner, parent };
  return { device, register, from, to: to === Number.POSITIVE_INFINITY ? null : to, place };
}
