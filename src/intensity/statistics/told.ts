import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import type { Origin } from '../model/statistics/ledger.js';
import { IntensityRefusedError } from '../port.js';
import type { Told } from './port.js';

type Said = Pick<Told, 'source' | 'reason'>;

/** Who recorded it, from where and why, as a ledger keeps it. */
export const originOf = (who: Principal, { source, reason }: Said): Origin => ({
  by: who.id,
  source,
  ...(reason !== undefined && { reason }),
});

/** The same for the audit's detail; the audit has a field of its own for who. */
export const tellOf = ({ source, reason }: Said) => ({ source, reason: reason ?? null });

/** The most wrong fields that one refusal names. */
const MOST_NAMED = 1_000;

/** The refusal that names the wrong fields. */
export function refusedFields(all: readonly FieldError[]): IntensityRefusedError {
  const wrong = all.slice(0, MOST_NAMED);
  const message = wrong.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
  return new IntensityRefusedError('invalid', 'invalid_request', message, wrong);
}
