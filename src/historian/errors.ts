/** More queries at once than the historian takes on. */
export class TooManyQueries extends Error {
  override readonly name = 'TooManyQueries';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries at once; try again later`);
  }
}

/** The historian's thread ended while the question was open; it is being started again. */
export class HistorianUnavailable extends Error {
  override readonly name = 'HistorianUnavailable';
}
