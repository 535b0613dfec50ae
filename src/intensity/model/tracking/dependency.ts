import { type Month, parseMonth, parsePeriod, yearOf } from '../statistics/period.js';
import { type InSteps, inOneGo } from '../steps.js';
import type { YearComparison } from './comparison.js';
import type { IntensityFigure } from './figure.js';
import type { Portion } from './portion.js';

/** Something that became known later than a figure. */
export type LaterChange =
  | { readonly kind: 'statistics'; readonly subject: string; readonly period: string }
  | { readonly kind: 'set'; readonly scope: string; readonly year: number }
  /** Late or voided readings, a meter that was swapped or moved: whose quantity, and of which months, both within. */
  | { readonly kind: 'quantity'; readonly member: string; readonly first: Month; readonly last: Month }
  /** The months, `YYYY-MM`, that a coefficient counts for or did before; `to` is the first that it does not. */
  | { readonly kind: 'coefficient'; readonly carrier: string; readonly from: string; readonly to: string | null };

/** What one figure rests on. A verdict has several: of the base year, of the year, of the year before. */
export interface Dependency {
  readonly key: string;
  /** Scopes whose sets the figure is taken over. */
  readonly scopes: readonly string[];
  readonly setYear: number;
  readonly first: Month;
  readonly last: Month;
  /** Of each member of the set the first year whose statistics count: growth reaches back to where its chain begins. */
  readonly since: ReadonlyMap<string, number>;
  /** Carriers whose coefficients count; null: any. */
  readonly carriers: ReadonlySet<string> | null;
}

/**
 * @param key of the figure or verdict that has to be computed anew when this is touched
 * @param scopes the scopes whose sets were used: the figure's own, or the parks of a pool
 */
export function dependencyOf(key: string, figure: IntensityFigure, scopes: readonly string[]): Dependency {
  const first = parseMonth(figure.first) ?? 0;
  const last = parseMonth(figure.last) ?? 0;
  const since = new Map(figure.set.map((member) => [member, yearOf(first)]));
  const portions = [...figure.parts, ...figure.leftOut];
  for (const portion of portions) since.set(portion.member.id, reach(portion, yearOf(first)));
  const carriers = figure.unit === 't' ? new Set<string>() : carriersOf(portions);
  return { key, scopes, setYear: yearOf(last), first, last, since, carriers };
}

/** Members and carriers that many dependencies have in common, by their text. */
const inCommon = new Map<string, unknown>();
const MAX_IN_COMMON = 20_000;
/** Larger ones are few. */
const MAX_SHARED = 32;

/** The same dependency, made of what others are made of too: a scope has dozens that name the same members. */
export function shared(one: Dependency): Dependency {
  const since = one.since.size > MAX_SHARED ? one.since : common([...one.since].join(' '), one.since);
  return { ...one, since, carriers: one.carriers && common(`of ${[...one.carriers].sort().join(' ')}`, one.carriers) };
}

function common<T>(text: string, made: T): T {
  const before = inCommon.get(text) as T | undefined;
  if (before !== undefined) return before;
  if (inCommon.size >= MAX_IN_COMMON) inCommon.clear();
  inCommon.set(text, made);
  return made;
}

/** Of a comparison: both years are taken over this year's set, and which periods make up one year depends on the other. */
export function dependenciesOf(
  key: string,
  { current, previous }: YearComparison,
  scopes: readonly string[],
): Dependency[] {
  const now = dependencyOf(key, current, scopes);
  const before = dependencyOf(key, previous, scopes);
  const year = yearOf(before.first);
  return [
    { ...now, since: new Map(Array.from(now.since, ([member, since]) => [member, Math.min(since, year)])) },
    { ...before, setYear: now.setYear },
  ];
}

/** The keys of what has to be computed anew. What is not named stays as it is, to the last digit. */
export const dependentOn = (changes: readonly LaterChange[], dependencies: Iterable<Dependency>): ReadonlySet<string> =>
  inOneGo(touching(changes, dependencies));

/** `dependentOn` in steps, one dependency in each. */
export function* touching(
  changes: readonly LaterChange[],
  dependencies: Iterable<Dependency>,
): InSteps<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const one of dependencies) {
    if (keys.has(one.key)) continue;
    if (changes.some((change) => concerns(change, one))) keys.add(one.key);
    yield;
  }
  return keys;
}

function concerns(change: LaterChange, { scopes, setYear, first, last, since, carriers }: Dependency): boolean {
  switch (change.kind) {
    case 'statistics': {
      const period = parsePeriod(change.period);
      const reached = since.get(change.subject);
      if (period === null || reached === undefined) return false;
      return yearOf(period.first) >= reached && yearOf(period.first) <= yearOf(last);
    }
    case 'set':
      return change.year === setYear && scopes.includes(change.scope);
    case 'quantity':
      return since.has(change.member) && change.first <= last && change.last >= first;
    case 'coefficient': {
      const from = parseMonth(change.from) ?? 0;
      const to = change.to === null ? null : parseMonth(change.to);
      return (carriers?.has(change.carrier) ?? true) && from <= last && (to === null || to > first);
    }
  }
}

/** The first year whose statistics a member's added value rests on; 0 while its chain of growth has no beginning. */
function reach({ member }: Portion, year: number): number {
  const { parts, openChain } = member.addedValue;
  if (openChain) return 0;
  const years = parts.flatMap(({ restsOn }) => restsOn.map(({ period }) => Number(period.slice(0, 4))));
  return Math.min(year, ...years);
}

function carriersOf(portions: readonly Portion[]): ReadonlySet<string> | null {
  const all = portions.map(({ member }) => member);
  const sure = all.every(
    ({ coefficients, notConverted = [] }) => coefficients !== undefined && notConverted.length === 0,
  );
  return sure ? new Set(all.flatMap(({ coefficients = [] }) => coefficients.map(({ carrier }) => carrier))) : null;
}
