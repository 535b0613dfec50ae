import { metric } from '../../../model/catalogue/index.js';
import { type FieldError, inPart, must } from '../../../model/field-error.js';
import { deviceOf, ID_RULE, isId, parkOf } from '../../../model/ids.js';
import { AVERAGING_BASES, MONITORING_POINTS } from '../../../model/limits/discharge/limit.js';
import { REGIMES } from '../../../model/limits/discharge/regime.js';
import { DISCHARGE_LIMITS } from '../../../model/limits/discharge/standards.js';
import { MARKS } from '../../../model/mark.js';
import { MINUTE_MS } from '../../../model/time/duration.js';
import { COMPARISON_METHODS } from '../rounding/comparison.js';
import { compareDecimals, type Decimal, parseDecimal } from '../rounding/decimal.js';
import { LOGGER_METHODS } from '../statistics/logger-method.js';
import { isProgramme } from '../statistics/programme.js';
import type { EmissionItems, MarkEntry, SampleEntry } from './entries.js';
import type { DischargePermit, Outlet, OutletProfile } from './outlet.js';

/** What entries are checked against. */
export interface KnownToEmissions {
  /** Whether there is a wastewater device of that key. */
  readonly hasDevice: (device: string) => boolean;
  readonly hasEnterprise: (park: string, enterprise: string) => boolean;
  /** Epoch ms: nothing is told before it happens. */
  readonly now: number;
}

/** Longest period that one mark may cover: a year and a day. */
const MAX_MARK_MS = 366 * 24 * 60 * MINUTE_MS;
/** Most pollutants that one profile or permit may name. */
const MAX_POLLUTANTS = 60;
const ZERO: Decimal = { unscaled: 0n, digits: 0 };

/** What is wrong with entries of one ledger, by path such as `entries.2.from`; empty when they may be recorded. */
export function checkEmissionItems(items: EmissionItems, known: KnownToEmissions): readonly FieldError[] {
  return items.entries.flatMap((_, at) => inPart(`entries.${at}`, checkEntry(items, at, known)));
}

function checkEntry(items: EmissionItems, at: number, known: KnownToEmissions): readonly FieldError[] {
  switch (items.ledger) {
    case 'outlets':
      return checkOutlet(items.entries[at]!, known);
    case 'profiles':
      return checkProfile(items.entries[at]!);
    case 'permits':
      return checkPermit(items.entries[at]!);
    case 'overrides': {
      const { column, pollutant, from, max, min, mark, source } = items.entries[at]!;
      const cell = DISCHARGE_LIMITS.find((one) => one.column.id === column && one.pollutant === pollutant);
      return [
        ...must(cell !== undefined && cell.mark !== 'V', 'column', 'a cell that is not read in the official text'),
        ...day('from', from),
        ...range({ min, max }),
        ...must(MARKS.includes(mark), 'mark', MARKS.join(', ')),
        ...must(source.trim() !== '', 'source', 'the paper that says so'),
      ];
    }
    case 'marks':
      return checkMark(items.entries[at]!, known);
    case 'samples':
      return checkSample(items.entries[at]!, known);
    case 'calibrations': {
      const { metric: key, ts } = items.entries[at]!;
      return [...pollutantKnown('metric', key), ...must(ts <= known.now, 'ts', 'not in the future')];
    }
  }
}

function checkOutlet(
  { key, park, enterprise, nameZh, nameEn, point, device }: Outlet,
  known: KnownToEmissions,
): readonly FieldError[] {
  return [
    ...must(parkOf(key) === park && isId(deviceOf(key)), 'key', `the park, a slash and an id: ${ID_RULE}`),
    ...must(nameZh.trim() !== '' && nameEn.trim() !== '', 'nameZh', 'a name in Chinese and in English'),
    ...must(enterprise === null || known.hasEnterprise(park, enterprise), 'enterprise', 'an enterprise of the park'),
    ...must(MONITORING_POINTS.includes(point), 'point', MONITORING_POINTS.join(' or ')),
    ...must(parkOf(device) === park && known.hasDevice(device), 'device', 'a wastewater device of the park'),
  ];
}

