import { entryKey, type StatEntry } from './entry.js';
import type { Beliefs } from './ledger.js';
import { type Month, partsOf, periodText, type StatPeriod, yearOf, yearPeriod, yearsLater } from './period.js';
import { type AddedValue, type AddedValuePair, type GapReason, grown, missingValue, single, sum } from './value.js';

/** What was worked out of one subject's figures. */
class OfSubject {
  readonly whole = new Map<string, AddedValue>();
  readonly published = new Map<string, AddedValue | null>();
  readonly over = new Map<number, AddedValue>();
  readonly pairs = new Map<number, AddedValuePair>();
}

/** Values of an earlier moment, and the subjects of whom anything was told or withdrawn since. */
interface Earlier {
  readonly values: AddedValues;
  readonly touched: Iterable<string>;
}

/** Of months of one year. */
const spanKey = (first: Month, last: Month): number => first * 12 + (last - first);

function kept<T>(values: Map<number, T>, key: number, make: () => T): T {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}

interface NamedPeriod {
  readonly period: StatPeriod;
  readonly text: string;
}

/**
 * Added value at comparable prices, from the figures believed at one moment.
 *
 * The chain: value of a period = value of that period a year before × (1 + official real growth); it begins at a level
 * at prices of the base year (docs/domain.md, energy and wastewater per added value). A quotient of two published levels
 * is never used, since the levels may be of different sets and revisions. Of periods that lie in each other the widest
 * published one counts.
 */
export class AddedValues {
  readonly #entries: Pick<Beliefs<StatEntry>['at'], 'get' | 'has'>;
  /** Those that were asked for. */
  readonly #subjects: Map<string, OfSubject>;
  readonly #periods = new Map<number, readonly NamedPeriod[]>();

  /**
   * @param priceBase the year whose prices count
   * @param before what it worked out of subjects of which all figures are the same goes on to count
   */
  constructor(
    { at }: { readonly at: Pick<Beliefs<StatEntry>['at'], 'get' | 'has'> },
    readonly priceBase: number,
    before?: Earlier,
  ) {
    this.#entries = at;
    this.#subjects = new Map(before?.values.priceBase === priceBase ? before.values.#subjects : []);
    for (const subject of before?.touched ?? []) this.#subjects.delete(subject);
  }

  /** The same object while all figures of the subject are the same. */
  stampOf(subject: string): object {
    return this.#known(subject);
  }

