import type { Mark } from '../../mark.js';
import type { DischargeLimit, LimitColumn } from './limit.js';
import { limitId } from './limit.js';
import {
  DB33_887,
  DB33_2260_DIRECT,
  DISCHARGE_LIMITS,
  GB8978_CLASSES,
  GB8978_FIRST_CLASS,
  GB21900_TABLE2,
  GB21900_TABLE3,
  GB31962,
} from './standards.js';

/** From a day on these columns count; of several that limit a pollutant the first is in force, so that it displaces the others. */
export interface RegimeStep {
  /** `YYYY-MM-DD`, local. */
  readonly from: string;
  readonly columns: readonly LimitColumn[];
  readonly mark: Mark;
  readonly reason: string;
}

/** The limits of a kind of discharger through time; steps rise. */
export interface Regime {
  readonly id: string;
  readonly labelZh: string;
  readonly labelEn: string;
  readonly steps: readonly RegimeStep[];
}

/** What a site put in place of an uncertain cell, from a day on. */
export interface LimitOverride {
  /** Column and pollutant of the cell. */
  readonly column: string;
  readonly pollutant: string;
  readonly min: string | null;
  readonly max: string;
  /** `YYYY-MM-DD`. */
  readonly from: string;
  readonly mark: Mark;
  /** The paper that says so. */
  readonly source: string;
}

/** A limit with the days on which it is in force for a regime, `from <= day < to`; null: no limit. */
export interface LimitStep {
  readonly from: string;
  readonly to: string | null;
  readonly limit: DischargeLimit | null;
}

/** General limits end where an industry has its own (GB 8978-1996, 1.2.2: no cross application). */
const sewer = (from: string, ...more: readonly LimitColumn[]): RegimeStep => ({
  from,
  columns: [GB8978_CLASSES[3], GB8978_FIRST_CLASS, ...more],
  mark: 'S',
  reason: 'into the sewer of a town with a treatment plant: GB 8978 class 3; what it leaves open, by later standards',
});
const direct = (grade: 1 | 2): RegimeStep => ({
  from: '1998-01-01',
  columns: [GB8978_CLASSES[grade], GB8978_FIRST_CLASS],
  mark: 'V',
  reason: `GB 8978 class ${grade}, no standard of the industry`,
});
const OWN_STANDARD = 'the standard of the industry replaces GB 8978';
const table2 = (from: string, mark: Mark): RegimeStep => ({
  ...{ from, columns: [GB21900_TABLE2], mark, reason: OWN_STANDARD },
});
const zhejiang = (from: string, reason: string): RegimeStep => ({
  ...{ from, columns: [DB33_2260_DIRECT], mark: 'S', reason: `DB33/ 2260 replaces GB 21900: ${reason}` },
});

/** Regimes that the service ships; an outlet's profile names one. The alarm rules' limits are those of `sewer` and `electroplating`. */
export const REGIMES: readonly Regime[] = [
  {
    ...{ id: 'sewer', labelZh: '纳管排放', labelEn: 'into the sewer' },
    steps: [
      sewer('1998-01-01'),
      sewer('2013-04-19', DB33_887),
      // What GB 8978 and DB33/ 887 leave open: total nitrogen, iron, temperature.
      sewer('2016-08-01', DB33_887, GB31962.B),
    ],
  },
  { id: 'direct-class-1', labelZh: '直接排放，一级', labelEn: 'direct, class 1', steps: [direct(1)] },
  { id: 'direct-class-2', labelZh: '直接排放，二级', labelEn: 'direct, class 2', steps: [direct(2)] },
  {
    ...{ id: 'electroplating', labelZh: '电镀，现有企业', labelEn: 'electroplating, existing unit' },
    steps: [table2('2010-07-01', 'V'), zhejiang('2021-07-01', 'existing units outside the Taihu basin')],
  },
  {
    ...{ id: 'electroplating-new', labelZh: '电镀，新建企业', labelEn: 'electroplating, unit built from 2020-07 on' },
    steps: [table2('2008-08-01', 'M'), zhejiang('2020-07-01', 'new units')],
  },
  {
    ...{
      id: 'electroplating-listed',
      labelZh: '电镀，园区外延期企业',
      labelEn: 'electroplating, listed, outside clusters',
    },
    steps: [table2('2010-07-01', 'V'), zhejiang('2022-01-01', 'listed units outside clusters')],
  },
  {
    ...{ id: 'electroplating-special', labelZh: '电镀，特别限值', labelEn: 'electroplating, special limits' },
    steps: [{ from: '2008-08-01', columns: [GB21900_TABLE3], mark: 'M', reason: 'the day is set by the area' }],
  },
];

/** Cells with overrides laid over the uncertain ones; a cell that was read in the official text stays as it is. */
export function withOverrides(overrides: readonly LimitOverride[]): readonly DischargeLimit[] {
  return DISCHARGE_LIMITS.flatMap((cell) => {
    const own = overrides.filter(({ column, pollutant }) => column === cell.column.id && pollutant === cell.pollutant);
    if (cell.mark === 'V' || own.length === 0) return [cell];
    const rising = own.toSorted((a, b) => (a.from < b.from ? -1 : 1));
    const versions = [cell, ...rising.map((one) => overridden(cell, one))];
    return versions
      .map((one, at): DischargeLimit => ({ ...one, to: versions[at + 1]?.from ?? cell.to }))
      .filter(({ from, to }) => to === null || from < to);
  });
}

function overridden(cell: DischargeLimit, { min, max, from, mark, source }: LimitOverride): DischargeLimit {
  const start = from < cell.from ? cell.from : from;
  return {
    ...cell,
    id: limitId(cell.column.id, cell.pollutant, start),
    min,
    max,
    mark,
    from: start,
    override: { source },
  };
}

/**
 * The limit of a pollutant that is in force on a day, `YYYY-MM-DD` local, with the standard that displaced the others;
 * null without one.
 * @param cells `DISCHARGE_LIMITS`, or those with the overrides of a site
 */
export function limitOn(
  { steps }: Regime,
  pollutant: string,
  day: string,
  cells: readonly DischargeLimit[] = DISCHARGE_LIMITS,
): DischargeLimit | null {
  const columns = steps.findLast(({ from }) => from <= day)?.columns ?? [];
  for (const { id } of columns) {
    const found = cells.find(
      (cell) =>
        cell.column.id === id &&
        cell.pollutant === pollutant &&
        cell.from <= day &&
        (cell.to === null || day < cell.to),
    );
    if (found) return found;
  }
  return null;
}

/** The limit of a pollutant as a step in time over `from <= day < to`: one part for each limit in force. */
export function limitSteps(
  regime: Regime,
  pollutant: string,
  { from, to }: { readonly from: string; readonly to: string },
  cells: readonly DischargeLimit[] = DISCHARGE_LIMITS,
): readonly LimitStep[] {
  const own = cells.filter((cell) => cell.pollutant === pollutant);
  const changes = [...regime.steps.map((step) => step.from), ...own.flatMap((cell) => [cell.from, cell.to ?? from])];
  const days = [...new Set([from, ...changes.filter((day) => day > from && day < to)])].sort();
  const found: LimitStep[] = [];
  for (const [at, day] of days.entries()) {
    const limit = limitOn(regime, pollutant, day, own);
    const until = days[at + 1] ?? to;
    const last = found.at(-1);
    if (last !== undefined && last.limit?.id === limit?.id) found[found.length - 1] = { ...last, to: until };
    else found.push({ from: day, to: until, limit });
  }
  return found;
}
