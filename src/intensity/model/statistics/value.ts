import type { StatEntry } from './entry.js';
import type { Believed } from './ledger.js';
import { periodText, type StatPeriod } from './period.js';

/** Why a period has no value at the prices of the base year. */
export type GapReason =
  /** Nothing was published for it. */
  | 'not_published'
  /** Only a level at current prices: without the official growth it says nothing of real change. */
  | 'only_current_prices'
  /** A comparable level at the prices of another base year. */
  | 'other_price_base'
  /** A growth rate whose period of the year before has no value. */
  | 'growth_without_base'
  /** The month is in a figure of January and February together. */
  | 'only_with_january_february';

/** The reasons in words. */
export const GAP_LABELS: Readonly<Record<GapReason, { readonly zh: string; readonly en: string }>> = {
  not_published: { zh: '尚未发布', en: 'nothing was published' },
  only_current_prices: { zh: '只有现价，缺可比价增速', en: 'only at current prices, without the official growth' },
  other_price_base: { zh: '可比价基年不同', en: 'comparable prices of another base year' },
  growth_without_base: { zh: '有增速，缺上年同期值', en: 'a growth rate without the value of the year before' },
  only_with_january_february: { zh: '只有 1–2 月合计', en: 'only January and February together' },
};

interface Gap {
  readonly period: string;
  readonly reason: GapReason;
}

/** A published figure that a value rests on. */
export interface EntryRef {
  readonly key: string;
  readonly period: string;
  readonly version: number;
  /** Epoch ms. */
  readonly recordedAt: number;
  readonly by: string;
  readonly source: string;
}

/** One published period within a sum. */
interface AddedValuePart {
  readonly subject: string;
  readonly period: string;
  /** 10⁴ CNY at prices of the base year. */
  readonly amount: number;
  /** `growth`: the year before × (1 + official real growth). `base_year`: current prices of the base year itself. */
  readonly basis: 'comparable' | 'base_year' | 'growth';
  /** Whether its own figure, or one that its chain of growth begins at, is preliminary. */
  readonly preliminary: boolean;
  /** Its own figure first, then those of the years before it that growth was applied to. */
  readonly restsOn: readonly EntryRef[];
}

/** Industrial added value over some months at prices of the base year, with all that it rests on. */
export interface AddedValue {
  /** 10⁴ CNY; null when a month of it is missing. */
  readonly amount: number | null;
  /** 10⁴ CNY of what there is. */
  readonly known: number;
  readonly parts: readonly AddedValuePart[];
  readonly gaps: readonly Gap[];
  /**
   * Whether a growth rate within these months, or in the chain below them, lies unused because the year before has no
   * value: statistics of any earlier year may then change this value.
   */
  readonly openChain: boolean;
}

/** The same months of two years, made of the same published periods wherever both years allow it. */
export interface AddedValuePair {
  readonly current: AddedValue;
  readonly previous: AddedValue;
}

/** Several values as one; it has a gap where one of them has. */
export function sum(values: readonly AddedValue[]): AddedValue {
  const known = values.reduce((total, value) => total + value.known, 0);
  const gaps = values.flatMap((value) => value.gaps);
  return {
    amount: gaps.length > 0 ? null : known,
    known,
    parts: values.flatMap(({ parts }) => parts),
    gaps,
    openChain: values.some(({ openChain }) => openChain),
  };
}

/** The value of a period whose level, 10⁴ CNY, was published. */
export function single(entry: Believed<StatEntry>, amount: number, basis: 'comparable' | 'base_year'): AddedValue {
  return whole(partOf(entry, amount, basis, entry.value.status === 'preliminary', []));
}

/** The value of a period by official growth: `amount` is that of the year before, `base`, times 1 + rate. */
export function grown(entry: Believed<StatEntry>, amount: number, base: AddedValue): AddedValue {
  const preliminary = entry.value.status === 'preliminary' || base.parts.some((part) => part.preliminary);
  const before = base.parts.flatMap(({ restsOn }) => restsOn);
  return { ...whole(partOf(entry, amount, 'growth', preliminary, before)), openChain: base.openChain };
}

const whole = (part: AddedValuePart): AddedValue => ({
  ...{ amount: part.amount, known: part.amount, parts: [part], gaps: [], openChain: false },
});

function partOf(
  { key, value, version, recordedAt, by, source }: Believed<StatEntry>,
  amount: number,
  basis: AddedValuePart['basis'],
  preliminary: boolean,
  before: readonly EntryRef[],
): AddedValuePart {
  const restsOn = [{ key, period: value.period, version, recordedAt, by, source }, ...before];
  return { subject: value.subject, period: value.period, amount, basis, preliminary, restsOn };
}

/** The value of a period of which nothing usable was published: a gap, with its reason. */
export const missingValue = (period: StatPeriod, reason: GapReason): AddedValue => ({
  ...{ amount: null, known: 0, parts: [], gaps: [{ period: periodText(period), reason }], openChain: false },
});
