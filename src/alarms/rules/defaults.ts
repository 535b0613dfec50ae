import { canonicalJson } from '../../model/canonical-json.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { KeptVersion, RuleStore } from './store.js';

/** Whether two rules say the same; their versions may differ. */
export function saysTheSame(one: AlarmRule, other: AlarmRule): boolean {
  return canonicalJson({ ...one, version: 0 }) === canonicalJson({ ...other, version: 0 });
}

/** Whether this release ships another rule than the one that was taken in; a newer one of a later release stays. */
function isOutdated({ shipped, rule: known }: KeptVersion, rule: AlarmRule): boolean {
  const before = shipped ?? 0;
  // Whether it is in force is not what it says.
  return before < rule.version || (before === rule.version && !saysTheSame({ ...known, enabled: rule.enabled }, rule));
}

/**
 * Takes in the rules that this release ships: new ones, and newer ones in place of defaults that nobody edited; defaults
 * that it ships no longer end. Inside a transaction of the caller's.
 */
export function takeInDefaults(store: RuleStore, defaults: readonly AlarmRule[], now: number): void {
  const newest = new Map(store.newest().map((version) => [version.rule.id, version]));
  const insert = (rule: AlarmRule, before: KeptVersion | undefined, deleted: boolean) => {
    const version = before === undefined ? rule.version : Math.max(before.rule.version + 1, rule.version);
    const shipped = deleted ? null : rule.version;
    store.insert({ rule: { ...rule, version }, origin: 'default', shipped, by: null, at: now, deleted, comment: null });
  };
  for (const rule of defaults) {
    const known = newest.get(rule.id);
    const older = known?.origin === 'default' && (known.deleted || isOutdated(known, rule));
    if (known === undefined || older) insert(rule, known, false);
  }
  const shipped = new Set(defaults.map((rule) => rule.id));
  for (const known of newest.values()) {
    if (known.origin === 'edited' || known.deleted || shipped.has(known.rule.id)) continue;
    insert({ ...known.rule, version: 0 }, known, true);
  }
}