function checkProfile({ from, regime, comparison, loggerMethod, everyMinutes }: OutletProfile): readonly FieldError[] {
  const programmes = Object.entries(everyMinutes);
  return [
    ...day('from', from),
    ...must(
      REGIMES.some(({ id }) => id === regime),
      'regime',
      REGIMES.map(({ id }) => id).join(', '),
    ),
    ...must(COMPARISON_METHODS.includes(comparison), 'comparison', COMPARISON_METHODS.join(' or ')),
    ...must(LOGGER_METHODS.includes(loggerMethod), 'loggerMethod', LOGGER_METHODS.join(' or ')),
    ...must(
      programmes.length > 0 && programmes.length <= MAX_POLLUTANTS,
      'everyMinutes',
      `1 to ${MAX_POLLUTANTS} pollutants`,
    ),
    ...programmes.flatMap(([key, minutes]) => [
      ...pollutantKnown(`everyMinutes.${key}`, key),
      ...must(
        isProgramme({ everyMs: minutes * MINUTE_MS }),
        `everyMinutes.${key}`,
        'a multiple of 10 that divides a day',
      ),
    ]),
  ];
}

function checkPermit({ number, from, to, limits, bases, capsKg }: DischargePermit): readonly FieldError[] {
  const own = Object.entries(limits);
  const caps = Object.entries(capsKg);
  return [
    ...must(number.trim() !== '', 'number', 'the number of the permit'),
    ...day('from', from),
    ...(to === null ? [] : [...day('to', to), ...must(to > from, 'to', 'after `from`')]),
    ...must(
      bases.length > 0 && bases.every((one) => AVERAGING_BASES.includes(one)),
      'bases',
      AVERAGING_BASES.join(', '),
    ),
    ...must(own.length + caps.length <= 2 * MAX_POLLUTANTS, 'limits', `at most ${MAX_POLLUTANTS} pollutants`),
    ...own.flatMap(([key, limit]) => [
      ...pollutantKnown(`limits.${key}`, key),
      ...inPart(`limits.${key}`, range(limit)),
    ]),
    ...caps.flatMap(([key, kg]) => [
      ...pollutantKnown(`capsKg.${key}`, key),
      ...must(
        key.endsWith('_mg_l') && (decimalIn(kg) ?? ZERO).unscaled > 0n,
        `capsKg.${key}`,
        'kg above 0, as decimal text',
      ),
    ]),
  ];
}

function checkMark({ from, to, metric: key, verdict }: MarkEntry, { now }: KnownToEmissions): readonly FieldError[] {
  return [
    ...(key === null ? [] : pollutantKnown('metric', key)),
    ...must(to > from && to - from <= MAX_MARK_MS, 'to', 'after `from`, by a year at most'),
    ...must(from <= now, 'from', 'not in the future'),
    ...must(['valid', 'invalid', 'withdrawn'].includes(verdict), 'verdict', 'valid, invalid or withdrawn'),
  ];
}

function checkSample(
  { metric: key, ts, value, laboratory }: SampleEntry,
  { now }: KnownToEmissions,
): readonly FieldError[] {
  const known = metric('wastewater', key);
  const [min, max] = known?.range ?? [0, 0];
  return [
    ...pollutantKnown('metric', key),
    ...must(ts <= now, 'ts', 'not in the future'),
    ...must(value >= min && value <= max, 'value', `${min} to ${max} ${known?.unit ?? ''}`.trim()),
    ...must(laboratory.trim() !== '', 'laboratory', 'who analysed it'),
  ];
}

const pollutantKnown = (field: string, key: string) =>
  must(metric('wastewater', key)?.kind === 'gauge', field, 'a metric of the domain wastewater');

const DAY = /^\d{4}-\d{2}-\d{2}$/;
function day(field: string, text: string): readonly FieldError[] {
  const isDay = DAY.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
  return must(isDay, field, 'a day, YYYY-MM-DD');
}

/** Null where it is no decimal number. */
function decimalIn(text: string): Decimal | null {
  try {
    return text.length > 20 ? null : parseDecimal(text);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function range({ min, max }: { readonly min: string | null; readonly max: string }): readonly FieldError[] {
  const [low, high] = [min === null ? ZERO : decimalIn(min), decimalIn(max)];
  const holds = low !== null && high !== null && compareDecimals(low, ZERO) >= 0 && compareDecimals(high, low) > 0;
  return must(holds, 'max', 'decimal text above the lower end, which is 0 at least');
}
