import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import type { Origin } from '../model/statistics/ledger.js';
import { IntensityRefusedError } from '../port.js';
import type { Told } from './port.js';

type Said = Pick<Told, 'source' | 'reason'>;

/** Who, from where and why, as a ledger keeps it. */
export const originOf = (who: Principal, { source, reason }: Said): Origin => ({
  by: who.id,
  source,
  ...(reason !== undefined && { reason }),
});

/** The same for the detail of the audit, which knows who by itself. */
export const tellOf = ({ source, reason }: Said) => ({ source, reason: reason ?? null });

/** The refusal that names every wrong field. */
export function invalidFields(wrong: readonly FieldError[]): IntensityRefusedError {
  const message = wrong.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
  return new IntensityRefusedError('invalid', 'invalid_request', message, wrong);
}
