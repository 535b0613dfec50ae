import { entryKey, type FigureKind, type StatEntry } from '../statistics/entry.js';
import type { Beliefs } from '../statistics/ledger.js';
import { type Month, partsOf, periodText, type StatPeriod, yearPeriod } from '../statistics/period.js';

/** Kinds of money at the prices of its year; `current` is added value. */
export type MoneyKind = Extract<FigureKind, 'current' | 'output' | 'tax' | 'leading_added_value'>;

/** Money at the prices of its year, 10⁴ CNY, of the first `months` of the year. */
export interface AtCurrentPrices {
  readonly amount: number;
  /** 1 to 12. */
  readonly months: number;
}

/** Of the park itself where there is any, else the sum of its members as far as all of them reach; null of nothing. */
export function currentPrices(
  entries: Beliefs<StatEntry>['at'],
  park: string,
  members: readonly string[],
  year: number,
  kind: MoneyKind = 'current',
): AtCurrentPrices | null {
  const of = (subject: string, upTo: number) => levels({ entries, kind }, subject, yearPeriod(year), upTo);
  const january = yearPeriod(year).first;
  const own = of(park, january + 11);
  if (own.through >= january) return { amount: own.amount, months: own.through - january + 1 };
  const through = Math.min(...members.map((member) => of(member, january + 11).through));
  if (members.length === 0 || through < january) return null;
  const sums = members.map((member) => of(member, through));
  // A member whose quarter reaches beyond the others' months cannot be cut.
  if (sums.some((sum) => sum.through !== through)) return null;
  return { amount: sums.reduce((sum, { amount }) => sum + amount, 0), months: through - january + 1 };
}

/**
 * Land of the newest year that has it, to `year` at the latest: of the park itself, else of its members where all have
 * it; null of nothing.
 */
export function landOf(
  entries: Beliefs<StatEntry>['at'],
  park: string,
  members: readonly string[],
  year: number,
): { readonly mu: number; readonly year: number } | null {
  const of = (subject: string, one: number) => {
    const figure = entries.get(entryKey(subject, String(one), 'land_area'))?.value.figure;
    return figure?.kind === 'land_area' ? figure.amount : null;
  };
  for (let one = year; one > year - LAND_YEARS; one -= 1) {
    const own = of(park, one);
    if (own !== null) return { mu: own, year: one };
    const each = members.map((member) => of(member, one)).filter((mu) => mu !== null);
    if (each.length > 0 && each.length === members.length) return { mu: each.reduce((a, b) => a + b, 0), year: one };
  }
  return null;
}

/** Years for which a recorded area counts: land changes slowly. */
const LAND_YEARS = 10;

interface Sought {
  readonly entries: Beliefs<StatEntry>['at'];
  readonly kind: MoneyKind;
}

/**
 * The sum of levels at current prices, 10⁴ CNY, from the start of a period to the first gap, and the last month that it
 * covers. Of periods that lie in each other the widest published one counts.
 */
function levels(sought: Sought, subject: string, period: StatPeriod, upTo: Month) {
  const { entries, kind } = sought;
  const entry = entries.get(entryKey(subject, periodText(period), kind))?.value.figure;
  if (entry !== undefined && entry.kind !== 'growth' && period.last <= upTo)
    return { amount: entry.amount, through: period.last };
  let [amount, through] = [0, period.first - 1];
  for (const part of partsOf(period)) {
    const one = levels(sought, subject, part, upTo);
    if (part.first !== through + 1) continue;
    amount += one.amount;
    through = Math.max(through, one.through);
    if (one.through < part.last) break;
  }
  return { amount, through };
}
