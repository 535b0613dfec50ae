import { MINUTE_MS } from '../../model/time/duration.js';
import { isOfFuture } from '../../model/time/trust.js';
import type { Database } from '../../sqlite.js';
import { type State, writeNow } from '../../state/port.js';
import { RefusalsKept } from '../sign-in/refusals-kept.js';
import type { Audit, AuditEntry, AuditFilter, AuditRow, AuditStats } from './port.js';

const BOUNDS = {
  /** Repeats of a refusal within this time share a row. */
  collapseMs: 60_000,
  /** New rows of refusals of one sender in a minute; beyond, they are counted in one row of their own. */
  refusalsPerMinute: 120,
  /** The same for all senders of a kind, so that strangers leave tokens and gateways their rows. */
  refusalsPerMinuteOfKind: 600,
  /** Rows of refusals that are kept; beyond, the oldest of whoever has most go. */
  refusalsKept: 100_000,
};
type AuditBounds = Readonly<typeof BOUNDS>;

const SETTLE_EVERY_MS = 30_000;
const MAX_DETAIL = 2_000;

const INSERT = `INSERT INTO audit (id, ts, last_ts, count, who, action, target, outcome, detail)
  VALUES (@id, @ts, @lastTs, @count, @who, @action, @target, @outcome, @detail)`;
const SELECT = 'SELECT id, ts, last_ts AS lastTs, count, who, action, target, outcome, detail FROM audit';
const UPDATE = 'UPDATE audit SET count = ?, last_ts = ? WHERE id = ?';

type StoredRow = Omit<AuditRow, 'detail'> & { readonly detail: string | null };

/** A refusal that may still repeat. */
interface Window {
  readonly id: number;
  readonly ts: number;
  lastTs: number;
  count: number;
}

