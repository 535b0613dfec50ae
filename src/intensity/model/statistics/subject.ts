import { isId } from '../../../model/ids.js';

/** Whom a statistic is about. Ids of enterprises are unique within their park alone. */
type StatSubject =
  | { readonly kind: 'park'; readonly park: string }
  | { readonly kind: 'enterprise'; readonly park: string; readonly enterprise: string };

/** What a figure is taken over. */
export type SumScope =
  | { readonly kind: 'city' }
  | { readonly kind: 'district'; readonly district: string }
  | { readonly kind: 'park'; readonly park: string };

/** The texts of subjects and of sums, for messages. */
export const SUBJECT_FORMS = 'park:{park} or enterprise:{park}/{enterprise}';
export const SUM_FORMS = 'park:{park}, district:{district} or city';

/** One of `SUBJECT_FORMS`; null for any other text. */
export function parseSubject(text: string): StatSubject | null {
  const [, kind, park = '', enterprise] = /^(park|enterprise):([^/]+)(?:\/([^/]+))?$/.exec(text) ?? [];
  if (!isId(park)) return null;
  if (kind === 'park') return enterprise === undefined ? { kind, park } : null;
  return enterprise !== undefined && isId(enterprise) ? { kind: 'enterprise', park, enterprise } : null;
}

/** The text that `parseSubject` reads. */
export const enterpriseSubject = (park: string, enterprise: string): string => `enterprise:${park}/${enterprise}`;

/** One of `SUM_FORMS`; null for any other text. */
export function parseSumScope(text: string): SumScope | null {
  if (text === 'city') return { kind: 'city' };
  const [, kind, id = ''] = /^(park|district):(.+)$/.exec(text) ?? [];
  if (!isId(id)) return null;
  return kind === 'park' ? { kind, park: id } : { kind: 'district', district: id };
}
