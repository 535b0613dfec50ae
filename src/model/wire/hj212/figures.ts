import { metricsOf } from '../../catalogue/index.js';
import { DATA_FLAGS, type DataFlag, type Quality } from '../../reading.js';
import { DAY_MS } from '../../time/duration.js';
import { MAX_AHEAD_MS } from '../../time/trust.js';
import type { TimeZone } from '../../time/zone.js';
import type { ItemRejection } from '../readings.js';
import { areaValue, type DataArea } from './area.js';
import { type ChannelSetting, currentCode, type Factor, factorOf } from './factors.js';
import { instantOf } from './time.js';

/** What a value stands for: an instant, or the interval that begins at its time. */
export type TimeBase = 'instant' | 'minute' | 'hour' | 'day';
/** Which value of a factor: as measured, least, mean and greatest of the interval, or its volume or mass. */
export type Part = 'rtd' | 'min' | 'avg' | 'max' | 'cou';

/** One value of a record, in the catalogue's unit; a `cou` in m³ or kg. */
export interface PacketFigure {
  readonly metric: string;
  readonly basis: TimeBase;
  readonly part: Part;
  /** Epoch milliseconds: DataTime, for an interval its start. */
  readonly ts: number;
  /** When the sample was taken, where the logger says so: an analyser of two hours has one, repeated every minute. */
  readonly sampledAt: number | null;
  readonly value: number;
  readonly flag: DataFlag;
  /** `good` only for flag N: the zeros that loggers send with a fault are never measured ones. */
  readonly quality: Quality;
}

/** The figures of a record, and why the rest of it was refused. */
interface DecodedFigures {
  readonly figures: readonly PacketFigure[];
  readonly rejections: readonly ItemRejection[];
}

/** What the logger's profile says that decides on the meaning of its values. */
export interface LoggerReading {
  readonly strict: boolean;
  readonly zone: TimeZone;
  /** By 2017 code. */
  readonly channels: ReadonlyMap<string, ChannelSetting>;
}

const BASES: Readonly<Record<string, TimeBase>> = {
  '2011': 'instant',
  '2051': 'minute',
  '2061': 'hour',
  '2031': 'day',
};
const PARTS: ReadonlyMap<string, Part> = new Map(
  ['Rtd', 'Min', 'Avg', 'Max', 'Cou'].map((suffix) => [suffix, suffix.toLowerCase() as Part]),
);
const FLAG = 'Flag';
const SAMPLE_TIME = 'SampleTime';
const SUFFIXES: readonly string[] = [...PARTS.keys(), FLAG, SAMPLE_TIME];
const BY_LOWER_CASE = new Map(SUFFIXES.map((suffix) => [suffix.toLowerCase(), suffix]));

/**
 * HJ/T 212-2005 has P, failure of the power supply; to us the instrument is at fault. Its digits are those of air.
 * Everything else is refused.
 */
const OTHER_FLAGS: Readonly<Record<string, DataFlag>> = { P: 'D' };

/** Digits of a value; exponents are in no edition. */
const NUMBER = /^[+-]?\d{1,20}(?:\.\d{0,20})?$/;
const BARE_FRACTION = /^[+-]?\.\d{1,20}$/;

/** Whether records of this command have figures. */
export const hasFigures = (cn: string): boolean => cn in BASES;

/**
 * The figures of a record of 2011, 2051, 2061 or 2031. Its time must be right; a value that is refused spoils none beside
 * it. Nothing is corrected: Min above Avg stays so.
 */
export function figuresOf(cn: string, area: DataArea, profile: LoggerReading): DecodedFigures {
  const basis = BASES[cn];
  if (basis === undefined) return { figures: [], rejections: [] };
  const given = areaValue(area, 'DataTime', profile.strict);
  const ts = given === null ? null : instantOf(given, profile.zone, !profile.strict);
  if (ts === null) return refuseAll('invalid_ts', 'DataTime is missing or no time');
  const figures: PacketFigure[] = [];
  const problems: (readonly [ItemRejection['code'], string])[] = [];
  for (const [code, values] of factorsOf(area, profile.strict)) {
    const channel = profile.channels.get(code);
    if (channel?.ignored) continue;
    const factor = factorOf(code, channel);
    if (factor === null) problems.push(['unknown_metric', `${code} has no metric in this unit`]);
    else if (values.has(TWICE)) problems.push(['invalid_item', `${code} has two values of one kind`]);
    else addFigures({ basis, ts, factor, values }, profile, figures, problems);
  }
  const [first] = problems;
  if (first === undefined) return { figures, rejections: [] };
  const reason = problems.map((one) => one[1]).join('; ');
  return { figures, rejections: [{ index: null, code: first[0], reason: reason.slice(0, 300) }] };
}

