import { canonicalJson } from '../../model/canonical-json.js';
import type { Database } from '../../sqlite.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { RuleVersion } from './port.js';

/** Stored form; `shipped` is the version of the default that it equals, null for an edited one. */
export interface KeptVersion extends RuleVersion {
  readonly shipped: number | null;
}

interface Row {
  readonly origin: 'default' | 'edited';
  readonly body: string;
  readonly by: string | null;
  readonly at: number | null;
  readonly deleted: 0 | 1;
  readonly shipped: number | null;
  readonly comment: string | null;
}

const COLUMNS = 'origin, body, by, at, deleted, shipped, comment';

export class RuleStore {
  private readonly ofRule;
  private readonly newestOf;
  private readonly insertRow;

  constructor(private readonly db: Database) {
    const select = `SELECT ${COLUMNS} FROM alarm_rules WHERE rule = ? ORDER BY version DESC`;
    this.ofRule = db.prepare<[string], Row>(select);
    this.newestOf = db.prepare<[string], Row>(`${select} LIMIT 1`);
    this.insertRow = db.prepare(
      `INSERT INTO alarm_rules (rule, version, ${COLUMNS}) VALUES (@rule, @version, @origin, @body, @by, @at, @deleted, @shipped, @comment)`,
    );
  }

  /** Each rule in its newest version, by id, ended ones included. */
  newest(): KeptVersion[] {
    const sql = `SELECT ${COLUMNS} FROM alarm_rules AS r
      WHERE version = (SELECT max(version) FROM alarm_rules WHERE rule = r.rule) ORDER BY rule`;
    return this.db.prepare<[], Row>(sql).all().map(toVersion);
  }

  newestVersion(rule: string): KeptVersion | undefined {
    const row = this.newestOf.get(rule);
    return row && toVersion(row);
  }

  versions(rule: string): KeptVersion[] {
    return this.ofRule.all(rule).map(toVersion);
  }

  insert({ rule, deleted, ...version }: KeptVersion): void {
    const body = JSON.stringify(rule);
    this.insertRow.run({ ...version, rule: rule.id, version: rule.version, body, deleted: deleted ? 1 : 0 });
  }
}

function toVersion({ body, deleted, ...row }: Row): KeptVersion {
  return { ...row, rule: JSON.parse(body) as AlarmRule, deleted: deleted === 1 };
}

/** Whether two rules are equal except for their versions. */
export function saysTheSame(one: AlarmRule, other: AlarmRule): boolean {
  return canonicalJson({ ...one, version: 0 }) === canonicalJson({ ...other, version: 0 });
}

/** Whether this release ships another rule than the stored default; a newer default of a later release stays. */
function isOutdated({ shipped, rule: known }: KeptVersion, rule: AlarmRule): boolean {
  const before = shipped ?? 0;
  // `enabled` is not part of the comparison.
  return before < rule.version || (before === rule.version && !saysTheSame({ ...known, enabled: rule.enabled }, rule));
}

/**
 * Stores the rules that this release ships: new ones, newer ones in place of unedited defaults; ends defaults that it
 * no longer ships. Runs inside the caller's transaction.
 */
export function adoptDefaults(store: RuleStore, defaults: readonly AlarmRule[], now: number): void {
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
