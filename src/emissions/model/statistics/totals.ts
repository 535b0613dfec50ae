import { type Decimal, roundDecimal } from '../rounding/decimal.js';
import { tallyFigure, type Weighting } from './figure.js';
import { mergeTallies, type Tally } from './tally.js';

/** Where an outlet is. */
export interface OutletPlace {
  readonly outlet: string;
  readonly park: string;
  readonly district: string;
}

/** A part of what an outlet discharged of one pollutant: a day, say. */
export interface OutletTally extends OutletPlace {
  readonly tally: Tally;
}

/** Volume in whole mL and masses in whole mg: totals are sums of what is printed for each outlet, to the last digit. */
export interface DischargeTotal {
  readonly volume: bigint;
  readonly measured: bigint;
  /** Null where a part has no figure: a gap is not 0. */
  readonly withSubstitutes: bigint | null;
  readonly worst: bigint | null;
  readonly outlets: number;
  readonly expected: number;
  readonly valid: number;
}

/** Totals of one pollutant, from outlets up to the city. */
export interface DischargeTotals {
  readonly outlets: ReadonlyMap<string, DischargeTotal>;
  readonly parks: ReadonlyMap<string, DischargeTotal>;
  readonly districts: ReadonlyMap<string, DischargeTotal>;
  readonly city: DischargeTotal;
}

const EMPTY: DischargeTotal = {
  ...{ volume: 0n, measured: 0n, withSubstitutes: 0n, worst: 0n, outlets: 0, expected: 0, valid: 0 },
};

/** kg have six places then. */
const MG = 6;

/**
 * Adds up a time: each outlet's parts are merged, its figures of the whole time rounded to 1 mg, and those summed. What
 * was worst is each outlet's own.
 */
export function dischargeTotals(parts: Iterable<OutletTally>, weighting: Weighting, minShare: number): DischargeTotals {
  const byOutlet = new Map<string, { place: OutletPlace; tallies: Tally[] }>();
  for (const { tally, ...place } of parts) {
    const known = byOutlet.get(place.outlet);
    if (known) known.tallies.push(tally);
    else byOutlet.set(place.outlet, { place, tallies: [tally] });
  }
  const own = [...byOutlet.values()].map(({ place, tallies }) => ({
    place,
    total: totalOf(mergeTallies(tallies), weighting, minShare),
  }));
  const by = (key: keyof OutletPlace) => {
    const sums = new Map<string, DischargeTotal>();
    for (const { place, total } of own) sums.set(place[key], added(sums.get(place[key]) ?? EMPTY, total));
    return sums;
  };
  return {
    ...{ outlets: by('outlet'), parks: by('park'), districts: by('district') },
    city: own.reduce((sum, { total }) => added(sum, total), EMPTY),
  };
}

function totalOf(tally: Tally, weighting: Weighting, minShare: number): DischargeTotal {
  const { volume, mass } = tallyFigure(tally, weighting, 0, minShare);
  const mg = (kg: Decimal | null | undefined): bigint | null => (kg == null ? null : roundDecimal(kg, MG).unscaled);
  return {
    ...{ volume: volume.unscaled, measured: mg(mass?.measured) ?? 0n },
    ...{ withSubstitutes: mg(mass?.withSubstitutes), worst: mg(mass?.worst) },
    ...{ outlets: 1, expected: tally.expected, valid: tally.valid },
  };
}

function added(a: DischargeTotal, b: DischargeTotal): DischargeTotal {
  const both = (x: bigint | null, y: bigint | null) => (x === null || y === null ? null : x + y);
  return {
    ...{ volume: a.volume + b.volume, measured: a.measured + b.measured },
    ...{ withSubstitutes: both(a.withSubstitutes, b.withSubstitutes), worst: both(a.worst, b.worst) },
    ...{ outlets: a.outlets + b.outlets, expected: a.expected + b.expected, valid: a.valid + b.valid },
  };
}