/** The audit in the state file: changes at once, refusals bounded so that a hostile client cannot fill the disk. */
export class AuditLog implements Audit {
  readonly stats: AuditStats = { changes: 0, refusals: 0, collapsed: 0, dropped: 0 };
  private readonly bounds: AuditBounds;
  private readonly windows = new Map<string, Window>();
  private lastId: number;
  private readonly kept: RefusalsKept;
  private minute = 0;
  /** Rows of this minute by sender and by kind of sender; as many entries as rows, at most. */
  private readonly rowsThisMinute = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly state: State,
    private readonly clock: () => number,
    bounds: Partial<AuditBounds> = {},
  ) {
    this.bounds = { ...BOUNDS, ...bounds };
    this.lastId = state.db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM audit').pluck().get() ?? 0;
    this.kept = new RefusalsKept(state.db, this.bounds.refusalsKept);
    this.timer = setInterval(() => this.settle(), SETTLE_EVERY_MS).unref();
  }

  record(entry: AuditEntry): void {
    if (entry.outcome === 'refused') this.refuse(clipped(entry));
    else writeNow(this.state, (db) => this.insertChange(db, entry));
  }

  /** Writes a change inside a transaction of the caller's, so that both are stored or neither. */
  insertChange(db: Database, entry: Omit<AuditEntry, 'outcome'>): void {
    const ts = this.clock();
    db.prepare(INSERT).run(rowOf(clipped({ ...entry, outcome: 'done' }), this.nextId(), ts));
    this.stats.changes += 1;
  }

  list(filter: AuditFilter, paging: { readonly limit: number; readonly beforeId?: number }): AuditRow[] {
    const live = new Map([...this.windows.values()].map((window) => [window.id, window]));
    return selectAudit(this.state.db, filter, paging).map((row) => {
      const window = live.get(row.id);
      return window ? { ...row, count: window.count, lastTs: window.lastTs } : row;
    });
  }

  /** Writes the counts of refusals that are over. */
  settle(all = false): void {
    const now = this.clock();
    const over = [...this.windows].filter(([, window]) => all || this.isOver(window, now));
    for (const [key] of over) this.windows.delete(key);
    const repeated = over.map(([, window]) => window).filter((window) => window.count > 1);
    if (repeated.length === 0) return;
    this.later(repeated.length, (db) => {
      const update = db.prepare(UPDATE);
      for (const { id, count, lastTs } of repeated) update.run(count, lastTs, id);
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.settle(true);
  }

  private refuse(entry: AuditEntry): void {
    const now = this.clock();
    const key = `${entry.who}\n${entry.action}\n${entry.target}`;
    if (this.joined(key, now)) return;
    if (now - this.minute >= MINUTE_MS || isOfFuture(this.minute, now)) {
      this.minute = now;
      this.rowsThisMinute.clear();
    }
    if (this.mayHaveRow(entry.who)) {
      this.stats.refusals += 1;
      this.open(key, entry, now);
      return;
    }
    this.stats.dropped += 1;
    const beyond = 'beyond the cap of a minute';
    if (this.joined(beyond, now)) return;
    this.open(beyond, { who: 'system', action: 'audit.cap', target: 'refusals', outcome: 'refused' }, now);
  }

  /** Each sender has rows of its own in a minute: whoever is refused most leaves the others theirs. */
  private mayHaveRow(who: string): boolean {
    const kind = kindOf(who);
    const [own, all] = [this.rowsThisMinute.get(who) ?? 0, this.rowsThisMinute.get(kind) ?? 0];
    const { refusalsPerMinute, refusalsPerMinuteOfKind } = this.bounds;
    if (own >= refusalsPerMinute || all >= refusalsPerMinuteOfKind) return false;
    this.rowsThisMinute.set(who, own + 1).set(kind, all + 1);
    return true;
  }

  /** Counts a repeat where one stands open; ends one that is over. */
  private joined(key: string, now: number): boolean {
    const window = this.windows.get(key);
    if (!window) return false;
    if (this.isOver(window, now)) {
      this.settle();
      return false;
    }
    window.count += 1;
    window.lastTs = now;
    this.stats.collapsed += 1;
    return true;
  }

  /** A window that begins in the future dates from before our clock was set back. */
  private isOver({ ts }: { readonly ts: number }, now: number): boolean {
    return now - ts >= this.bounds.collapseMs || isOfFuture(ts, now);
  }

  private open(key: string, entry: AuditEntry, now: number): void {
    const id = this.nextId();
    this.windows.set(key, { id, ts: now, lastTs: now, count: 1 });
    this.kept.add(entry.who);
    this.later(1, (db) => {
      db.prepare(INSERT).run(rowOf(entry, id, now));
      this.kept.prune(db);
    });
  }

  /** Joins the next group commit without waiting for it; counts the refusals that a failing disk loses. */
  private later(rows: number, work: (db: Database) => void): void {
    this.state.commit(work).catch(() => {
      this.stats.dropped += rows;
    });
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }
}

/** `\n` is in no name of a sender. */
const kindOf = (who: string) => `\n${/^(address|gateway):/.exec(who)?.[1] ?? 'token'}`;

function rowOf(entry: AuditEntry, id: number, ts: number) {
  const text = entry.detail == null ? null : JSON.stringify(entry.detail);
  const detail = text !== null && text.length > MAX_DETAIL ? JSON.stringify({ clippedFrom: text.length }) : text;
  return { ...entry, id, ts, lastTs: ts, count: 1, detail };
}

function clipped(entry: AuditEntry): AuditEntry {
  return { ...entry, who: clip(entry.who, 128), action: clip(entry.action, 128), target: clip(entry.target, 256) };
}

/** Text from outside: short, and without control characters that would spoil a terminal or a log. */
function clip(text: string, length: number): string {
  return text.slice(0, length).replace(/\p{Cc}/gu, '?');
}

/** Rows that pass the filter, newest first. */
function selectAudit(
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
    .prepare<(string | number)[], StoredRow>(`${SELECT} ${clause} ORDER BY id DESC LIMIT ?`)
    .all(...values, limit)
    .map((row) => ({ ...row, detail: row.detail === null ? null : (JSON.parse(row.detail) as AuditRow['detail']) }));
}
