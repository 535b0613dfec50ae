import { MEASURE_NAMES, MEASURES, type Measure } from '../model/statistics/entry.js';
import { PERIOD_FORMS, parsePeriod } from '../model/statistics/period.js';
import { columnNamed, letterOf, SHEET_NAMES, STATISTICS_COLUMNS, STATUS_TEXTS } from './columns.js';
import { UPLOAD_BOUNDS } from './limits.js';
import type { ColumnName, FileContent, FileEntry, WrongCell } from './port.js';
import { type CellContent, EMPTY, hasContent, mergedCells, PLAIN_NUMBER, type Sheet, shownCell } from './sheet.js';

/** Sheets of the template that explain and list, and hold no figures. */
const NOT_READ: ReadonlySet<string> = new Set(Object.values(SHEET_NAMES).flatMap(([, ...others]) => others));
const FIGURES = ['current', 'comparable', 'growth', ...MEASURE_NAMES] as const;

/** The figures in the tables of one file, and each cell that the reader does not accept. */
export function readRows(sheets: readonly Sheet[]): FileContent {
  const reader = new RowReader();
  const read = sheets.filter(({ name, rows }) => rows.some(hasContent) && !(name !== null && NOT_READ.has(name)));
  for (const sheet of read) reader.sheet(sheet);
  if (read.length === 0) {
    const wrong = 'there is no table in the file';
    reader.refuse({ sheet: null, cell: null, found: null, wrong, expected: 'a table as in the template' });
  }
  return reader.content();
}

class RowReader {
  private readonly entries: FileEntry[] = [];
  private readonly wrong: WrongCell[] = [];
  private wrongCount = 0;
  private rowsWithoutFigures = 0;

  content(): FileContent {
    const { entries, wrong, wrongCount, rowsWithoutFigures } = this;
    return { entries, wrong, wrongCount, rowsWithoutFigures };
  }

  refuse(cell: WrongCell): void {
    this.wrongCount += 1;
    if (this.wrong.length < UPLOAD_BOUNDS.mistakes) this.wrong.push(cell);
  }

  sheet(sheet: Sheet): void {
    for (const cell of mergedCells(sheet)) this.refuse(cell);
    const headerRow = sheet.rows.findIndex(hasContent);
    const columns = this.header(sheet, headerRow);
    if (columns === null) return;
    for (let index = headerRow + 1; index < sheet.rows.length; index += 1) {
      const cells = sheet.rows[index] ?? [];
      if (hasContent(cells)) new Row(this, sheet, columns, index).read(this.entries, () => this.rowsWithoutFigures++);
    }
  }

  /** Places of the columns; null when the header cannot be taken, which is then told. */
  private header(sheet: Sheet, row: number): ReadonlyMap<ColumnName, number> | null {
    const columns = new Map<ColumnName, number>();
    const before = this.wrongCount;
    for (const [index, cell] of (sheet.rows[row] ?? []).entries()) {
      const refuse = (wrong: string, expected: string) =>
        this.refuse({
          sheet: sheet.name,
          cell: `${letterOf(index)}${row + 1}`,
          found: shownCell(cell),
          wrong,
          expected,
        });
      if (cell.kind === 'empty') {
        const filled = sheet.rows.some((cells, at) => at > row && (cells[index] ?? EMPTY).kind !== 'empty');
        if (filled) refuse('a column with values has no header', headersOf());
        continue;
      }
      const name = cell.kind === 'text' ? columnNamed(cell.text) : undefined;
      if (name === undefined) refuse('not a header of this table', headersOf());
      else if (columns.has(name)) refuse('a second column of this header', 'each column once');
      else columns.set(name, index);
    }
    const missing = STATISTICS_COLUMNS.filter(({ name, needed }) => needed && !columns.has(name));
    if (missing.length > 0) {
      const wrong = 'columns are missing in the first row of the table';
      const expected = missing.map(({ zh, en }) => `“${zh}” or “${en}”`).join('; ');
      this.refuse({ sheet: sheet.name, cell: null, found: null, wrong, expected });
    }
    if (!FIGURES.some((name) => columns.has(name))) {
      const figures = STATISTICS_COLUMNS.filter(({ name }) => (FIGURES as readonly string[]).includes(name));
      const expected = figures.map(({ zh, en }) => `“${zh}” or “${en}”`).join('; or ');
      this.refuse({ sheet: sheet.name, cell: null, found: null, wrong: 'there is no column of figures', expected });
    }
    return this.wrongCount > before ? null : columns;
  }
}

const headersOf = () => `one of ${STATISTICS_COLUMNS.map(({ zh, en }) => `“${zh}” or “${en}”`).join('; ')}`;

/** One row below the header. */
class Row {
  private failed = false;

  constructor(
    private readonly reader: Pick<RowReader, 'refuse'>,
    private readonly sheet: Sheet,
    private readonly columns: ReadonlyMap<ColumnName, number>,
    private readonly index: number,
  ) {}

