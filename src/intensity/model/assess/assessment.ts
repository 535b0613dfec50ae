import type { WorkCalendar } from '../forecast/working-time.js';
import { type Month, monthOf, yearOf } from '../statistics/period.js';
import type { EntryRef } from '../statistics/value.js';
import type { InSteps } from '../steps.js';
import type { YearComparison } from '../tracking/comparison.js';
import { type Dependency, dependenciesOf, dependencyOf, shared } from '../tracking/dependency.js';
import type { IntensityFigure } from '../tracking/figure.js';
import type { Policy } from '../tracking/policy.js';
import { type PathYear, pathYears, type Standing, standingOf } from '../tracking/standing.js';
import { judgeYear, type Verdict } from '../tracking/verdict.js';
import { type Books, comparisonOfBook, comparisonOver, figureOfBook, figureOver, lastMonthOf } from './book.js';
import { type CausesSinceBase, type ChangeCauses, causesOf, causesSinceBase } from './causes.js';
import { type MonthRow, monthRows } from './months.js';
import { type BudgetAnswer, budgetFor, expectedOf, type Outlook, outlookOf } from './outlook.js';
import { countedOf } from './series.js';

/** What one scope comes to in a year: every figure from the base year to the verdict, with what it is made of. */
export interface Assessment {
  readonly scope: string;
  readonly unit: IntensityFigure['unit'];
  readonly year: number;
  readonly policy: Policy;
  /** Of the base year; null without members. */
  readonly base: IntensityFigure | null;
  /** Of the whole year, or of its months so far; null without any. */
  readonly figure: IntensityFigure | null;
  /** Whether `figure` is of the whole year. */
  readonly isWhole: boolean;
  readonly path: readonly PathYear[];
  /** The months of `figure` against last year's. */
  readonly comparison: YearComparison | null;
  /** Where the scope stood at the end of the last year that is whole. */
  readonly achieved: Standing | null;
  /** Null where the year is whole or in the future, or nothing counts. */
  readonly outlook: Outlook | null;
  readonly budget: BudgetAnswer;
  readonly causes: ChangeCauses | null;
  /** From the base year to the last whole year; left out in publications of earlier releases. */
  readonly causesSinceBase?: CausesSinceBase | null;
  /** The newest statistics of `figure`; left out in publications of earlier releases, null without any. */
  readonly newestStatistics?: EntryRef | null;
  readonly verdict: Verdict;
  readonly months: readonly MonthRow[];
  /** The last day that counts, `YYYY-MM-DD`; null when nothing does. */
  readonly through: string | null;
  /** What the whole rests on: when none of it changes, neither does the assessment but for the days that pass. */
  readonly dependencies: readonly Dependency[];
}

interface AssessFacts {
  readonly books: Books;
  readonly year: number;
  /** The month that runs. */
  readonly running: Month;
  readonly calendar: WorkCalendar;
}

/**
 * Assesses one year of a scope, in steps, so that the work for a whole city holds nothing else up. The same facts make the
 * same assessment, to the last digit.
 */
export function* assessing({ books, year, running, calendar }: AssessFacts): InSteps<Assessment> {
  const { policy, unit, scope, values } = books;
  const thisYear = yearOf(running);
  const isFuture = year > thisYear || books.of.length === 0;
  const years = yield* yearsUpTo(books, Math.min(year, thisYear));
  const base = years.get(policy.baseYear)?.figure ?? null;
  const whole = years.get(year);
  const last = isFuture ? null : lastMonthOf(books, year);
  yield;
  const january = monthOf(year, 1);
  const isWhole = last === january + 11;
  const through = last ?? Math.max(january, running - 1);
  if (!isFuture && !isWhole) yield* eachBook(books, (book) => figureOfBook(books, book, january, through, year));
  const figure = isFuture
    ? null
    : isWhole || (last === null && year < thisYear)
      ? (whole?.figure ?? figureOver(books, january, january + 11, year))
      : figureOver(books, january, through, year);
  yield;
  if (last !== null) yield* eachBook(books, (book) => comparisonOfBook(books, book, january, last, year));
  const comparison = last === null ? null : comparisonOver(books, january, last, year);
  yield;
  const path = pathYears(policy, base?.value ?? 0, [...years.values()]);
  const counted = countedOf(books, figure?.parts.map(({ member }) => member.id) ?? []);
  const known = { counted, values, policy, year, calendar };
  const outlook = isFuture || isWhole || counted.length === 0 ? null : yield* outlookOf(known);
  yield;
  const row = path.find((one) => one.year === year) ?? null;
  const actual = isWhole
    ? policy.comparison === 'chained'
      ? (row?.comparable ?? null)
      : (figure?.value ?? null)
    : null;
  const expected =
    actual !== null
      ? { kind: 'actual' as const, value: actual, interval: null }
      : outlook === null
        ? null
        : expectedOf(known, outlook, path);
  const usable = base !== null && base.value !== null && base.value > 0;
  const addedValue = isWhole ? (figure?.addedValue ?? null) : (outlook?.forecast?.addedValue.value ?? null);
  const budget = budgetFor(known, usable ? (row?.allowed ?? null) : null, addedValue, outlook);
  yield;
  const months = isFuture ? [] : yield* monthRows(books, counted, year, books.isPool);
  const restsOn = yield* dependencies(books, years, year, comparison);
  const causes = yield* causesFor(books, comparison, figure, last, year);
  yield;
  return {
    ...{ scope, unit, year, policy, base, figure, isWhole, path: usable ? path : [], comparison, outlook, budget },
    achieved: achievedOf(policy, base, path, year),
    ...{ causes, newestStatistics: newestOf(figure) },
    causesSinceBase: sinceBaseOf(books, base, [...years.values()], year),
    verdict: judgeYear({ policy, year, unit, base, figure, expected, path, comparison }),
    months,
    through: budget.through,
    dependencies: restsOn,
  };
}

