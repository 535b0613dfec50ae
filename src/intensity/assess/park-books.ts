import type { Park } from '../../model/parks.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthSpan } from '../local-months.js';
import type { Book } from '../model/assess/book.js';
import {
  carriersOf,
  type MeteredMonth,
  type Metering,
  type QuantityBook,
  type QuantityFacts,
  quantityBook,
  type Tracked,
} from '../model/assess/quantity-book.js';
import { meterScopeOf, parkOfMember } from '../model/assess/scope.js';
import { billedMonths } from '../model/bills/spread.js';
import { countedBy, type ElectricityCount } from '../model/conversion/coefficient.js';
import { NO_QUANTITY } from '../model/quantity/quantity.js';
import type { Month } from '../model/statistics/period.js';
import type { Consumption } from '../port.js';
import type { Known } from './known.js';
import { MeteredMonths } from './metered-months.js';

/** The scopes of which a set may say who counts in a park, its own first. */
export const setScopesOf = ({ id, district }: Park): readonly string[] => [
  `park:${id}`,
  `district:${district}`,
  'city',
];

/** All members that count in a park in any year since the base year. */
export function membersOfPark(park: Park, known: Known, thisYear: number): ReadonlySet<string> {
  const { baseYear } = known.policy;
  const years = Array.from({ length: Math.max(0, thisYear - baseYear + 1) }, (_, i) => baseYear + i);
  return new Set(years.flatMap((year) => setOfPark(known, park, year) ?? []));
}

/** Everything of one park: its sets, and what each member of any of them used since the base year. */
export function parkBook(park: Park, known: Known, quantities: Book['quantities']): Book {
  const setOf = (year: number) => setOfPark(known, park, year);
  return { scope: `park:${park.id}`, setOf, setScopes: setScopesOf(park), quantities };
}

/** One enterprise as its own set of one, whether or not the statistics count it; null where it has no meter. */
export function enterpriseBook(member: string, known: Known, quantity: QuantityBook | null): Book {
  const set = [member];
  const setOf = () => (known.subjects.has(member) ? set : null);
  return { scope: member, setOf, setScopes: [], quantities: new Map(quantity === null ? [] : [[member, quantity]]) };
}

/**
 * The park's own set, else what the set of its district or of the city names of it. Where none is recorded, or no enterprise
 * of it has any statistics, and there are statistics of the park as a whole, the park is one member: its meters are then
 * the same firms as its statistics.
 */
export function setOfPark({ set, subjects }: Pick<Known, 'set' | 'subjects'>, park: Park, year: number) {
  const whole = `park:${park.id}`;
  for (const scope of setScopesOf(park)) {
    const members = set(scope, year)?.members.filter((member) => parkOfMember(member) === park.id) ?? [];
    if (members.length === 0) continue;
    const isKnown = !subjects.has(whole) || members.some((member) => subjects.has(member));
    return isKnown ? members : [whole];
  }
  return subjects.has(whole) ? [whole] : null;
}

/** What the meters of a member say, carrier by carrier. */
export type Metered = QuantityFacts['metered'];

/** @throws HistorianUnavailableError */
export async function meteredOf(
  consumption: Consumption,
  member: string,
  metering: Metering,
  { first, last, asAt }: { readonly first: Month; readonly last: Month; readonly asAt: number },
): Promise<Metered> {
  const metered = [];
  for (const carrier of carriersOf(metering)) {
    const months = await consumption.months(meterScopeOf(member), carrier, first, last, asAt);
    metered.push(new MeteredMonths(carrier, months));
  }
  return metered;
}

/** What bills say of a member's carriers before it had meters, as months beside the metered ones. */
function withBills(
  member: string,
  metered: Metered,
  carriers: readonly string[],
  { bills }: Known,
  zone: TimeZone,
): Metered {
  const own = (bills.get(member) ?? []).filter(({ carrier }) => carriers.includes(carrier));
  if (own.length === 0) return metered;
  const instant = (day: number) => zone.toInstant(day * DAY_MS);
  const billed = own.map((bill) => {
    const starts = metered
      .filter(({ carrier }) => carrier === bill.carrier)
      .flatMap(({ months }) => months.flatMap(({ parts }) => parts.map(({ from }) => from)));
    const first = starts.reduce((least, from) => Math.min(least, from), Number.POSITIVE_INFINITY);
    const meteredFrom = Number.isFinite(first) ? Math.floor(zone.toLocal(first) / DAY_MS) : first;
    const months = billedMonths(bill, meteredFrom).map(({ month, amount, unit, fromDay, toDay }): MeteredMonth => {
      const span = { from: instant(fromDay), to: instant(toDay) };
      const ms = span.to - span.from;
      const known = { dueMs: ms, measuredMs: ms, knownMs: ms };
      return { month, unit, quantity: { ...NO_QUANTITY, ...known, measured: amount }, parts: [span], isBilled: true };
    });
    return { carrier: bill.carrier, months };
  });
  return [...metered, ...billed];
}

/** @param metered in any order of time; those of one carrier may come in several pieces */
export function quantityOfMember(
  member: string,
  ofMeters: Metered,
  sources: {
    known: Known;
    zone: TimeZone;
    tracked: Tracked;
    electricity: ElectricityCount;
    media: boolean;
    now: number;
  },
): QuantityBook | null {
  const { known, zone, tracked, electricity, media, now } = sources;
  const carriers = [...carriersOf(tracked), ...(media ? carriersOf('media') : [])];
  const metered = withBills(member, ofMeters, carriers, known, zone);
  if (metered.every(({ months }) => months.length === 0)) return null;
  const { basis, lessGreen } = countedBy(electricity);
  const greenPower = lessGreen ? (known.greenPower.get(member) ?? []) : [];
  const settings = { electricity: basis, media, measured: known.measured, greenPower };
  const spanOf = (month: Month) => monthSpan(zone, month);
  return quantityBook({ member, tracked, metered, coefficients: known.coefficients, settings, spanOf, now });
}
