import type { MeterScope } from '../boundary/scope.js';
import { enterpriseSubject, parseSubject, parseSumScope as parseSum } from '../statistics/subject.js';

/** Whose intensity is asked for. */
export type Scope =
  | { readonly kind: 'city' }
  | { readonly kind: 'district'; readonly id: string }
  | { readonly kind: 'park'; readonly id: string }
  /** Enterprise ids are unique per park only. */
  | { readonly kind: 'enterprise'; readonly park: string; readonly id: string };

/** The texts of scopes, for messages. */
export const SCOPE_FORMS = 'city, district:{id}, park:{id} or enterprise:{park}/{id}';

/** One of `SCOPE_FORMS`; null for any other text. */
export function parseScope(text: string): Scope | null {
  const subject = parseSubject(text);
  if (subject?.kind === 'enterprise') return { kind: 'enterprise', park: subject.park, id: subject.enterprise };
  const sum = parseSum(text);
  if (sum === null || sum.kind === 'city') return sum;
  return sum.kind === 'park' ? { kind: 'park', id: sum.park } : { kind: 'district', id: sum.district };
}

/** The text that `parseScope` reads. */
export function scopeText(scope: Scope): string {
  if (scope.kind === 'city') return 'city';
  return scope.kind === 'enterprise' ? enterpriseSubject(scope.park, scope.id) : `${scope.kind}:${scope.id}`;
}

/** What of a park's meter tree a member consumes. */
export function meterScopeOf(member: string): MeterScope {
  const park = parkOfMember(member);
  if (member.startsWith('park:')) return { kind: 'park', park };
  return { kind: 'owner', park, owner: { kind: 'enterprise', id: member.slice(member.indexOf('/') + 1) } };
}

/** The park of a member, `enterprise:{park}/{id}` or `park:{id}`. */
export const parkOfMember = (member: string): string => member.slice(member.indexOf(':') + 1).split('/', 1)[0] ?? '';
