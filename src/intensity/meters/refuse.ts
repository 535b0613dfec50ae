import type { FieldError } from '../../model/field-error.js';
import { refusedFields } from '../statistics/told.js';

/** @throws IntensityRefusedError that names the fields, where any is wrong */
export function refuseFields(problems: readonly FieldError[]): void {
  if (problems.length > 0) throw refusedFields(problems);
}
