import { isId } from '../../../model/ids.js';

/** Whose intensity is asked for. */
export type Scope =
  | { readonly kind: 'city' }
  | { readonly kind: 'district'; readonly id: string }
  | { readonly kind: 'park'; readonly id: string }
  /** Enterprise ids are unique per park only. */
  | { readonly kind: 'enterprise'; readonly park: string; readonly id: string };

export const SCOPE_FORMS = 'city, district:{id}, park:{id} or enterprise:{park}/{id}';

/** One of `SCOPE_FORMS`; null for any other text. */
export function parseScope(text: string): Scope | null {
  if (text === 'city') return { kind: 'city' };
  const [, kind, id = '', own] = /^(district|park|enterprise):([^/]+)(?:\/(.+))?$/.exec(text) ?? [];
  if (!isId(id)) return null;
  if (kind === 'enterprise') return own !== undefined && isId(own) ? { kind, park: id, id: own } : null;
  return own === undefined && (kind === 'district' || kind === 'park') ? { kind, id } : null;
}

/** The text that `parseScope` reads. */
export function scopeText(scope: Scope): string {
  if (scope.kind === 'city') return 'city';
  return scope.kind === 'enterprise' ? `enterprise:${scope.park}/${scope.id}` : `${scope.kind}:${scope.id}`;
}

/** The park of a member, `enterprise:{park}/{id}` or `park:{id}`. */
export const parkOfMember = (member: string): string => member.slice(member.indexOf(':') + 1).split('/', 1)[0] ?? '';
