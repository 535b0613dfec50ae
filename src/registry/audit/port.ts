/** `done`: a change was made. `refused`: somebody was turned away. */
type AuditOutcome = 'done' | 'refused';

/** Who did what to what. Texts may come from outside: they are clipped, and must hold no secret. */
export interface AuditEntry {
  /** Token id; `gateway:{id}`, `address:{ip}` or `system` where no token is at work. */
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
   * Changes are durable when this returns. Refusals never block or throw: they join a later group commit, repeats
   * within a minute share a row, and beyond a cap per minute they are only counted.
   * @throws StorageUnavailableError for a change that could not be stored
   */
  record(entry: AuditEntry): void;
  /** Newest first; only ids below `beforeId`. */
  list(filter: AuditFilter, paging: { readonly limit: number; readonly beforeId?: number }): AuditRow[];
  readonly stats: AuditStats;
}

export interface AuditStats {
  changes: number;
  /** Refusals that got a row, that joined one, and that were only counted because of the cap or a failing disk. */
  refusals: number;
  collapsed: number;
  dropped: number;
}
