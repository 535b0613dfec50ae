/** One wrong field; `field` is its path in the whole, such as `comparison.levels.1.setpoint`. */
export interface FieldError {
  readonly field: string;
  readonly expected: string;
}

/** Empty when it holds, else the field and the expected value. */
export const must = (holds: boolean, field: string, expected: string): readonly FieldError[] =>
  holds ? [] : [{ field, expected }];

/** Moves the errors of a part to their paths in the whole. */
export const inPart = (part: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map(({ field, expected }) => ({ field: `${part}.${field}`, expected }));
