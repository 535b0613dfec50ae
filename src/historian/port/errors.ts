/** A query would return more than its bound; nothing was returned. */
export class ResultTooLargeError extends Error {
  override readonly name = 'ResultTooLargeError';
  constructor(readonly limit: number) {
    super(`the result has more than ${limit} readings`);
  }
}

/** More queries at once than the historian takes on; ask again later. */
export class TooManyQueriesError extends Error {
  override readonly name = 'TooManyQueriesError';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries of history at once`);
  }
}

/** A question worked longer than it may; ask for less, or for fewer series at once. */
export class QueryTimedOutError extends Error {
  override readonly name = 'QueryTimedOutError';
  /** `limit` in milliseconds. */
  constructor(readonly limit: number) {
    super(`the question worked longer than ${limit / 1000} s`);
  }
}

/** The store cannot be asked just now, or went away while it was; it is being brought back. */
export class HistorianUnavailableError extends Error {
  override readonly name = 'HistorianUnavailableError';
}

/** The words of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `refused`: for what it holds. `timeout`: no answer in time. `busy`: asked to wait. `other`: of the store itself. */
export const WRITE_ERROR_KINDS = [
  'unreachable',
  'timeout',
  'credentials',
  'not_found',
  'refused',
  'busy',
  'server',
  'other',
] as const;
export type WriteErrorKind = (typeof WRITE_ERROR_KINDS)[number];
/** `damaged`: its own files are missing, or not what they have to be. */
export type FailureKind = WriteErrorKind | 'damaged';
