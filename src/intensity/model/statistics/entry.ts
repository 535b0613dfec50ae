/** `comparable`: at the prices of `baseYear`. `current`: at the prices of its own time. */
interface Level {
  readonly kind: 'level';
  readonly price: 'current' | 'comparable';
  /** Only with comparable prices. */
  readonly baseYear?: number;
  /** 10⁴ CNY. */
  readonly amount: number;
}

/** Official real growth on the same period of the year before, on one set of enterprises; it may come without a level. */
interface Growth {
  readonly kind: 'growth';
  /** A fraction: 0.052 for +5.2 %. */
  readonly rate: number;
}

/** What is published beside added value for the policy's scorecard, with its unit; money at the prices of its time. */
export const MEASURES = {
  output: '10⁴ CNY',
  tax: '10⁴ CNY',
  leading_added_value: '10⁴ CNY',
  land_area: 'mu',
} as const;
export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [Measure, ...Measure[]];

/** Output (总产值), tax (税收), added value of the leading industry (主导产业), or industrial land (用地面积). */
interface Measured {
  readonly kind: Measure;
  /** In the unit of `MEASURES`. */
  readonly amount: number;
}

/** Industrial added value (工业增加值), or a measure beside it, of one subject in one period, as it was published. */
export interface StatEntry {
  /** `enterprise:{park}/{id}` or `park:{id}`. */
  readonly subject: string;
  /** One of `PERIOD_FORMS`. */
  readonly period: string;
  readonly figure: Level | Growth | Measured;
  readonly status: 'preliminary' | 'final';
}

/** The kinds of figure that may stand beside each other for one subject and period. */
export const FIGURE_KINDS = ['comparable', 'growth', 'current', ...MEASURE_NAMES] as const;
export type FigureKind = (typeof FIGURE_KINDS)[number];

/** The kind of an entry's figure. */
export const figureKind = ({ figure }: StatEntry): FigureKind => (figure.kind === 'level' ? figure.price : figure.kind);

/** Whether a figure is of added value: a measure beside it tells nothing of intensity. */
export const isAddedValue = ({ figure }: StatEntry): boolean => figure.kind === 'level' || figure.kind === 'growth';

/** A later entry with the same key is a revision of the earlier one. */
export const entryKey = (subject: string, period: string, kind: FigureKind): string => `${subject} ${period} ${kind}`;

/** Whose figure an entry's key is of. */
export const subjectOfKey = (key: string): string => key.slice(0, key.indexOf(' '));

/** The key under which the ledger keeps an entry. */
export const statEntryKey = (entry: StatEntry): string => entryKey(entry.subject, entry.period, figureKind(entry));
