import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { UPLOAD_BOUNDS } from './limits.js';
import { UnreadableFileError } from './port.js';
import { type CellContent, type Sheet, textCell } from './sheet.js';

const BOM = '\ufeff';
/** How the service writes texts that a spreadsheet would run (`escape_formulas` of csv-stringify). */
const ESCAPED = /^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/;

/** The table of a CSV file in UTF-8 or GBK. @throws UnreadableFileError */
export function readCsv(bytes: Uint8Array): Sheet {
  const text = decode(bytes);
  checkRecords(text);
  let rows: readonly (readonly string[])[];
  try {
    rows = parse(text, { relax_column_count: true, skip_empty_lines: false });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UnreadableFileError('unreadable_file', `this is not a CSV file: ${detail.slice(0, 200)}`);
  }
  const wide = rows.findIndex((row) => row.length > UPLOAD_BOUNDS.columns);
  if (wide >= 0) throw beyond(`more than ${UPLOAD_BOUNDS.columns} columns in row ${wide + 1}`);
  return { name: null, rows: rows.map((row) => row.map(cellOf)), merges: [], numbersAreText: true };
}

/** Characters of a record, its quotes and commas among them, of as many cells as there may be. */
const RECORD = 2 * UPLOAD_BOUNDS.columns * UPLOAD_BOUNDS.text;
const [QUOTE, COMMA, RETURN, FEED] = [0x22, 0x2c, 0x0d, 0x0a];

/**
 * Refuses what has too many rows, columns or characters before the parser makes cells of it: ten million commas take it
 * seconds and hundreds of megabytes.
 * @throws UnreadableFileError
 */
function checkRecords(text: string): void {
  let [rows, columns, from, isQuoted] = [1, 1, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && code === COMMA) columns += 1;
    else if (!isQuoted && (code === FEED || (code === RETURN && text.charCodeAt(at + 1) !== FEED))) {
      // What ends the last row begins none.
      if (at + 1 < text.length) rows += 1;
      [columns, from] = [1, at + 1];
    }
    if (columns > UPLOAD_BOUNDS.columns) throw beyond(`more than ${UPLOAD_BOUNDS.columns} columns in row ${rows}`);
    if (rows > UPLOAD_BOUNDS.rows) throw beyond(`more than ${UPLOAD_BOUNDS.rows} rows`);
    if (at - from > RECORD) throw beyond(`more than ${RECORD} characters in row ${rows}`);
  }
}

/** A CSV file that spreadsheets open with the right characters, and in which they run nothing. */
export function writeCsv(rows: readonly (readonly (string | number | null)[])[]): Uint8Array {
  const text = stringify(rows as (string | number | null)[][], { record_delimiter: '\r\n', escape_formulas: true });
  return Buffer.from(`${BOM}${text}`);
}

function cellOf(text: string): CellContent {
  if (text.length > UPLOAD_BOUNDS.text) {
    return { kind: 'wrong', found: text.slice(0, 100), wrong: `more than ${UPLOAD_BOUNDS.text} characters` };
  }
  return textCell(text.replace(ESCAPED, ''));
}

/** UTF-8 with or without its mark, else GBK. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0x50 && second === 0x4b) {
    throw new UnreadableFileError(
      'unreadable_file',
      'this is not a CSV file but a ZIP or XLSX file: say so in content-type',
    );
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new UnreadableFileError('unknown_encoding', 'the file is in UTF-16: save it as CSV in UTF-8');
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new UnreadableFileError(
      'unknown_encoding',
      `byte ${zero + 1} is zero, as no text has: save it as CSV in UTF-8`,
    );
  }
  const text = decoded('utf-8', bytes) ?? decoded('gbk', bytes);
  if (text !== null) return text;
  const line = lineOfFirstBad(bytes);
  const detail = `the characters are neither UTF-8 nor GBK, first in line ${line}: save it as CSV in UTF-8`;
  throw new UnreadableFileError('unknown_encoding', detail);
}

/** Null when the bytes are not of the encoding. */
function decoded(encoding: 'utf-8' | 'gbk', bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // Node takes bytes that GBK does not have, such as 0xFF, for private characters.
    return encoding === 'gbk' && PRIVATE.test(text) ? null : text;
  } catch {
    return null;
  }
}

const PRIVATE = /[\ue000-\uf8ff]/;

/** The first line that neither encoding can read. Line breaks are the same bytes in both. */
function lineOfFirstBad(bytes: Uint8Array): number {
  let line = 1;
  let asUtf8 = true;
  let asGbk = true;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const part = bytes.subarray(from, end < 0 ? bytes.length : end);
    asUtf8 &&= decoded('utf-8', part) !== null;
    asGbk &&= decoded('gbk', part) !== null;
    if (!asUtf8 && !asGbk) return line;
    from = end < 0 ? bytes.length : end + 1;
  }
  return line;
}

const beyond = (what: string) =>
  new UnreadableFileError('file_beyond_bounds', `the file has ${what}: split it into several`);
