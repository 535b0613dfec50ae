import { metric } from '../../catalogue/index.js';
import type { Mark } from '../../mark.js';
import { OTHER_POLLUTANTS } from './pollutants.js';

/** What a value is averaged over before it is compared: a single value, an hour, a day. */
export const AVERAGING_BASES = ['instant', 'hour', 'day'] as const;
export type AveragingBasis = (typeof AVERAGING_BASES)[number];

/** Where a limit is judged: at the outlet of the workshop or its treatment, or at the main outlet of the enterprise. */
export const MONITORING_POINTS = ['workshop', 'main'] as const;
export type MonitoringPoint = (typeof MONITORING_POINTS)[number];

/** A column of a table of a discharge standard. */
export interface LimitColumn {
  /** Such as `gb21900-2008/2`; the first part names the standard. */
  readonly id: string;
  /** As printed, such as `GB 21900-2008`. */
  readonly standard: string;
  readonly table: string;
  readonly column: { readonly zh: string; readonly en: string };
  /** Clause that alarm rules name as their source; the second for cells that a site has to confirm. */
  readonly clause: string;
  readonly clauseToConfirm: string;
  /** `YYYY-MM-DD`, first day that it can be in force for anybody, and how certain that day is. */
  readonly from: string;
  readonly fromMark: Mark;
  /** The first day that it is no longer; null: until it is replaced. */
  readonly to: string | null;
  /** Averaging bases by which the standard judges, each with its certainty. */
  readonly bases: Readonly<Partial<Record<AveragingBasis, Mark>>>;
}

/** One cell: the limit of a pollutant in a column. Numbers are decimal text as printed, since rounding follows it. */
export interface DischargeLimit {
  /** Names the cell and its version: column, pollutant, first day; a verdict keeps it. */
  readonly id: string;
  readonly column: LimitColumn;
  /** A metric of the catalogue, or a key of `OTHER_POLLUTANTS`. */
  readonly pollutant: string;
  readonly point: MonitoringPoint;
  /** The lower end of a range (pH); null elsewhere. */
  readonly min: string | null;
  readonly max: string;
  readonly unit: string;
  readonly mark: Mark;
  /** `YYYY-MM-DD`, `from <= day < to`. */
  readonly from: string;
  readonly to: string | null;
  /** What a site put in place of an uncertain cell: the paper, and since when; null for the cell as shipped. */
  readonly override: { readonly source: string } | null;
}

/** Highest value, or `[lowest, highest]`. */
type Cell = string | readonly [min: string, max: string];

/** Unit of a pollutant: the catalogue's, or that of `OTHER_POLLUTANTS`; '' for pH. */
export const unitOfPollutant = (pollutant: string): string =>
  metric('wastewater', pollutant)?.unit ?? OTHER_POLLUTANTS.find(({ key }) => key === pollutant)?.unit ?? '';

export const limitId = (column: string, pollutant: string, from: string): string => `${column}/${pollutant}@${from}`;

/** The cells of a column that are judged at one point, all of one certainty. */
export function limitsOfColumn(
  column: LimitColumn,
  point: MonitoringPoint,
  mark: Mark,
  cells: Readonly<Record<string, Cell>>,
): readonly DischargeLimit[] {
  return Object.entries(cells).map(([pollutant, cell]) => {
    const [min, max] = typeof cell === 'string' ? [null, cell] : cell;
    const { from, to } = column;
    const id = limitId(column.id, pollutant, from);
    return { id, column, pollutant, point, min, max, unit: unitOfPollutant(pollutant), mark, from, to, override: null };
  });
}