  #known(subject: string): OfSubject {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    const made = new OfSubject();
    this.#subjects.set(subject, made);
    return made;
  }

  /** The value of a whole period, 10⁴ CNY at prices of `priceBase`. */
  of(subject: string, period: StatPeriod): AddedValue {
    const { whole } = this.#known(subject);
    const key = periodText(period);
    const known = whole.get(key);
    if (known) return known;
    const { first, last } = period;
    const value = this.#opened(
      subject,
      first,
      last,
      this.#published(subject, period) ?? this.#composed(subject, period),
    );
    whole.set(key, value);
    return value;
  }

  /** The value of the months first to last of one year, made of the widest published periods that lie within them. */
  over(subject: string, first: Month, last: Month): AddedValue {
    if (last - first === 11) return this.of(subject, yearPeriod(yearOf(first)));
    return kept(this.#known(subject).over, spanKey(first, last), () => this.#over(subject, first, last));
  }

  #over(subject: string, first: Month, last: Month): AddedValue {
    const periods = cover(first, last, (period) => (this.#published(subject, period) ? [period] : null));
    return this.#opened(subject, first, last, sum(periods.map((period) => this.of(subject, period))));
  }

  /** The values of the months first to last and of the same months a year before, of the same periods where it can be. */
  pair(subject: string, first: Month, last: Month): AddedValuePair {
    return kept(this.#known(subject).pairs, spanKey(first, last), () => this.#pair(subject, first, last));
  }

  #pair(subject: string, first: Month, last: Month): AddedValuePair {
    // Where no choice of periods is whole in both years, the year that is whole keeps its value and the other its gaps.
    const oneSided = (period: StatPeriod) => {
      const { current, previous } = this.#both(subject, period);
      return current.amount === null && previous.amount === null ? null : [period];
    };
    const periods = cover(first, last, (period) => this.#pairedPeriods(subject, period) ?? oneSided(period));
    const values = periods.map((period) => this.#both(subject, period));
    const side = (months: number, pick: (pair: AddedValuePair) => AddedValue) =>
      this.#opened(subject, first - months, last - months, sum(values.map(pick)));
    return { current: side(0, ({ current }) => current), previous: side(12, ({ previous }) => previous) };
  }

  #opened(subject: string, first: Month, last: Month, value: AddedValue): AddedValue {
    // The base year and those before it have no use for growth.
    if (value.openChain || yearOf(first) <= this.priceBase) return value;
    const waits = this.#within(first, last).some(
      ({ period, text }) =>
        this.#entries.has(entryKey(subject, text, 'growth')) &&
        this.of(subject, yearsLater(period, -1)).amount === null,
    );
    return waits ? { ...value, openChain: true } : value;
  }

  #within(first: Month, last: Month): readonly NamedPeriod[] {
    const key = spanKey(first, last);
    const known = this.#periods.get(key);
    if (known) return known;
    const found = within(first, last).map((period) => ({ period, text: periodText(period) }));
    this.#periods.set(key, found);
    return found;
  }

  /**
   * What makes up a period in both years: itself where both publish it, else its parts, else itself where it is whole
   * in both; null where it is not.
   */
  #pairedPeriods(subject: string, period: StatPeriod): readonly StatPeriod[] | null {
    const before = yearsLater(period, -1);
    if (this.#published(subject, period) && this.#published(subject, before)) return [period];
    const parts = partsOf(period).map((part) => this.#pairedPeriods(subject, part));
    const paired = parts.flatMap((part) => part ?? []);
    if (parts.length > 0 && parts.every((part) => part !== null)) return paired;
    const { current, previous } = this.#both(subject, period);
    return current.amount === null || previous.amount === null ? null : [period];
  }

  #both(subject: string, period: StatPeriod): AddedValuePair {
    return { current: this.of(subject, period), previous: this.of(subject, yearsLater(period, -1)) };
  }

  /** From a figure of just this period; null when there is none that can be used. */
  #published(subject: string, period: StatPeriod): AddedValue | null {
    const { published } = this.#known(subject);
    const text = periodText(period);
    const known = published.get(text);
    if (known !== undefined) return known;
    const value = this.#fromEntry(subject, period, text);
    published.set(text, value);
    return value;
  }

  #fromEntry(subject: string, period: StatPeriod, text: string): AddedValue | null {
    const entry = (kind: 'comparable' | 'growth' | 'current') => this.#entries.get(entryKey(subject, text, kind));
    const level = entry('comparable');
    if (level?.value.figure.kind === 'level' && level.value.figure.baseYear === this.priceBase) {
      return single(level, level.value.figure.amount, 'comparable');
    }
    const year = yearOf(period.first);
    const current = entry('current');
    if (year === this.priceBase && current?.value.figure.kind === 'level') {
      return single(current, current.value.figure.amount, 'base_year');
    }
    const growth = entry('growth');
    if (year <= this.priceBase || growth?.value.figure.kind !== 'growth') return null;
    const base = this.of(subject, yearsLater(period, -1));
    return base.amount === null ? null : grown(growth, base.amount * (1 + growth.value.figure.rate), base);
  }

  #composed(subject: string, period: StatPeriod): AddedValue {
    const parts = partsOf(period);
    if (parts.length === 0) return missingValue(period, this.#reason(subject, period));
    const value = sum(parts.map((part) => this.of(subject, part)));
    if (value.known > 0) return value;
    const reason = this.#reason(subject, period);
    // A published figure that cannot be used says more than the twelve months that were never published.
    return reason !== 'not_published' ? missingValue(period, reason) : value;
  }

  #reason(subject: string, period: StatPeriod): GapReason {
    const text = periodText(period);
    const has = (key: string) => this.#entries.has(key);
    if (has(entryKey(subject, text, 'growth'))) return 'growth_without_base';
    if (has(entryKey(subject, text, 'comparable'))) return 'other_price_base';
    if (has(entryKey(subject, text, 'current'))) return 'only_current_prices';
    const january = period.first - (period.first % 12);
    const joint: StatPeriod = { kind: 'jan_feb', first: january, last: january + 1 };
    const inJoint = period.kind === 'month' && period.first % 12 < 2 && this.#published(subject, joint) !== null;
    return inJoint ? 'only_with_january_february' : 'not_published';
  }
}

/** What makes up the months, asking for the widest periods first; a month that nothing covers stands for itself. */
function cover(
  first: Month,
  last: Month,
  madeOf: (period: StatPeriod) => readonly StatPeriod[] | null,
): readonly StatPeriod[] {
  const descend = (period: StatPeriod): readonly StatPeriod[] => {
    if (period.last < first || period.first > last) return [];
    const found = period.first >= first && period.last <= last ? madeOf(period) : null;
    const parts = partsOf(period);
    return found ?? (parts.length === 0 ? [period] : parts.flatMap(descend));
  };
  return descend(yearPeriod(yearOf(first)));
}

/** Every period that lies in the months of one year. */
function within(first: Month, last: Month): StatPeriod[] {
  const inside = (period: StatPeriod): StatPeriod[] => [
    ...(period.first >= first && period.last <= last ? [period] : []),
    ...partsOf(period).flatMap(inside),
  ];
  return inside(yearPeriod(yearOf(first)));
}
