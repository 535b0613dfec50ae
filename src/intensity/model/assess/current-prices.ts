import { entryKey, type StatEntry } from '../statistics/entry.js';
import type { Beliefs } from '../statistics/ledger.js';
import { type Month, partsOf, periodText, type StatPeriod, yearPeriod } from '../statistics/period.js';

/** Added value at the prices of its year, 10⁴ CNY, of the first `months` of the year. */
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
): AtCurrentPrices | null {
  const of = (subject: string, upTo: number) => levels(entries, subject, yearPeriod(year), upTo);
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

/** The levels at current prices of a period without a gap from its start on, the widest first. */
function levels(entries: Beliefs<StatEntry>['at'], subject: string, period: StatPeriod, upTo: Month) {
  const entry = entries.get(entryKey(subject, periodText(period), 'current'))?.value.figure;
  if (entry?.kind === 'level' && period.last <= upTo) return { amount: entry.amount, through: period.last };
  let [amount, through] = [0, period.first - 1];
  for (const part of partsOf(period)) {
    const one = levels(entries, subject, part, upTo);
    if (part.first !== through + 1) continue;
    amount += one.amount;
    through = Math.max(through, one.through);
    if (one.through < part.last) break;
  }
  return { amount, through };
}