  /** Adds the figures of this row to `entries`; those of a row with a wrong cell are left out, all of them. */
  read(entries: FileEntry[], withoutFigures: () => void): void {
    if (FIGURES.every((name) => this.cell(name).kind === 'empty')) {
      // The template has a row for each enterprise; rows that nobody filled in are skipped.
      if (this.cell('period').kind !== 'empty') withoutFigures();
      if (this.cell('baseYear').kind === 'empty') return;
      this.refuse(
        'baseYear',
        'a base year without a level at comparable prices',
        'a level beside it, or an empty cell',
      );
      return;
    }
    const park = this.id('park', 'the id of a park');
    const enterprise =
      this.cell('enterprise').kind === 'empty' ? null : this.id('enterprise', 'the id of an enterprise');
    const name = this.cell('name').kind === 'empty' ? null : this.id('name', 'the name of the enterprise or park');
    const period = this.period();
    const status = this.status();
    const measured = MEASURE_NAMES.map((one) => this.measure(one));
    const figures = [this.level('current'), this.comparable(), this.growth(), ...measured].filter(
      (one) => one !== null,
    );
    if (this.failed || park === null || period === null || status === null) return;
    const letters = Object.fromEntries([...this.columns].map(([column, at]) => [column, letterOf(at)]));
    const place = { sheet: this.sheet.name, row: this.index + 1, letters };
    for (const figure of figures) entries.push({ park, enterprise, name, period, status, figure, ...place });
  }

  private cell(column: ColumnName): CellContent {
    const at = this.columns.get(column);
    return at === undefined ? EMPTY : (this.sheet.rows[this.index]?.[at] ?? EMPTY);
  }

  private refuse(column: ColumnName, wrong: string, expected: string): null {
    this.failed = true;
    const at = this.columns.get(column);
    const cell = at === undefined ? null : `${letterOf(at)}${this.index + 1}`;
    this.reader.refuse({ sheet: this.sheet.name, cell, found: shownCell(this.cell(column)), wrong, expected });
    return null;
  }

  /** The text of a cell; whole numbers count as text, since spreadsheets make numbers of ids. */
  private id(column: ColumnName, expected: string): string | null {
    const cell = this.cell(column);
    if (cell.kind === 'text') return cell.text;
    if (cell.kind === 'number' && Number.isSafeInteger(cell.number)) return String(cell.number);
    return this.refuse(column, ...whyNot(cell, expected));
  }

  private period(): string | null {
    const cell = this.cell('period');
    const text =
      cell.kind === 'text' ? cell.text.normalize('NFKC') : cell.kind === 'number' ? String(cell.number) : null;
    if (text !== null && parsePeriod(text) !== null) return text;
    return this.refuse('period', ...whyNot(cell, `${PERIOD_FORMS}, as text`, 'not a period'));
  }

  private status(): FileEntry['status'] | null {
    const cell = this.cell('status');
    const text = cell.kind === 'text' ? cell.text.toLowerCase() : null;
    for (const [status, { zh, en }] of Object.entries(STATUS_TEXTS)) {
      if (text === zh || text === en) return status as FileEntry['status'];
    }
    const { preliminary, final } = STATUS_TEXTS;
    const expected = `${preliminary.zh} or ${final.zh}; ${preliminary.en} or ${final.en}`;
    return this.refuse('status', ...whyNot(cell, expected, 'not a status'));
  }

  private level(column: 'current' | 'comparable', baseYear?: number): FileEntry['figure'] | null {
    if (this.cell(column).kind === 'empty') return null;
    const amount = this.number(column, 'a number in 10⁴ CNY, such as 1234.56');
    if (amount === null) return null;
    return { kind: 'level', price: column, amount, ...(baseYear !== undefined && { baseYear }) };
  }

  private measure(kind: Measure): FileEntry['figure'] | null {
    if (this.cell(kind).kind === 'empty') return null;
    const amount = this.number(kind, `a number in ${MEASURES[kind]}, such as 1234.56`);
    return amount === null ? null : { kind, amount };
  }

  private comparable(): FileEntry['figure'] | null {
    if (this.cell('comparable').kind === 'empty') {
      if (this.cell('baseYear').kind === 'empty') return null;
      const wrong = 'a base year without a level at comparable prices';
      return this.refuse('baseYear', wrong, 'a level beside it, or an empty cell');
    }
    const expected = 'the year whose prices the level is at, such as 2020';
    const baseYear = this.number('baseYear', expected);
    if (baseYear === null) return null;
    if (parsePeriod(String(baseYear))?.kind !== 'year') return this.refuse('baseYear', 'not a year', expected);
    return this.level('comparable', baseYear);
  }

  private growth(): FileEntry['figure'] | null {
    if (this.cell('growth').kind === 'empty') return null;
    const percent = this.number('growth', 'a number in %: 5.2 for 5.2 %');
    return percent === null ? null : { kind: 'growth', rate: hundredth(percent) };
  }

  private number(column: ColumnName, expected: string): number | null {
    const cell = this.cell(column);
    if (cell.kind === 'number') return cell.number;
    if (cell.kind !== 'text') return this.refuse(column, ...whyNot(cell, expected));
    if (!this.sheet.numbersAreText)
      return this.refuse(column, 'text, not a number', `${expected}, not formatted as text`);
    const number = PLAIN_NUMBER.test(cell.text) ? Number(cell.text) : Number.NaN;
    if (Number.isFinite(number)) return number;
    return this.refuse(column, 'not a number', `${expected}, without separators or units`);
  }
}

function whyNot(
  cell: CellContent,
  expected: string,
  otherwise = 'a number, not text',
): [wrong: string, expected: string] {
  if (cell.kind === 'empty') return ['nothing stands here', expected];
  return cell.kind === 'wrong' ? [cell.wrong, cell.expected ?? expected] : [otherwise, expected];
}

/** A percentage as a fraction, exact where decimals are: 5.2 gives 0.052, which 5.2 / 100 does not. */
function hundredth(percent: number): number {
  const text = String(percent);
  return text.includes('e') ? percent / 100 : Number(`${text}e-2`);
}
