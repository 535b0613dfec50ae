import type { Language } from '../../model/language.js';
import type { ColumnName } from './port.js';
import { plainHeader } from './sheet.js';

interface Column {
  readonly name: ColumnName;
  readonly zh: string;
  readonly en: string;
  /** A file without it is refused. */
  readonly needed: boolean;
}

/** The columns of a file of statistics in the order of the template; units stand in the headers. */
export const STATISTICS_COLUMNS: readonly Column[] = [
  { name: 'park', zh: '园区编号', en: 'Park id', needed: true },
  { name: 'enterprise', zh: '企业编号', en: 'Enterprise id', needed: true },
  { name: 'name', zh: '名称', en: 'Name', needed: false },
  { name: 'period', zh: '时期', en: 'Period', needed: true },
  { name: 'current', zh: '增加值（现价，万元）', en: 'Added value, current prices (10⁴ CNY)', needed: false },
  { name: 'comparable', zh: '增加值（可比价，万元）', en: 'Added value, comparable prices (10⁴ CNY)', needed: false },
  { name: 'baseYear', zh: '可比价基年', en: 'Price base year', needed: false },
  { name: 'growth', zh: '实际增速（%）', en: 'Real growth (%)', needed: false },
  { name: 'status', zh: '状态', en: 'Status', needed: true },
  { name: 'output', zh: '工业总产值（万元）', en: 'Output (10⁴ CNY)', needed: false },
  { name: 'tax', zh: '税收（万元）', en: 'Tax (10⁴ CNY)', needed: false },
  {
    ...{ name: 'leading_added_value', zh: '主导产业增加值（现价，万元）', needed: false },
    en: 'Added value of the leading industry, current prices (10⁴ CNY)',
  },
  { name: 'land_area', zh: '用地面积（亩）', en: 'Land area (mu)', needed: false },
];

/** What stands in the status column, by what it means. */
export const STATUS_TEXTS = {
  preliminary: { zh: '初步', en: 'preliminary' },
  final: { zh: '最终', en: 'final' },
} as const;

/** Names of the template's sheets; the first is the one that is filled in, the others are not read. */
export const SHEET_NAMES: Readonly<Record<Language, readonly [data: string, places: string, help: string]>> = {
  zh: ['工业增加值', '园区与企业', '填表说明'],
  en: ['Added value', 'Parks and enterprises', 'Instructions'],
};

/** The column that a header means, in either language. */
export function columnNamed(header: string): ColumnName | undefined {
  const wanted = plainHeader(header);
  return STATISTICS_COLUMNS.find(({ zh, en }) => plainHeader(zh) === wanted || plainHeader(en) === wanted)?.name;
}

/** `A`, `Z`, `AA`… of a column counted from 0. */
export function letterOf(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest > 0 ? letterOf(rest - 1) : ''}${String.fromCharCode(65 + (column % 26))}`;
}
