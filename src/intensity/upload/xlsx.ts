import { type Cell, type DataValidation, type Sheet as Read, rangeRef, readXlsx, writeXlsx } from 'hucre/xlsx';
import { UPLOAD_BOUNDS } from './limits.js';
import { UnreadableFileError } from './port.js';
import { type CellContent, EMPTY, type Sheet, textCell } from './sheet.js';
import { checkBounds } from './zip-bounds.js';

/** The sheets of an XLSX file. @throws UnreadableFileError */
export async function readWorkbook(bytes: Uint8Array): Promise<Sheet[]> {
  checkBounds(bytes);
  let sheets: readonly Read[];
  try {
    ({ sheets } = await readXlsx(bytes, { readStyles: true }));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UnreadableFileError('unreadable_file', `the file cannot be read: ${detail.slice(0, 200)}`);
  }
  const rows = sheets.reduce((sum, sheet) => sum + sheet.rows.length, 0);
  const columns = sheets.reduce((most, sheet) => Math.max(most, ...sheet.rows.map((row) => row.length)), 0);
  if (rows > UPLOAD_BOUNDS.rows || columns > UPLOAD_BOUNDS.columns) {
    const detail = `the file is too large: ${rows} rows and ${columns} columns, ${UPLOAD_BOUNDS.rows} and ${UPLOAD_BOUNDS.columns} at most`;
    throw new UnreadableFileError('file_beyond_bounds', detail);
  }
  return sheets.map(({ name, rows: values, cells, merges = [] }) => ({
    name,
    rows: values.map((row, at) => row.map((value, column) => contentOf(value, cells?.get(`${at},${column}`)))),
    merges: merges.map(({ startRow, startCol, endRow, endCol }) => rangeRef(startRow, startCol, endRow, endCol)),
    numbersAreText: false,
  }));
}

function contentOf(value: Cell['value'], cell: Cell | undefined): CellContent {
  const wrong = (found: string, why: string, expected?: string): CellContent => ({
    ...{ kind: 'wrong', found, wrong: why, ...(expected !== undefined && { expected }) },
  });
  if (cell?.formula !== undefined && (value === null || value === '')) {
    const expected = 'the value itself: save the file in a spreadsheet program, or paste values instead of formulas';
    return wrong(`=${cell.formula}`, 'a formula whose result is not in the file', expected);
  }
  if (value === null) return EMPTY;
  if (cell?.type === 'error') return wrong(String(value), 'an error of a formula');
  if (value instanceof Date) {
    const day = Number.isNaN(value.getTime()) ? 'a date' : value.toISOString().slice(0, 10);
    return wrong(day, 'a date: the cell is formatted as one, so that what was typed is lost');
  }
  if (typeof value === 'boolean') return wrong(String(value).toUpperCase(), 'TRUE or FALSE');
  if (typeof value === 'string') {
    return value.length > UPLOAD_BOUNDS.text
      ? wrong(value, `more than ${UPLOAD_BOUNDS.text} characters`)
      : textCell(value);
  }
  if (isPercent(cell?.style?.numFmt)) {
    const why = `formatted as a percentage: ${value} is stored, and ${Number((value * 100).toPrecision(12))} % is shown`;
    return wrong(String(value), why, 'a number with a plain format; in a column of % 5.2 for 5.2 %');
  }
  return { kind: 'number', number: value };
}

/** Whether the number is shown a hundredfold; a quoted or escaped sign is only text. */
function isPercent(format = ''): boolean {
  let end = '';
  for (let at = 0; at < format.length; at += 1) {
    const char = format[at]!;
    if (end !== '') end = char === end ? '' : end;
    else if (char === '%') return true;
    else if (char === '"') end = '"';
    else if (char === '[') end = ']';
    else if (char === '\\') at += 1;
  }
  return false;
}

/** A sheet to write. */
export interface SheetToWrite {
  readonly name: string;
  /** Texts are written as texts, whatever they begin with. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** Characters. */
  readonly widths: readonly number[];
  /** Columns, from 0, whose cells are texts even where a spreadsheet would make a date or number of them. */
  readonly textColumns: readonly number[];
  /** Rows, the header among them, whose cells of `textColumns` are so formatted, filled or not. */
  readonly formattedRows: number;
  readonly validations: readonly DataValidation[];
}

/** Sheets whose first row is their header. */
export function writeWorkbook(sheets: readonly SheetToWrite[]): Promise<Uint8Array> {
  return writeXlsx({
    sheets: sheets.map(({ name, rows, widths, validations, ...format }) => ({
      name,
      rows: rows.map((row) => [...row]),
      columns: widths.map((width) => ({ width })),
      cells: stylesOf(widths.length, format),
      freezePane: { rows: 1 },
      dataValidations: [...validations],
    })),
  });
}

function stylesOf(columns: number, format: Pick<SheetToWrite, 'textColumns' | 'formattedRows'>) {
  const styles = new Map<string, Partial<Cell>>();
  for (let column = 0; column < columns; column += 1) styles.set(`0,${column}`, { style: { font: { bold: true } } });
  for (let row = 1; row < format.formattedRows; row += 1) {
    for (const column of format.textColumns) styles.set(`${row},${column}`, { style: { numFmt: '@' } });
  }
  return styles;
}
