import type { DeviceKey } from '../../../model/ids.js';
import type {
  AveragingBasis,
  DischargeLimit,
  LimitColumn,
  MonitoringPoint,
} from '../../../model/limits/discharge/limit.js';
import { limitId, unitOfPollutant } from '../../../model/limits/discharge/limit.js';
import { limitOn, REGIMES } from '../../../model/limits/discharge/regime.js';
import type { ComparisonMethod } from '../rounding/comparison.js';
import type { LoggerMethod } from '../statistics/logger-method.js';

/** `park/outlet`, ids as devices have them. */
export type OutletKey = `${string}/${string}`;

/** Where wastewater leaves a workshop or an enterprise. */
export interface Outlet {
  readonly key: OutletKey;
  readonly park: string;
  readonly enterprise: string | null;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly point: MonitoringPoint;
  /** The station whose metrics are those of the outlet. */
  readonly device: DeviceKey;
}

/** How an outlet is judged and counted from a day on, until the next profile. */
export interface OutletProfile {
  readonly outlet: OutletKey;
  /** `YYYY-MM-DD`, local. */
  readonly from: string;
  /** One of `REGIMES`. */
  readonly regime: string;
  readonly comparison: ComparisonMethod;
  readonly loggerMethod: LoggerMethod;
  /** Minutes between values of each pollutant's analyser. */
  readonly everyMinutes: Readonly<Record<string, number>>;
}

/** What a discharge permit sets for an outlet, `from <= day < to`. */
export interface DischargePermit {
  readonly outlet: OutletKey;
  /** Its number, as printed. */
  readonly number: string;
  readonly from: string;
  readonly to: string | null;
  /** Limits of its own, which come before those of the regime: decimal text in the catalogue's unit. */
  readonly limits: Readonly<Record<string, { readonly min: string | null; readonly max: string }>>;
  readonly bases: readonly AveragingBasis[];
  /** Mass that may be discharged in a calendar year, kg as decimal text. */
  readonly capsKg: Readonly<Record<string, string>>;
}

/** The version of a dated list that is in force on a day: the newest that has begun. */
export function versionOn<T extends { readonly from: string }>(versions: readonly T[], day: string): T | null {
  let found: T | null = null;
  for (const version of versions) {
    if (version.from <= day && (found === null || version.from > found.from)) found = version;
  }
  return found;
}

/** The permit of an outlet on a day; null where none is valid. */
export function permitOn(permits: readonly DischargePermit[], day: string): DischargePermit | null {
  return versionOn(
    permits.filter(({ to }) => to === null || day < to),
    day,
  );
}

/** What an outlet's limits rest on. */
export interface OutletLimits {
  readonly outlet: Pick<Outlet, 'point'>;
  readonly profiles: readonly OutletProfile[];
  readonly permits: readonly DischargePermit[];
  /** All cells, with the overrides of the site. */
  readonly cells: readonly DischargeLimit[];
}

/**
 * The limit of a pollutant at an outlet on a day: the permit's own, else what is in force for the profile's regime.
 * Null without one, and where the standard judges the pollutant at another point.
 */
export function limitOfOutlet(
  { outlet, profiles, permits, cells }: OutletLimits,
  pollutant: string,
  day: string,
): DischargeLimit | null {
  const permit = permitOn(permits, day);
  const own = permit?.limits[pollutant];
  if (permit && own) return permitLimit(permit, pollutant, own, outlet.point);
  const profile = versionOn(profiles, day);
  const regime = REGIMES.find(({ id }) => id === profile?.regime);
  const limit = regime === undefined ? null : limitOn(regime, pollutant, day, cells);
  return limit?.point === outlet.point ? limit : null;
}

function permitLimit(
  { number, from, to, bases }: DischargePermit,
  pollutant: string,
  { min, max }: { readonly min: string | null; readonly max: string },
  point: MonitoringPoint,
): DischargeLimit {
  const column: LimitColumn = {
    ...{ id: `permit/${number}`, standard: `排污许可证 ${number}`, table: '', from, fromMark: 'V', to },
    ...{ column: { zh: '许可排放限值', en: 'limits of the permit' }, clause: number, clauseToConfirm: number },
    bases: Object.fromEntries(bases.map((basis) => [basis, 'V'])),
  };
  const cell = { column, pollutant, point, min, max, unit: unitOfPollutant(pollutant), mark: 'V' as const };
  return { id: limitId(column.id, pollutant, from), ...cell, from, to, override: null };
}
