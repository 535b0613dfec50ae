import type { VerdictName } from './verdict.js';

/** What a scope is ranked by. */
export interface Ranked {
  readonly scope: string;
  readonly verdict: VerdictName;
  /** Annual decline since the base year, a fraction. */
  readonly decline: number | null;
}

/**
 * The greatest annual decline first. Equal ones share a place and the next place counts them all (1, 2, 2, 4); among
 * themselves they stand by id. What is not assessable has no place and comes last.
 */
export function ranking<T extends Ranked>(scopes: readonly T[]): readonly (T & { readonly place: number | null })[] {
  const isRanked = ({ verdict, decline }: Ranked) => verdict !== 'not_assessable' && decline !== null;
  const byId = (a: Ranked, b: Ranked) => (a.scope < b.scope ? -1 : a.scope > b.scope ? 1 : 0);
  const sorted = scopes.filter(isRanked).sort((a, b) => Number(b.decline) - Number(a.decline) || byId(a, b));
  const last = scopes.filter((scope) => !isRanked(scope)).sort(byId);
  return [
    ...sorted.map((scope) => ({ ...scope, place: sorted.findIndex(({ decline }) => decline === scope.decline) + 1 })),
    ...last.map((scope) => ({ ...scope, place: null })),
  ];
}
