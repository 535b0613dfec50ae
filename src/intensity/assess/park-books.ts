import type { Park } from '../../model/parks.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Book } from '../model/assess/book.js';
import {
  carriersOf,
  type MeteredMonth,
  type QuantityBook,
  type QuantityFacts,
  quantityBook,
  type Tracked,
} from '../model/assess/quantity-book.js';
import { parkOfMember } from '../model/assess/scope.js';
import type { MeterScope } from '../model/boundary/scope.js';
import type { Basis } from '../model/conversion/coefficient.js';
import type { Month } from '../model/statistics/period.js';
import type { Consumption, MonthConsumption } from '../port.js';
import type { Known } from './known.js';
import { monthSpan } from './local-months.js';

/** The scopes of which a set may say who counts in a park, its own first. */
export const setScopesOf = ({ id, district }: Park): readonly string[] => [
  `park:${id}`,
  `district:${district}`,
  'city',
];

/** All that count in a park in any year since the base year. */
export function membersOfPark(park: Park, known: Known, thisYear: number): ReadonlySet<string> {
  const { baseYear } = known.policy;
  const years = Array.from({ length: Math.max(0, thisYear - baseYear + 1) }, (_, i) => baseYear + i);
  return new Set(years.flatMap((year) => setOfPark(known, park.id, setScopesOf(park), year) ?? []));
}

/** Everything of one park: its sets, and what each member of any of them used since the base year. */
export function parkBook(park: Park, known: Known, quantities: Book['quantities']): Book {
  const setScopes = setScopesOf(park);
  const setOf = (year: number) => setOfPark(known, park.id, setScopes, year);
  return { scope: `park:${park.id}`, setOf, setScopes, quantities };
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

/** What the meters of a member say, carrier by carrier. */
export type Metered = QuantityFacts['metered'];

/** @throws HistorianUnavailableError */
export async function meteredOf(
  consumption: Consumption,
  member: string,
  tracked: Tracked,
  { first, last, asAt }: { readonly first: Month; readonly last: Month; readonly asAt: number },
): Promise<Metered> {
  const metered = [];
  for (const carrier of carriersOf(tracked)) {
    const months = await consumption.months(meterScopeOf(member), carrier, first, last, asAt);
    metered.push({ carrier, months: months.map(withoutMeters) });
  }
  return metered;
}

/** Which meter counted when is asked of `consumption`; here most of a member's meters count for the whole month. */
function withoutMeters({ month, quantity, unit, parts }: MonthConsumption): MeteredMonth {
  let last: Period | undefined;
  const periods = parts.map(({ from, to }) => {
    if (last?.from !== from || last.to !== to) last = { from, to };
    return last;
  });
  return { month, quantity, unit, parts: periods };
}

/** @returns null where the member has no meter */
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
