import {
  type Drivers,
  type Effects,
  intensityDrivers,
  type NoDrivers,
  quantityDrivers,
  type Sector,
} from '../drivers/drivers.js';
import { setChange } from '../statistics/counted-set.js';
import type { YearComparison } from '../tracking/comparison.js';
import type { IntensityFigure } from '../tracking/figure.js';
import type { Portion } from '../tracking/portion.js';

import { parkOfMember } from './scope.js';

/** What drove a change between the same months of two years, each on its own set. */
export interface ChangeCauses {
  /** First and last month of this year, `YYYY-MM`; they are compared with the same months of last year. */
  readonly first: string;
  readonly last: string;
  readonly quantity: Drivers | NoDrivers | { readonly reason: 'quantity_negative' };
  readonly intensity: Drivers | NoDrivers | { readonly reason: 'quantity_negative' };
  /** Ids of members of this year's set alone. */
  readonly entered: readonly string[];
  /** Ids of members of last year's set alone. */
  readonly left: readonly string[];
  /** Members of both sets that lack something in one of the years, and so are in neither sum. */
  readonly leftOut: readonly string[];
}

/**
 * Drivers by LMDI-I. A member in both sets is a sector when both years have it whole; one that entered or left is one in
 * the year that counts it.
 * @param figure this year's months, with members that last year has nothing of
 * @param before last year's months on last year's set
 * @param byPark sums the members' effects by park
 */
export function causesOf(
  now: YearComparison,
  figure: IntensityFigure,
  before: IntensityFigure,
  byPark: boolean,
): ChangeCauses {
  const sides = { after: now.current, before: now.previous };
  return {
    ...{ first: now.current.first, last: now.current.last },
    ...causesBetween(sides, { entered: figure, left: before }, byPark),
  };
}

interface Sides {
  readonly after: IntensityFigure;
  readonly before: IntensityFigure;
}

/**
 * Drivers between two figures, and the members that only one of the years counts.
 * @param figures in `entered` stand the members that the later year alone counts, in `left` those of the earlier one
 */
function causesBetween(
  { after, before }: Sides,
  figures: { readonly entered: IntensityFigure; readonly left: IntensityFigure },
  byPark: boolean,
): Omit<ChangeCauses, 'first' | 'last'> {
  const { entered, left } = setChange(after.set, figures.left.set);
  const [came, gone] = [new Set(entered), new Set(left)];
  const current = new Map(after.parts.map((part) => [part.member.id, part]));
  const previous = new Map(before.parts.map((part) => [part.member.id, part]));
  const sectors: Sector[] = [];
  const leftOut: string[] = [];
  for (const id of after.set) {
    if (came.has(id)) continue;
    const [one, other] = [current.get(id), previous.get(id)];
    if (one === undefined || other === undefined) leftOut.push(id);
    else sectors.push(sector(id, [other.quantity, one.quantity], [other.addedValue, one.addedValue]));
  }
  return {
    ...{ entered, left, leftOut },
    ...drivers(byPark, [
      ...sectors,
      ...figures.entered.parts.filter(({ member }) => came.has(member.id)).map((part) => alone(part, 1)),
      ...figures.left.parts.filter(({ member }) => gone.has(member.id)).map((part) => alone(part, 0)),
    ]),
  };
}

/** The same between two whole years, each on its own set. */
export interface CausesSinceBase extends Omit<ChangeCauses, 'first' | 'last'> {
  readonly from: number;
  readonly to: number;
}

/**
 * Drivers from the base year to a later one. Whoever is in both sets is a sector where both years have it whole.
 * @param byPark sums the members' effects by park
 */
export function causesSinceBase(base: IntensityFigure, last: IntensityFigure, byPark: boolean): CausesSinceBase {
  const yearOf = ({ first }: IntensityFigure) => Number(first.slice(0, 4));
  return {
    ...{ from: yearOf(base), to: yearOf(last) },
    ...causesBetween({ after: last, before: base }, { entered: last, left: base }, byPark),
  };
}

const sector = (id: string, quantity: readonly [number, number], addedValue: readonly [number, number]): Sector => ({
  id,
  quantity,
  addedValue,
});

/** A member that one of the years alone counts. */
function alone({ member, quantity, addedValue }: Portion, year: 0 | 1): Sector {
  const of = (value: number): readonly [number, number] => (year === 0 ? [value, 0] : [0, value]);
  return sector(member.id, of(quantity), of(addedValue));
}

function drivers(byPark: boolean, sectors: readonly Sector[]): Pick<ChangeCauses, 'quantity' | 'intensity'> {
  if (sectors.some(({ quantity }) => quantity.some((value) => value < 0))) {
    const none = { reason: 'quantity_negative' as const };
    return { quantity: none, intensity: none };
  }
  const told = byPark ? summedByPark : <T>(one: T) => one;
  return { quantity: told(quantityDrivers(sectors)), intensity: told(intensityDrivers(sectors)) };
}

/** Sums the members' effects by park: effects of LMDI add up over sectors. */
function summedByPark(drivers: Drivers | NoDrivers): Drivers | NoDrivers {
  if ('reason' in drivers) return drivers;
  const parks = new Map<string, Drivers['bySector'][number]>();
  for (const one of drivers.bySector) {
    const id = `park:${parkOfMember(one.id)}`;
    const before = parks.get(id);
    parks.set(id, before === undefined ? { ...one, id } : { id, ...plus(before, one) });
  }
  return { ...drivers, bySector: [...parks.values()] };
}

const plus = (a: Effects, b: Effects): Effects => ({
  activity: a.activity + b.activity,
  structure: a.structure + b.structure,
  efficiency: a.efficiency + b.efficiency,
  entered: a.entered + b.entered,
  left: a.left + b.left,
});
