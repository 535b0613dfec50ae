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

/** Industrial added value (工业增加值) of one subject in one period, as it was published. */
export interface StatEntry {
  /** `enterprise:{park}/{id}` or `park:{id}`. */
  readonly subject: string;
  /** One of `PERIOD_FORMS`. */
  readonly period: string;
  readonly figure: Level | Growth;
  readonly status: 'preliminary' | 'final';
}

/** The kinds of figure that may stand beside each other for one subject and period. */
export const FIGURE_KINDS = ['comparable', 'growth', 'current'] as const;
export type FigureKind = (typeof FIGURE_KINDS)[number];

export const figureKind = ({ figure }: StatEntry): FigureKind => (figure.kind === 'growth' ? 'growth' : figure.price);

/** A later entry with the same key is a revision of the earlier one. */
export const entryKey = (subject: string, period: string, kind: FigureKind): string => `${subject} ${period} ${kind}`;

/** The key under which the ledger keeps an entry. */
export const keyOf = (entry: StatEntry): string => entryKey(entry.subject, entry.period, figureKind(entry));
