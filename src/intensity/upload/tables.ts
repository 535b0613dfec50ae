import type { Language } from '../../model/language.js';
import { BILL_UNITS, BILLED_CARRIERS } from '../model/bills/bill.js';
import { letterOf } from './columns.js';
import { writeCsv } from './csv.js';
import { UPLOAD_BOUNDS } from './limits.js';
import type { FileKind, TableContent, TableName, TableRow, TemplateRow, WrongCell } from './port.js';
import {
  type CellContent,
  EMPTY,
  hasContent,
  mergedCells,
  PLAIN_NUMBER,
  plainHeader,
  type Sheet,
  shownCell,
} from './sheet.js';
import { writeWorkbook } from './xlsx.js';

/** What a column takes: an id or word, a day, a year or a number. */
type Of = 'text' | 'day' | 'year' | 'number';

interface TableColumn {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly of: Of;
  /** Whether a cell of it may be empty. */
  readonly mayBeEmpty?: boolean;
}

const WHO: readonly TableColumn[] = [
  { name: 'park', zh: '园区编号', en: 'Park id', of: 'text' },
  { name: 'enterprise', zh: '企业编号', en: 'Enterprise id', of: 'text', mayBeEmpty: true },
];

/** The tables that files may hold beside that of added value; units of amounts stand in a column of their own. */
const TABLES: Readonly<
  Record<TableName, { readonly sheet: Record<Language, string>; columns: readonly TableColumn[] }>
> = {
  bills: {
    sheet: { zh: '能源账单', en: 'Bills' },
    columns: [
      ...WHO,
      { name: 'carrier', zh: '能源品种', en: 'Carrier', of: 'text' },
      { name: 'account', zh: '户号', en: 'Account', of: 'text', mayBeEmpty: true },
      { name: 'from', zh: '起始日', en: 'First day', of: 'day' },
      { name: 'through', zh: '截止日', en: 'Last day', of: 'day' },
      { name: 'amount', zh: '用量', en: 'Amount', of: 'number' },
      { name: 'unit', zh: '单位', en: 'Unit', of: 'text' },
    ],
  },
  counted_sets: {
    sheet: { zh: '规上企业', en: 'Counted enterprises' },
    columns: [
      ...WHO.slice(0, 1),
      { ...WHO[1]!, mayBeEmpty: false },
      { name: 'year', zh: '年份', en: 'Year', of: 'year' },
    ],
  },
};

const EXPECTED: Readonly<Record<Of, string>> = {
  text: 'a text',
  day: 'a day, YYYY-MM-DD',
  year: 'a year, such as 2025',
  number: 'a number, such as 1234.56',
};

/** The rows of a file, and each cell that the reader does not accept. A row with one is left out. */
export function readTable(table: TableName, sheets: readonly Sheet[]): TableContent {
  const { columns } = TABLES[table];
  const told = columns.filter((column) => !WHO.some(({ name }) => name === column.name));
  const rows: TableRow[] = [];
  const wrong: WrongCell[] = [];
  let wrongCount = 0;
  const refuse = (cell: WrongCell) => {
    wrongCount += 1;
    if (wrong.length < UPLOAD_BOUNDS.mistakes) wrong.push(cell);
  };
  for (const sheet of sheets) {
    const start = sheet.rows.findIndex(hasContent);
    if (start < 0) continue;
    for (const cell of mergedCells(sheet)) refuse(cell);
    const places = placesOf(sheet, start, columns);
    const missing = columns.filter(({ name }) => !places.has(name));
    if (missing.length > 0) {
      const expected = missing.map(({ zh, en }) => `“${zh}” or “${en}”`).join('; ');
      refuse({ sheet: sheet.name, cell: null, found: null, wrong: 'columns are missing in the first row', expected });
      continue;
    }
    const letters = Object.fromEntries([...places].map(([name, at]) => [name, letterOf(at)]));
    for (let index = start + 1; index < sheet.rows.length; index += 1) {
      const cells = sheet.rows[index] ?? [];
      // The template has a row for each enterprise; rows that nobody filled in are skipped.
      if (told.every(({ name }) => (cells[places.get(name)!] ?? EMPTY).kind === 'empty')) continue;
      const values: Record<string, string | number | null> = {};
      let failed = false;
      for (const column of columns) {
        const cell = cells[places.get(column.name)!] ?? EMPTY;
        const value = valueIn(cell, column, sheet.numbersAreText);
        if (value === undefined) {
          failed = true;
          const place = `${letters[column.name]}${index + 1}`;
          refuse({ sheet: sheet.name, cell: place, found: shownCell(cell), ...whyNot(cell, column) });
        } else values[column.name] = value;
      }
      if (!failed) rows.push({ sheet: sheet.name, row: index + 1, letters, values });
    }
  }
  return { rows, wrong, wrongCount };
}