function newestOf(figure: IntensityFigure | null): EntryRef | null {
  let newest: EntryRef | null = null;
  for (const { member } of figure?.parts ?? []) {
    for (const { restsOn } of member.addedValue.parts) {
      for (const one of restsOn) if (newest === null || one.version > newest.version) newest = one;
    }
  }
  return newest;
}

function sinceBaseOf({ isPool }: Books, base: IntensityFigure | null, years: readonly YearKnown[], year: number) {
  const last = years.filter((one) => one.year <= year && one.value !== null).at(-1);
  const isComparable = base?.value != null && base.blocks.length === 0;
  return isComparable && last !== undefined && last.figure !== base ? causesSinceBase(base, last.figure, isPool) : null;
}

function* causesFor(
  books: Books,
  comparison: YearComparison | null,
  figure: IntensityFigure | null,
  last: Month | null,
  year: number,
): InSteps<ChangeCauses | null> {
  if (comparison === null || figure === null || last === null) return null;
  const first = monthOf(year - 1, 1);
  yield* eachBook(books, (book) => figureOfBook(books, book, first, last - 12, year - 1));
  const before = figureOver(books, first, last - 12, year - 1);
  yield;
  return causesOf(comparison, figure, before, books.isPool);
}

/** The sets of all years, and of the members of this year's set all months since the base year: the forecast's history. */
function* dependencies(
  books: Books,
  years: Years,
  year: number,
  comparison: YearComparison | null,
): InSteps<Dependency[]> {
  const scopes = books.of.flatMap(({ setScopes }) => setScopes);
  const own = books.of.map(({ scope }) => [scope, 0] as const);
  const reaching = (one: Dependency): Dependency => shared({ ...one, since: new Map([...own, ...one.since]) });
  const key = books.scope;
  const each: Dependency[] = [];
  for (const { figure, changed } of years.values()) {
    each.push(dependencyOf(key, figure, scopes));
    yield;
    if (changed !== null) each.push(...dependenciesOf(key, changed, scopes));
    yield;
  }
  const compared = comparison === null ? [] : dependenciesOf(key, comparison, scopes);
  const first = monthOf(books.policy.baseYear, 1);
  const members = books.of.flatMap((book) => book.setOf(year) ?? []);
  const since = new Map(members.map((id) => [id, 0]));
  const history = { key, scopes, setYear: year, first, last: monthOf(year, 12), since, carriers: null };
  return [...each, ...compared, history].map(reaching);
}

/** Works something out of each book, so that what sums over them finds it. */
function* eachBook({ of }: Books, work: (book: Books['of'][number]) => unknown): InSteps<void> {
  for (const book of of) {
    work(book);
    yield;
  }
}

type Years = ReadonlyMap<number, YearKnown>;

interface YearKnown {
  readonly year: number;
  readonly figure: IntensityFigure;
  readonly value: number | null;
  readonly isPreliminary: boolean;
  readonly changeOnSameSet: number | null;
  readonly changed: YearComparison | null;
}

/** Each whole year from the base year on; one that is not assessable has no value on the path. */
function* yearsUpTo(books: Books, lastYear: number): InSteps<Map<number, YearKnown>> {
  const years = new Map<number, YearKnown>();
  if (books.of.length === 0) return years;
  const { baseYear } = books.policy;
  for (let year = baseYear; year <= Math.max(lastYear, baseYear); year += 1) {
    const [first, last] = [monthOf(year, 1), monthOf(year, 12)];
    yield* eachBook(books, (book) => figureOfBook(books, book, first, last, year));
    const figure = figureOver(books, first, last, year);
    const value = figure.blocks.length === 0 ? figure.value : null;
    yield;
    const isCompared = year > baseYear && value !== null;
    if (isCompared) yield* eachBook(books, (book) => comparisonOfBook(books, book, first, last, year));
    const changed = isCompared ? comparisonOver(books, first, last, year) : null;
    const isSound = changed?.current.blocks.length === 0 && changed.previous.blocks.length === 0;
    const isPreliminary = figure.preliminary.length > 0;
    years.set(year, {
      year,
      figure,
      value,
      isPreliminary,
      changed,
      changeOnSameSet: isSound ? (changed?.change ?? null) : null,
    });
  }
  return years;
}

function achievedOf(policy: Policy, base: IntensityFigure | null, path: readonly PathYear[], year: number) {
  const row = path.filter((one) => one.year <= year && one.year > policy.baseYear && one.comparable !== null).at(-1);
  const from = base?.value ?? null;
  return row === undefined || from === null ? null : standingOf(policy, from, row.comparable ?? 0, row.year);
}
