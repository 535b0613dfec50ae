/** The lake's own files contradict each other: nothing is changed, somebody has to look. */
export class LakeDamagedError extends Error {
  override readonly name: string = 'LakeDamagedError';

  /** @param part at fault: the whole lake, its roll-ups alone, or that it ends before it should */
  constructor(
    message: string,
    options: ErrorOptions = {},
    readonly part: 'lake' | 'rollups' | 'end' = 'lake',
  ) {
    super(message, options);
  }
}

/** A newer version of the service wrote the lake. */
export class LakeTooNewError extends LakeDamagedError {}
