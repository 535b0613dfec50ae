/** The lake's files contradict each other: the service changes nothing, an operator has to decide. */
export class LakeDamagedError extends Error {
  override readonly name: string = 'LakeDamagedError';

  /** @param part the whole lake, only its roll-ups, or a lake that ends too early */
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
