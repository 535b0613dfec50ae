import type { MonthCorrection } from '../quantity/corrections.js';
import { type Month, monthsFrom, monthText, yearOf } from '../statistics/period.js';
import type { InSteps } from '../steps.js';
import type { Books } from './book.js';
import type { CarrierUse } from './quantity-book.js';
import { parkOfMember } from './scope.js';
import { addedValueIn, type Counted, periodsOf, usesOver } from './series.js';

/** One row of a year: a month, or January and February as one. */
export interface MonthRow {
  /** First and last month, `YYYY-MM`. */
  readonly first: string;
  readonly last: string;
  /** The month runs: its quantity is of the days so far. */
  readonly isRunning: boolean;
  /** 10⁴ CNY; null while not published for all members. */
  readonly addedValue: number | null;
  readonly isPreliminary: boolean;
  /** tce or t; null where a member has none. */
  readonly quantity: number | null;
  readonly carriers: readonly CarrierUse[];
  readonly intensity: number | null;
  /** On the same months of last year over the same members. */
  readonly change: number | null;
  readonly completeness: number;
  readonly estimatedShare: number;
  readonly filledShare: number;
  /** Meters that counted; left out in publications of earlier releases, as are corrections. */
  readonly meters?: number;
  /** Readings that were voided, where their number is known, and exchanges: the first `MOST_CORRECTIONS` by time. */
  readonly corrections?: readonly MonthCorrection[];
  readonly correctionsCount?: number;
  readonly parts: readonly MonthPart[];
}

/** What one member brings to a row. */
interface MonthPart {
  readonly member: string;
  readonly quantity: number | null;
  readonly addedValue: number | null;
  readonly completeness: number;
  readonly meters?: number;
}

/** Of one row; more are counted. */
const MOST_CORRECTIONS = 50;

/**
 * The rows of a year up to the month that runs, over the members that count.
 * @param byPark sums the parts by park
 */
export function* monthRows(
  { values }: Pick<Books, 'values'>,
  counted: Counted,
  year: number,
  byPark: boolean,
): InSteps<MonthRow[]> {
  const rows: MonthRow[] = [];
  for (const period of periodsOf(counted, values, year)) {
    yield;
    rows.push(...rowsOf(values, counted, period, byPark));
  }
  return rows;
}

/** None where no member has any of the months. */
function rowsOf(
  values: Books['values'],
  counted: Counted,
  { first, last }: { readonly first: Month; readonly last: Month },
  byPark: boolean,
): MonthRow[] {
  const months = between(counted, first, last);
  if (months.every(({ list }) => list.length === 0)) return [];
  const isRunning = months.some(({ list }) => list.some(({ isWhole }) => !isWhole));
  const parts = months.map(({ id, list }, i) => ({
    member: id,
    quantity: list.length === last - first + 1 ? total(list, ({ amount }) => amount) : null,
    addedValue: values.over(id, first, last).amount,
    completeness: total(list, ({ completeness }) => completeness) / (last - first + 1),
    meters: metersOf(counted[i], first, last),
  }));
  const quantity = sumOf(parts.map((part) => part.quantity));
  const addedValue = sumOf(parts.map((part) => part.addedValue));
  const all = months.flatMap(({ list }) => list);
  const intensity = ratio(quantity, addedValue);
  const before = isRunning ? null : intensityBefore(counted, values, first, last);
  const corrections = correctionsOver(counted, first, last);
  const row = {
    ...{ meters: total(parts, (part) => part.meters), correctionsCount: corrections.length },
    corrections: corrections.slice(0, MOST_CORRECTIONS),
    ...{ first: monthText(first), last: monthText(last), isRunning, quantity, addedValue, intensity },
    parts: byPark ? summedByPark(parts) : parts,
    isPreliminary: counted.some(({ id }) => values.over(id, first, last).parts.some((part) => part.preliminary)),
    carriers: usesOver(counted, first, last),
    change: intensity !== null && before !== null && before > 0 ? intensity / before - 1 : null,
    completeness: weighted(
      parts,
      ({ addedValue: weight }) => weight ?? 0,
      (part) => part.completeness,
    ),
    estimatedShare: weighted(
      all,
      ({ amount }) => Math.abs(amount),
      (one) => one.estimatedShare,
    ),
    filledShare: weighted(
      all,
      ({ amount }) => Math.abs(amount),
      (one) => one.filledShare,
    ),
  };
  return [row];
}

function summedByPark(parts: readonly MonthPart[]): MonthPart[] {
  const parks = new Map<string, MonthPart[]>();
  for (const part of parts) {
    const park = `park:${parkOfMember(part.member)}`;
    parks.set(park, [...(parks.get(park) ?? []), part]);
  }
  return [...parks].map(([member, of]) => ({
    member,
    quantity: sumOf(of.map(({ quantity }) => quantity)),
    addedValue: sumOf(of.map(({ addedValue }) => addedValue)),
    meters: total(of, ({ meters = 0 }) => meters),
    completeness: weighted(
      of,
      ({ addedValue }) => addedValue ?? 0,
      ({ completeness }) => completeness,
    ),
  }));
}

/** Meters of a member in the month of the period that has most. */
function metersOf(one: Counted[number] | undefined, first: Month, last: Month): number {
  return Math.max(0, ...[first, last].map((month) => one?.quantity.meters.get(monthText(month)) ?? 0));
}

/** What was said of readings of the members' meters, each once, by time. */
function correctionsOver(counted: Counted, first: Month, last: Month): MonthCorrection[] {
  const found = new Map<string, MonthCorrection>();
  for (const { quantity } of counted) {
    if (quantity.corrections.size === 0) continue;
    for (const month of monthsFrom(first, last)) {
      for (const one of quantity.corrections.get(monthText(month)) ?? []) {
        found.set(`${one.what} ${one.device} ${one.register} ${one.from} ${one.to}`, one);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.from - b.from);
}

function between(counted: Counted, first: Month, last: Month) {
  const texts = [first, last].map(monthText);
  return counted.map(({ id, quantity: { months, running } }) => {
    const whole = [...new Set(texts)].flatMap((text) => {
      const one = months.get(text);
      return one === undefined ? [] : [{ ...one, isWhole: true }];
    });
    const part = running !== null && texts.includes(running.month) ? [{ ...running, isWhole: false }] : [];
    return { id, list: [...whole, ...part] };
  });
}

function intensityBefore(counted: Counted, values: Books['values'], first: Month, last: Month): number | null {
  if (yearOf(first) < 1) return null;
  const sums = between(counted, first - 12, last - 12).map(({ list }) =>
    list.length === last - first + 1 ? total(list, ({ amount }) => amount) : null,
  );
  return ratio(sumOf(sums), addedValueIn(counted, values, first - 12, last - 12));
}

const total = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((sum, one) => sum + of(one), 0);
const sumOf = (all: readonly (number | null)[]): number | null =>
  all.length === 0 || all.includes(null) ? null : total(all, (one) => one ?? 0);
const ratio = (above: number | null, below: number | null): number | null =>
  above !== null && below !== null && below > 0 ? above / below : null;

function weighted<T>(all: readonly T[], weight: (one: T) => number, of: (one: T) => number): number {
  const weights = total(all, weight);
  if (weights > 0) return total(all, (one) => weight(one) * of(one)) / weights;
  return all.length > 0 ? total(all, of) / all.length : 0;
}
