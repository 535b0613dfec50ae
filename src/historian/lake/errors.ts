/** The lake's own files contradict each other: nothing is changed, somebody has to look. */
export class LakeDamaged extends Error {
  override readonly name = 'LakeDamaged';
}

/** More queries at once than the lake queues. */
export class TooManyQueries extends Error {
  override readonly name = 'TooManyQueries';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries at once`);
  }
}
