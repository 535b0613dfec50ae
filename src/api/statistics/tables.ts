import type { CsvTable } from '../../http/csv.js';
import type { Exported } from '../exports.js';

/** The entries as a workbook with the columns of the CSV file, and what was asked for. */
export function statisticsTables<T>(
  { columns, row }: CsvTable<T>,
  items: readonly T[],
  asked: { readonly scope: string; readonly year: string | number; readonly version: number },
): Exported {
  return {
    ...{ name: 'statistics', csv: 'entries' },
    about: [
      [{ zh: '范围', en: 'Scope' }, asked.scope],
      [{ zh: '年', en: 'Year' }, asked.year],
      [{ zh: '统计版本', en: 'Statistics, version' }, asked.version],
    ],
    tables: [
      {
        ...{ id: 'entries', title: { zh: '增加值', en: 'Added value' } },
        columns: columns.map((name) => ({ zh: name, en: name })),
        rows: items.map((item) => row(item)),
      },
    ],
  };
}
