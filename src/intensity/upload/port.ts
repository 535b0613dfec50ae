import type { Language } from '../../model/language.js';
import { MEASURE_NAMES, type StatEntry } from '../model/statistics/entry.js';

export const FILE_KINDS = ['csv', 'xlsx'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

export const COLUMN_NAMES = [
  ...(['park', 'enterprise', 'name', 'period', 'current', 'comparable', 'baseYear', 'growth', 'status'] as const),
  ...MEASURE_NAMES,
] as const;
export type ColumnName = (typeof COLUMN_NAMES)[number];

/** Where something stands in a file. A CSV file has no sheet; a mistake of a whole sheet has no cell. */
export interface CellAddress {
  readonly sheet: string | null;
  /** As spreadsheets name it, such as `C5`. */
  readonly cell: string | null;
}

/** A cell that the reader does not accept. */
export interface WrongCell extends CellAddress {
  /** What stands there, clipped; null where nothing does. */
  readonly found: string | null;
  readonly wrong: string;
  readonly expected: string;
}

/** One figure of a file, with what its row says of its subject, which the file alone cannot tell to be right. */
export interface FileEntry {
  readonly park: string;
  /** Null: the row is of the park as a whole. */
  readonly enterprise: string | null;
  readonly name: string | null;
  readonly period: string;
  readonly figure: StatEntry['figure'];
  readonly status: StatEntry['status'];
  readonly sheet: string | null;
  /** As spreadsheets count, from 1. */
  readonly row: number;
  /** Letters of the columns. */
  readonly letters: Readonly<Partial<Record<ColumnName, string>>>;
}

/** What a file says. */
export interface FileContent {
  /** In the order of the file; without those of rows that have a wrong cell. */
  readonly entries: readonly FileEntry[];
  /** The first of them. */
  readonly wrong: readonly WrongCell[];
  readonly wrongCount: number;
  /** Rows with a period and no figure, which the reader skips. */
  readonly rowsWithoutFigures: number;
}

/** Tables that files may hold beside that of added value. */
export const TABLE_NAMES = ['bills', 'counted_sets'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** One row of a table, by the names of its columns; null where an empty cell may be. */
export interface TableRow {
  readonly sheet: string | null;
  /** As spreadsheets count, from 1. */
  readonly row: number;
  readonly letters: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string | number | null>>;
}

/** What a file of a table says; rows that have a wrong cell are left out. */
export interface TableContent {
  readonly rows: readonly TableRow[];
  /** The first of them. */
  readonly wrong: readonly WrongCell[];
  readonly wrongCount: number;
}

/** A park or enterprise of the template. */
export interface TemplateRow {
  readonly park: string;
  readonly enterprise: string | null;
  readonly name: string;
}

/** A sheet of a workbook to make; its first row is its header. Texts stay texts, whatever they begin with. */
export interface TableSheet {
  /** Cut to what a sheet's name may be. */
  readonly name: string;
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** Columns, from 0, whose cells are formatted as text. */
  readonly textColumns: readonly number[];
}

/** Files of statistics, read and made in threads of their own. */
export interface StatisticsFiles {
  /** The most bytes that a file may have. */
  readonly maxBytes: number;
  /**
   * `by`: who asks; each has a share of the files at once. The service itself when left out.
   * The thread takes the bytes over: the caller must not use them afterwards.
   * @throws UnreadableFileError, TooManyFilesError
   */
  read(kind: FileKind, bytes: Uint8Array, by?: string): Promise<FileContent>;
  /** The same of another table. @throws UnreadableFileError, TooManyFilesError */
  readTable(table: TableName, kind: FileKind, bytes: Uint8Array, by?: string): Promise<TableContent>;
  /** A file of another table to fill in. @throws TooManyFilesError */
  tableTemplate(
    table: TableName,
    kind: FileKind,
    language: Language,
    rows: readonly TemplateRow[],
    by?: string,
  ): Promise<Uint8Array>;
  /** A file to fill in, with a row for each of `rows`. @throws TooManyFilesError */
  template(kind: FileKind, language: Language, rows: readonly TemplateRow[], by?: string): Promise<Uint8Array>;
  /** A workbook of tables. @throws TooManyFilesError */
  workbook(sheets: readonly TableSheet[], by?: string): Promise<Uint8Array>;
  /** Ends what is being read. */
  close(): Promise<void>;
}

/** Why a file as a whole is not read. */
export type UnreadableCode =
  /** It is not what it claims to be, or damaged. */
  | 'unreadable_file'
  /** It holds more than it may, or takes too long. */
  | 'file_beyond_bounds'
  | 'file_with_macros'
  /** A CSV file whose characters are neither UTF-8 nor GBK. */
  | 'unknown_encoding';

/** The service cannot read the file as a whole. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  constructor(
    readonly code: UnreadableCode,
    message: string,
  ) {
    super(message);
  }
}

/** The service reads as many files as it may at once. */
export class TooManyFilesError extends Error {
  override readonly name = 'TooManyFilesError';
}
