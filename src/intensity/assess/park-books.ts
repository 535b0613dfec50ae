import type { Park } from '../../model/parks.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Book } from '../model/assess/book.js';
import {
  carriersOf,
  type QuantityBook,
  type QuantityFacts,
  quantityBook,
  type Tracked,
} from '../model/assess/quantity-book.js';
import { parkOfMember } from '../model/assess/scope.js';
import type { MeterScope } from '../model/boundary/scope.js';
import type { Basis } from '../model/conversion/coefficient.js';
import type { Month } from '../model/statistics/period.js';
import type { Consumption } from '../port.js';
import type { Known } from './known.js';
import { monthSpan } from './local-months.js';

/** What a member used since the base year; null where it has no meter. */
export type QuantityOf = (member: string) => Promise<QuantityBook | null>;

/** Everything of one park: its sets, and what each member of any of them used since the base year. */
export async function parkBook(park: Park, known: Known, thisYear: number, quantityOf: QuantityOf): Promise<Book> {
  const scope = `park:${park.id}`;
  const setScopes = [scope, `district:${park.district}`, 'city'];
  const setOf = (year: number) => setOfPark(known, park.id, setScopes, year);
  const { baseYear } = known.policy;
  const years = Array.from({ length: Math.max(0, thisYear - baseYear + 1) }, (_, i) => baseYear + i);
  const members = new Set(years.flatMap((year) => setOf(year) ?? []));
  return { scope, setOf, setScopes, quantities: await quantitiesOf(members, quantityOf) };
}

/** One enterprise as its own set of one, whether or not the statistics count it. */
export async function enterpriseBook(member: string, known: Known, quantityOf: QuantityOf): Promise<Book> {
  const set = [member];
  const setOf = () => (known.subjects.has(member) ? set : null);
  return { scope: member, setOf, setScopes: [], quantities: await quantitiesOf(set, quantityOf) };
}

/**
 * The park's own set, else what the set of its district or of the city names of it. Where none is recorded, or no enterprise
 * of it has any statistics, and there are statistics of the park as a whole, the park is one member: its meters are then
 * the same firms as its statistics.
 */
export function setOfPark({ set, subjects }: Known, park: string, scopes: readonly string[], year: number) {
  const whole = `park:${park}`;
  for (const scope of scopes) {
    const members = set(scope, year)?.members.filter((member) => parkOfMember(member) === park) ?? [];
    if (members.length === 0) continue;
    const isKnown = !subjects.has(whole) || members.some((member) => subjects.has(member));
    return isKnown ? members : [whole];
  }
  return subjects.has(whole) ? [whole] : null;
}

async function quantitiesOf(members: Iterable<string>, of: QuantityOf): Promise<ReadonlyMap<string, QuantityBook>> {
  const books = new Map<string, QuantityBook>();
  for (const member of members) {
    const book = await of(member);
    if (book !== null) books.set(member, book);
  }
  return books;
}

/** What the meters of a member say, carrier by carrier. */
export type Metered = QuantityFacts['metered'];

/** @throws HistorianUnavailableError */
export async function meteredOf(
  consumption: Consumption,
  member: string,
  tracked: Tracked,
  first: Month,
  last: Month,
): Promise<Metered> {
  const metered = [];
  for (const carrier of carriersOf(tracked)) {
    metered.push({ carrier, months: await consumption.months(meterScopeOf(member), carrier, first, last) });
  }
  return metered;
}

/** @param metered in any order of time; those of one carrier may come in several pieces */
export function quantityOfMember(
  member: string,
  metered: Metered,
  sources: { known: Known; zone: TimeZone; tracked: Tracked; electricity: Basis; now: number },
): QuantityBook | null {
  if (metered.every(({ months }) => months.length === 0)) return null;
  const { known, zone, tracked, electricity, now } = sources;
  const settings = { electricity, measured: known.measured };
  const spanOf = (month: Month) => monthSpan(zone, month);
  return quantityBook({ member, tracked, metered, coefficients: known.coefficients, settings, spanOf, now });
}

function meterScopeOf(member: string): MeterScope {
  const park = parkOfMember(member);
  if (member.startsWith('park:')) return { kind: 'park', park };
  return { kind: 'owner', park, owner: { kind: 'enterprise', id: member.slice(member.indexOf('/') + 1) } };
}
