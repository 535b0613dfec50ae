/** One wrong field; `field` is its path in the whole, such as `comparison.levels.1.setpoint`. */
export interface FieldError {
  readonly field: string;
  readonly expected: string;
}

/** Nothing where it holds, else the field and what it should be. */
export const must = (holds: boolean, field: string, expected: string): readonly FieldError[] =>
  holds ? [] : [{ field, expected }];

/** The errors of a part as those of the whole. */
export const inPart = (part: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map(({ field, expected }) => ({ field: `${part}.${field}`, expected }));
