import type { Database } from '../../sqlite.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { RuleVersion } from './port.js';

/** As it is kept; `shipped` is the version of the default that it equals, null for an edited one. */
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

/** Versions of rules in the state file. */
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

  /** Each rule in its newest version, by id, those that ended too. */
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
