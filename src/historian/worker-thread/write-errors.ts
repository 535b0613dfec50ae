import { type FailureKind, HistorianUnavailableError, WRITE_ERROR_KINDS, type WriteErrorKind } from '../port/errors.js';

export function countsOf(count: (kind: WriteErrorKind) => number): Record<WriteErrorKind, number> {
  return Object.fromEntries(WRITE_ERROR_KINDS.map((kind) => [kind, count(kind)])) as Record<WriteErrorKind, number>;
}

/** Counts failed tries to write, by what people can do about them. */
export class WriteErrors {
  readonly counts = countsOf(() => 0);

  count(error: unknown): void {
    this.counts[kindOf(error)] += 1;
  }
}

/** What is behind the error of a question that was asked for a write. */
export function underlying(error: unknown): unknown {
  return error instanceof HistorianUnavailableError && error.cause !== undefined ? error.cause : error;
}

/** By what an adapter's error says: the status a server answered with (null: none), and whether it was waited for. */
export function kindOf(error: unknown): WriteErrorKind {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 'other';
  const { status, timedOut } = error as { readonly status?: number | null; readonly timedOut?: boolean };
  if (timedOut) return 'timeout';
  if (status === null || status === undefined) return 'unreachable';
  if (status === 401 || status === 403) return 'credentials';
  if (status === 404) return 'not_found';
  if (status === 429 || status === 503) return 'busy';
  return status >= 500 || status < 300 ? 'server' : 'refused';
}

/** Whether the store is there, for all that is known, and yet a question to it failed. */
export function leavesUnanswered(error: unknown): boolean {
  return kindOf(underlying(error)) !== 'unreachable';
}

/** Of what kind a standstill is. */
export function failureKind(error: unknown): FailureKind {
  return error instanceof Error && error.name === 'LakeDamagedError' ? 'damaged' : kindOf(error);
}

/** How long the store asks to be left alone; 0 when it does not say. */
export function retryAfterMs(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  const ms = error.retryAfterMs;
  return typeof ms === 'number' && Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
