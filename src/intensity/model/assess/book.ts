import { distinct } from '../conversion/convert.js';
import type { AddedValues } from '../statistics/added-value.js';
import { type Month, monthOf, monthsFrom, monthText, parsePeriod } from '../statistics/period.js';
import { compareWithLastYear, pooledComparison, type YearComparison } from '../tracking/comparison.js';
import { type FigureOf, type IntensityFigure, intensityOf, pooled, type TrackedUnit } from '../tracking/figure.js';
import { isAtLeast } from '../tracking/path.js';
import type { Policy } from '../tracking/policy.js';
import type { QuantityBook } from './quantity-book.js';

/** All that is known of one park, or of one enterprise, for what is tracked. */
export interface Book {
  /** `park:{id}` or `enterprise:{park}/{id}`. */
  readonly scope: string;
  /** The members that the year's statistics cover; null when that is not recorded. */
  readonly setOf: (year: number) => readonly string[] | null;
  /** What each member used; a member that has no meter is not there. */
  readonly quantities: ReadonlyMap<string, QuantityBook>;
  /** The scopes whose recorded sets `setOf` reads. */
  readonly setScopes: readonly string[];
}

/** The books of a scope: one, or those of a district's or the city's parks. */
export interface Books {
  readonly scope: string;
  readonly unit: TrackedUnit;
  readonly policy: Policy;
  readonly values: AddedValues;
  readonly of: readonly Book[];
  /** Whether the scope is a sum over `of`. */
  readonly isPool: boolean;
}

/** The intensity over months of one year on the set of `setYear`; a district or the city as Σ ÷ Σ. */
export function figureOver(books: Books, first: Month, last: Month, setYear: number): IntensityFigure {
  const figures = books.of.map((book) => figureOfBook(books, book, first, last, setYear));
  return books.isPool ? pooled(books.scope, figures, books.policy) : figures[0]!;
}

/** Months of a year against the same months of last year, both on the set of the year. */
export function comparisonOver(books: Books, first: Month, last: Month, setYear: number): YearComparison {
  const comparisons = books.of.map((book) => comparisonOfBook(books, book, first, last, setYear));
  return books.isPool ? pooledComparison(books.scope, comparisons, books.policy) : comparisons[0]!;
}

/** `figureOver` of one book; worked out once for all scopes that the book is part of. */
export function figureOfBook(books: Books, book: Book, first: Month, last: Month, setYear: number): IntensityFigure {
  const of = spanOf(books, book, first, last, setYear);
  return workedOut(
    books,
    book,
    of,
    (made) => made.figures,
    () =>
      intensityOf(
        of,
        membersOf(book, of, (id) => books.values.over(id, first, last)),
        books.policy,
      ),
  );
}

/** `comparisonOver` of one book; worked out once for all scopes that the book is part of. */
export function comparisonOfBook(books: Books, book: Book, first: Month, last: Month, setYear: number): YearComparison {
  const of = spanOf(books, book, first, last, setYear);
  return workedOut(
    books,
    book,
    of,
    (made) => made.comparisons,
    () => {
      const members = membersOf(book, { ...of, first: first - 12 }, (id) => books.values.pair(id, first, last));
      return compareWithLastYear(of, members, books.policy);
    },
  );
}

/** What was worked out of a book, with all that it rests on beside the book itself. */
interface WorkedOut<T> {
  readonly policy: Policy;
  readonly set: readonly string[] | null;
  readonly stamps: readonly object[];
  readonly made: T;
}

interface OfBook {
  readonly figures: Map<string, WorkedOut<IntensityFigure>>;
  readonly comparisons: Map<string, WorkedOut<YearComparison>>;
}

/** Books never change; a few spans of each year are asked for. */
const ofBooks = new WeakMap<Book, OfBook>();

function workedOut<T>(
  { policy, values, unit }: Books,
  book: Book,
  { first, last, set }: FigureOf,
  pick: (of: OfBook) => Map<string, WorkedOut<T>>,
  make: () => T,
): T {
  const ofBook = ofBooks.get(book) ?? { figures: new Map(), comparisons: new Map() };
  ofBooks.set(book, ofBook);
  const known = pick(ofBook);
  const key = `${unit} ${first} ${last} ${set?.length ?? -1}`;
  const before = known.get(key);
  const stamps = (set ?? []).map((id) => values.stampOf(id));
  const isSame =
    before !== undefined &&
    before.policy === policy &&
    (before.set === set || sameItems(before.set ?? [], set ?? [])) &&
    sameItems(before.stamps, stamps);
  if (isSame) return before.made;
  const made = make();
  known.set(key, { policy, set, stamps, made });
  return made;
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

function spanOf({ unit }: Books, book: Book, first: Month, last: Month, setYear: number): FigureOf {
  return { scope: book.scope, unit, first, last, set: book.setOf(setYear) };
}

/** The members of the set with what a figure over the months needs of them, and no more. */
function membersOf<T>(book: Book, { first, last, set }: FigureOf, addedValue: (id: string) => T) {
  const months = monthsFrom(first, last).map(monthText);
  return (set ?? []).map((id) => {
    const quantity = book.quantities.get(id);
    const applied = months.flatMap((month) => quantity?.applied.get(month) ?? []);
    return {
      id,
      quantity: months.flatMap((month) => quantity?.months.get(month) ?? []),
      addedValue: addedValue(id),
      coefficients: distinct(applied),
      notConverted: (quantity?.notConverted ?? []).filter((month) => months.includes(month)),
    };
  });
}

/**
 * The last month of a year up to which both sides are there, from January on, of so many members that they reach the
 * least coverage, by their added value; null when there is none.
 */
export function lastMonthOf({ of, values, policy }: Books, year: number): Month | null {
  const january = monthOf(year, 1);
  const members = of.flatMap((book) =>
    (book.setOf(year) ?? []).map((id) => {
      const { known } = values.over(id, january, january + 11);
      const before = values.over(id, january - 12, january - 1).known;
      const last = Math.min(publishedTo(values, id, year), meteredTo(book.quantities.get(id), year));
      return { last, weight: Math.max(known, before, 0) };
    }),
  );
  const weights = members.reduce((sum, { weight }) => sum + weight, 0);
  if (!(weights > 0)) return null;
  let there = 0;
  for (const { last, weight } of members.sort((a, b) => b.last - a.last)) {
    there += weight;
    if (isAtLeast(there / weights, policy.minCoverage)) return last >= january ? last : null;
  }
  return null;
}

function publishedTo(values: AddedValues, id: string, year: number): Month {
  const january = monthOf(year, 1);
  const { gaps } = values.over(id, january, january + 11);
  return Math.min(january + 12, ...gaps.map(({ period }) => parsePeriod(period)?.first ?? january)) - 1;
}

/** The last whole month up to which there is a quantity from January on. */
function meteredTo(quantity: QuantityBook | undefined, year: number): Month {
  const january = monthOf(year, 1);
  const missing = monthsFrom(january, january + 11).find((month) => !quantity?.months.has(monthText(month)));
  return (missing ?? january + 12) - 1;
}
