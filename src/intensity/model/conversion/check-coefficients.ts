import { type FieldError, inPart, must } from '../../../model/field-error.js';
import { parseMonth } from '../statistics/period.js';
import type { Co2Factor } from './co2.js';
import { BASE_UNITS, BASES, type BaseUnit, type Coefficient, MARKS, validityOverlaps } from './coefficient.js';
import type { GreenPower, MeasuredHeat } from './convert.js';
import { KJ_PER_KGCE } from './gb2589.js';

/** Hydrogen, the richest fuel, has about 4.9 kgce/kg; more than this per kg, m³ or kWh is a wrong unit. */
const MAX_KGCE_PER_UNIT = 10;
/** What a whole province may buy in a month, kWh; more is a wrong unit. */
const MAX_GREEN_KWH = 1e11;
/** More kgCO2 than burning or making one kg, m³, kWh or MJ of any carrier causes: more is a wrong unit. */
const MAX_KG_CO2_PER_UNIT = 100;

interface Dated {
  readonly from: string;
  readonly to: string | null;
  readonly unit: string;
}

/** What is wrong with a whole list of coefficients, by path such as `coefficients.2.from`. */
export function checkCoefficients(list: readonly Coefficient[]): readonly FieldError[] {
  return checkList(
    'coefficients',
    list,
    ({ carrier, basis }) => `${carrier} ${basis}`,
    (one) => [
      ...must(one.carrier.trim() !== '', 'carrier', 'the name of a carrier'),
      ...must(BASES.includes(one.basis), 'basis', BASES.join(' or ')),
      ...must(isWithin(one.kgcePerUnit, MAX_KGCE_PER_UNIT), 'kgcePerUnit', `above 0, at most ${MAX_KGCE_PER_UNIT}`),
      ...must(one.labelZh.trim() !== '' && one.labelEn.trim() !== '', 'labelZh', 'a label in Chinese and in English'),
      ...sourced(one),
    ],
  );
}

/** What is wrong with heat values measured by the user, by path such as `measured.0.kjPerUnit`. */
export function checkMeasuredHeat(list: readonly MeasuredHeat[]): readonly FieldError[] {
  const most = MAX_KGCE_PER_UNIT * KJ_PER_KGCE;
  return checkList(
    'measured',
    list,
    ({ carrier, owner }) => `${carrier} ${owner}`,
    (one) => [
      ...must(isWithin(one.kjPerUnit, most), 'kjPerUnit', `above 0, at most ${most} kJ`),
      ...must(one.source.trim() !== '', 'source', 'the report of the measurement'),
    ],
  );
}

/** What is wrong with certificates of green power, by path such as `greenPower.3.kWh`. */
export function checkGreenPower(list: readonly GreenPower[]): readonly FieldError[] {
  const first = new Map<string, number>();
  return list.flatMap((one, index) => {
    const key = greenPowerKey(one);
    const twin = first.get(key);
    if (twin === undefined) first.set(key, index);
    return inPart(`greenPower.${index}`, [
      ...must(parseMonth(one.month) !== null, 'month', 'YYYY-MM'),
      ...must(twin === undefined, 'month', `once for each owner: greenPower.${twin} has it already`),
      ...must(isWithin(one.kWh, MAX_GREEN_KWH), 'kWh', `above 0, at most ${MAX_GREEN_KWH}`),
      ...must(one.source.trim() !== '', 'source', 'the certificates'),
    ]);
  });
}

/** The key under which the ledger keeps a certificate; below, those of heat values and factors. */
export const greenPowerKey = ({ owner, month }: Pick<GreenPower, 'owner' | 'month'>): string => `${owner} ${month}`;
export const measuredHeatKey = ({ carrier, owner, from }: Pick<MeasuredHeat, 'carrier' | 'owner' | 'from'>): string =>
  `${carrier} ${owner} ${from}`;
export const co2FactorKey = ({ carrier, region, from }: Pick<Co2Factor, 'carrier' | 'region' | 'from'>): string =>
  `${carrier} ${region} ${from}`;

/** What is wrong with factors of CO2, by path such as `factors.1.kgPerUnit`. */
export function checkCo2Factors(list: readonly Co2Factor[]): readonly FieldError[] {
  return checkList(
    'factors',
    list,
    ({ carrier, region }) => `${carrier} ${region}`,
    (one) => [
      ...must(isWithin(one.kgPerUnit, MAX_KG_CO2_PER_UNIT), 'kgPerUnit', `above 0, at most ${MAX_KG_CO2_PER_UNIT}`),
      ...must(one.region.trim() !== '', 'region', 'the region it holds for'),
      ...sourced(one),
    ],
  );
}

const isWithin = (value: number, most: number) => Number.isFinite(value) && value > 0 && value <= most;

const sourced = ({ source, mark }: Pick<Coefficient, 'source' | 'mark'>) => [
  ...must(source.trim() !== '', 'source', 'the standard and table, or the paper'),
  ...must(MARKS.includes(mark), 'mark', MARKS.join(', ')),
];

/** Checks each, and that no two of the same thing count for one month. */
function checkList<T extends Dated>(
  name: string,
  list: readonly T[],
  thing: (one: T) => string,
  check: (one: T) => readonly FieldError[],
): readonly FieldError[] {
  return list.flatMap((one, index) => {
    const rival = list.findIndex(
      (other, place) => place < index && thing(other) === thing(one) && validityOverlaps(other, one),
    );
    return inPart(`${name}.${index}`, [
      ...check(one),
      ...must(BASE_UNITS.includes(one.unit as BaseUnit), 'unit', BASE_UNITS.join(', ')),
      ...must(parseMonth(one.from) !== null, 'from', 'YYYY-MM'),
      ...must(one.to === null || (parseMonth(one.to) !== null && one.to > one.from), 'to', 'YYYY-MM after from'),
      ...must(rival < 0, 'from', `no month that ${name}.${rival} counts for already`),
    ]);
  });
}
