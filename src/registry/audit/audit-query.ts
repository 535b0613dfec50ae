import type { Database } from '../../sqlite.js';
import type { AuditFilter, AuditOutcome, AuditRow } from './port.js';

interface StoredRow {
  readonly id: number;
  readonly ts: number;
  readonly last_ts: number;
  readonly count: number;
  readonly who: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: AuditOutcome;
  readonly detail: string | null;
}

/** Rows that pass the filter, newest first. */
export function selectAudit(
  db: Database,
  filter: AuditFilter,
  { limit, beforeId }: { readonly limit: number; readonly beforeId?: number },
): AuditRow[] {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where('id < ?', beforeId);
  where('who = ?', filter.who);
  where('action = ?', filter.action);
  where('target = ?', filter.target);
  where('outcome = ?', filter.outcome);
  where('ts >= ?', filter.from);
  where('ts < ?', filter.to);
  const clause = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return db
    .prepare<(string | number)[], StoredRow>(`SELECT * FROM audit ${clause} ORDER BY id DESC LIMIT ?`)
    .all(...values, limit)
    .map(({ last_ts, detail, ...row }) => ({
      ...row,
      lastTs: last_ts,
      detail: detail === null ? null : (JSON.parse(detail) as Record<string, unknown>),
    }));
}