function placesOf(sheet: Sheet, row: number, columns: readonly TableColumn[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [at, cell] of (sheet.rows[row] ?? []).entries()) {
    if (cell.kind !== 'text') continue;
    const found = columns.find(({ zh, en }) =>
      [zh, en].some((header) => plainHeader(header) === plainHeader(cell.text)),
    );
    if (found !== undefined && !places.has(found.name)) places.set(found.name, at);
  }
  return places;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Undefined where the reader does not accept the cell; null where it is empty and may be. */
function valueIn(cell: CellContent, { of, mayBeEmpty }: TableColumn, numbersAreText: boolean) {
  if (cell.kind === 'empty') return mayBeEmpty ? null : undefined;
  // A spreadsheet makes a date of a day that is typed; it names the same day.
  if (cell.kind === 'wrong') return of === 'day' && DAY.test(cell.found) ? cell.found : undefined;
  if (of === 'number' || of === 'year') {
    const isNumber = cell.kind === 'number' || ((numbersAreText || of === 'year') && PLAIN_NUMBER.test(cell.text));
    const value = isNumber ? Number(cell.kind === 'number' ? cell.number : cell.text) : Number.NaN;
    if (!Number.isFinite(value)) return undefined;
    return of === 'number' || Number.isSafeInteger(value) ? value : undefined;
  }
  if (cell.kind === 'number')
    return of === 'text' && Number.isSafeInteger(cell.number) ? String(cell.number) : undefined;
  return of === 'text' || DAY.test(cell.text) ? cell.text : undefined;
}

function whyNot(cell: CellContent, { of }: TableColumn): { readonly wrong: string; readonly expected: string } {
  const expected = EXPECTED[of];
  if (cell.kind === 'empty') return { wrong: 'nothing stands here', expected };
  if (cell.kind === 'wrong') return { wrong: cell.wrong, expected: cell.expected ?? expected };
  return { wrong: of === 'number' && cell.kind === 'text' ? 'text, not a number' : `not ${expected}`, expected };
}

/** A file to fill in: a row for each of `rows`, and what the columns take in a sheet of its own. */
export async function makeTableTemplate(
  table: TableName,
  kind: FileKind,
  language: Language,
  rows: readonly TemplateRow[],
): Promise<Uint8Array> {
  const { columns, sheet } = TABLES[table];
  const wanted = columns.some(({ name, mayBeEmpty }) => name === 'enterprise' && !mayBeEmpty)
    ? rows.filter(({ enterprise }) => enterprise !== null)
    : rows;
  const filled = [
    columns.map((column) => column[language]),
    ...wanted.map(({ park, enterprise }) =>
      columns.map(({ name }) => (name === 'park' ? park : name === 'enterprise' ? enterprise : null)),
    ),
  ];
  if (kind === 'csv') return writeCsv(filled);
  const textColumns = columns.flatMap(({ of }, at) => (of === 'number' || of === 'year' ? [] : [at]));
  const units = BILLED_CARRIERS.map((one) => `${one}: ${Object.keys(BILL_UNITS[one]).join(', ')}`);
  const range = (name: string, values: readonly string[]) => {
    const letter = letterOf(columns.findIndex((column) => column.name === name));
    const told = { allowBlank: true, showErrorMessage: true, type: 'list' } as const;
    return { ...told, values: [...values], range: `${letter}2:${letter}${filled.length + 200}` };
  };
  return writeWorkbook([
    {
      ...{ name: sheet[language], rows: filled, widths: columns.map(() => 18), textColumns },
      formattedRows: Math.min(UPLOAD_BOUNDS.rows, filled.length + 200),
      validations: table === 'bills' ? [range('carrier', BILLED_CARRIERS)] : [],
    },
    ...(table === 'bills'
      ? [
          {
            ...{ name: language === 'zh' ? '单位' : 'Units', rows: units.map((unit) => [unit]), widths: [48] },
            ...{ textColumns: [], formattedRows: 0, validations: [] },
          },
        ]
      : []),
  ]);
}

/** Sheets of the template that explain. */
export const isHelp = (name: string | null): boolean => name === '单位' || name === 'Units';