const TWICE = 'twice';
/** Codes of tables B.1 to B.6 have at most six characters; those of vendors a few more. */
const MAX_CODE = 16;

/** By 2017 code, the values of each factor by suffix; one factor may be spread over items. */
function factorsOf(area: DataArea, strict: boolean): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const factors = new Map<string, Map<string, string>>();
  for (const item of area) {
    for (const [name, value] of item) {
      const at = name.lastIndexOf('-');
      const given = name.slice(at + 1);
      const suffix = strict ? SUFFIXES.find((one) => one === given) : BY_LOWER_CASE.get(given.toLowerCase());
      if (at <= 0 || suffix === undefined) continue;
      const code = currentCode(name.slice(0, Math.min(at, MAX_CODE)), strict);
      const values = factors.get(code) ?? new Map<string, string>();
      factors.set(code, values);
      values.set(values.has(suffix) ? TWICE : suffix, value);
    }
  }
  return factors;
}

interface FactorValues {
  readonly basis: TimeBase;
  readonly ts: number;
  readonly factor: Factor;
  readonly values: ReadonlyMap<string, string>;
}

function addFigures(
  { basis, ts, factor, values }: FactorValues,
  { strict, zone }: LoggerReading,
  figures: PacketFigure[],
  problems: (readonly [ItemRejection['code'], string])[],
): void {
  const given = values.get(FLAG);
  const flag = given === undefined || given === '' ? 'N' : letterOf(given, strict);
  if (flag === null) {
    problems.push(['invalid_flag', `the flag of ${factor.code} must be one of ${DATA_FLAGS.join(' ')}`]);
    return;
  }
  const sampled = values.get(SAMPLE_TIME);
  const sampledAt = sampled ? sampleTime(sampled, ts, zone, strict) : null;
  for (const [suffix, part] of PARTS) {
    const text = values.get(suffix);
    if (text === undefined || (text === '' && flag !== 'N')) continue;
    const isNumber = NUMBER.test(text) || (!strict && BARE_FRACTION.test(text));
    const perUnit = part === 'cou' ? factor.total?.perUnit : factor.perUnit;
    if (!isNumber || perUnit === undefined) {
      problems.push(['invalid_value', `${factor.code}-${suffix} is no number of it`]);
      continue;
    }
    const value = divided(text, perUnit);
    const quality = verdict(value, flag, factor, part);
    figures.push({ metric: factor.metric, basis, part, ts, sampledAt, value, flag, quality });
  }
}

/** Powers of ten move the decimal point, so that 0.26 µg/L is 0.00026 mg/L to the last digit, as a limit is. */
function divided(text: string, perUnit: number): number {
  const exponent = Math.round(Math.log10(perUnit));
  return 10 ** exponent === perUnit ? Number(`${text}e${-exponent}`) : Number(text) / perUnit;
}

/** Only a time that the logger can have known at DataTime, at most a day before it. */
function sampleTime(text: string, time: number, zone: TimeZone, strict: boolean): number | null {
  const at = instantOf(text, zone, !strict);
  return at !== null && at > time - DAY_MS && at <= time + MAX_AHEAD_MS ? at : null;
}

function letterOf(given: string, strict: boolean): DataFlag | null {
  const letter = strict ? given : given.toUpperCase();
  return DATA_FLAGS.find((one) => one === letter) ?? (Object.hasOwn(OTHER_FLAGS, letter) ? OTHER_FLAGS[letter]! : null);
}

function verdict(value: number, flag: DataFlag, { metric }: Factor, part: Part): Quality {
  if (flag !== 'N') return 'flagged';
  if (part === 'cou') return value >= 0 ? 'good' : 'out_of_range';
  const range = metricsOf('wastewater').get(metric)?.range;
  return range !== undefined && value >= range[0] && value <= range[1] ? 'good' : 'out_of_range';
}

function refuseAll(code: ItemRejection['code'], reason: string): DecodedFigures {
  return { figures: [], rejections: [{ index: null, code, reason }] };
}
