/** `done`: a change was made. `refused`: a request was refused. */
type AuditOutcome = 'done' | 'refused';

/** Who did what to what. Untrusted texts are clipped; no text may contain a secret. */
export interface AuditEntry {
  /** Token id; `gateway:{id}`, `address:{ip}` or `system` without a token. */
  readonly who: string;
  /** `gateway.create`, `mqtt.sign_in`, `GET /api/v1/parks`… */
  readonly action: string;
  readonly target: string;
  readonly outcome: AuditOutcome;
  readonly detail?: Readonly<Record<string, unknown>> | null;
}

/** `count` repeats of one refusal between `ts` and `lastTs` share a row. Times are epoch milliseconds. */
export interface AuditRow extends Required<AuditEntry> {
  readonly id: number;
  readonly ts: number;
  readonly lastTs: number;
  readonly count: number;
}

export interface AuditFilter {
  readonly who?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: AuditOutcome;
  /** `from <= ts < to`, epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

/** The record of changes and refusals. */
export interface Audit {
  /**
   * Changes are durable on return. Refusals never block or throw: they join a later group commit, repeats within a
   * minute share a row, and beyond a bound per minute they are only counted.
   * @throws StorageUnavailableError when a change cannot be stored
   */
  record(entry: AuditEntry): void;
  /** Newest first; only ids below `beforeId`. */
  list(filter: AuditFilter, paging: { readonly limit: number; readonly beforeId?: number }): AuditRow[];
  readonly stats: AuditStats;
}

export interface AuditStats {
  changes: number;
  /** Refusals with a row of their own, in a shared row, and only counted because of the bound or a failing disk. */
  refusals: number;
  collapsed: number;
  dropped: number;
}
