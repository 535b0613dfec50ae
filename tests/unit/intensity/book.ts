import { AddedValues } from '../../../src/intensity/model/statistics/added-value.js';
import { type StatEntry, statEntryKey } from '../../../src/intensity/model/statistics/entry.js';
import { type AsOf, believed, type Ledger, record } from '../../../src/intensity/model/statistics/ledger.js';
import { parsePeriod, type StatPeriod } from '../../../src/intensity/model/statistics/period.js';

export const ORIGIN = { by: 'statistics', source: 'file.xlsx' };

/** @throws Error when the text is no period */
export function period(text: string): StatPeriod {
  const parsed = parsePeriod(text);
  if (parsed === null) throw new Error(`no period: ${text}`);
  return parsed;
}

/** A level at prices of 2020. */
export const level = (subject: string, text: string, amount: number, status: StatEntry['status'] = 'final') =>
  entry(subject, text, { kind: 'level', price: 'comparable', baseYear: 2020, amount }, status);
export const current = (subject: string, text: string, amount: number) =>
  entry(subject, text, { kind: 'level', price: 'current', amount }, 'final');
export const growth = (subject: string, text: string, rate: number, status: StatEntry['status'] = 'final') =>
  entry(subject, text, { kind: 'growth', rate }, status);

function entry(subject: string, text: string, figure: StatEntry['figure'], status: StatEntry['status']): StatEntry {
  return { subject, period: text, figure, status };
}

export const recorded = (ledger: Ledger<StatEntry>, entries: readonly StatEntry[], now: number): Ledger<StatEntry> =>
  record(
    ledger,
    entries.map((one) => [statEntryKey(one), one] as const),
    ORIGIN,
    now,
  );

/** Values at prices of 2020 from one upload. */
export const valuesOf = (entries: readonly StatEntry[]): AddedValues => valuesAt(recorded([], entries, 1), 'latest');
export const valuesAt = (ledger: Ledger<StatEntry>, asOf: AsOf): AddedValues =>
  new AddedValues(believed(ledger, asOf), 2020);
