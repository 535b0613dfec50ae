import type { Database } from 'better-sqlite3';
import type { AlarmRule } from '../domain/alarm/rule.js';

interface Row {
  readonly rule: string;
  readonly version: number;
  readonly origin: 'default' | 'edited';
  readonly body: string;
}

const NEWEST = `SELECT rule, version, origin, body FROM alarm_rules AS r
  WHERE version = (SELECT max(version) FROM alarm_rules WHERE rule = r.rule) ORDER BY rule`;

/** Rules in their newest version, after taking in the defaults that are new or newer; an edited rule is left alone. */
export function loadRules(db: Database, defaults: readonly AlarmRule[]): readonly AlarmRule[] {
  const newest = db.prepare<[], Row>(NEWEST);
  const insert = db.prepare('INSERT INTO alarm_rules (rule, version, origin, body) VALUES (?, ?, ?, ?)');
  return db
    .transaction(() => {
      const known = new Map(newest.all().map((row) => [row.rule, row]));
      for (const rule of defaults) {
        const row = known.get(rule.id);
        if (row && (row.origin === 'edited' || row.version >= rule.version)) continue;
        insert.run(rule.id, rule.version, 'default', JSON.stringify(rule));
      }
      return newest.all().map((row) => JSON.parse(row.body) as AlarmRule);
    })
    .immediate();
}
