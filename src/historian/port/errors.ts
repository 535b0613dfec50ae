/** A query would return more readings than its limit; the historian returned none. */
export class ResultTooLargeError extends Error {
  override readonly name = 'ResultTooLargeError';
  constructor(readonly limit: number) {
    super(`the result has more than ${limit} readings`);
  }
}

/** Too many queries are open; the caller should try again later. */
export class TooManyQueriesError extends Error {
  override readonly name = 'TooManyQueriesError';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries of history at once`);
  }
}

/** Too many queries of one asker are open: its own share is used up, not that of others. */
export class TooManyOwnQueriesError extends Error {
  override readonly name = 'TooManyOwnQueriesError';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries of history at once by one asker`);
  }
}

/** A query computed longer than `limit`; ask for less, or for fewer series at once. */
export class QueryTimedOutError extends Error {
  override readonly name = 'QueryTimedOutError';
  /** `limit` in milliseconds. */
  constructor(readonly limit: number) {
    super(`the question worked longer than ${limit / 1000} s`);
  }
}

/** The store cannot be read, or failed during the query; the historian keeps trying to open it. */
export class HistorianUnavailableError extends Error {
  override readonly name = 'HistorianUnavailableError';
}

/** Native code of the store did not return in time although it was interrupted; its thread cannot end before it does. */
export class HistorianStuckError extends Error {
  override readonly name = 'HistorianStuckError';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `refused`: for its content. `timeout`: no answer in time. `busy`: the server asks to wait. `other`: all others. */
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
/** `damaged`: the store's own files are missing or damaged. */
export type FailureKind = WriteErrorKind | 'damaged';
