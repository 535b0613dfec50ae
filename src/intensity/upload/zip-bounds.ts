import { inflateRawSync } from 'node:zlib';
import { UPLOAD_BOUNDS } from './limits.js';
import { UnreadableFileError } from './port.js';

/** A part of a ZIP file, as its directory at the end says. */
interface Part {
  readonly name: string;
  /** 0: as it is; 8: deflated. */
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  /** Where its local header is. */
  readonly at: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MACRO_PARTS = /(^|\/)(vbaProject(Signature\w*)?\.bin|macrosheets\/|dialogsheets\/|activeX\/|attachedToolbars)/i;
const MACRO_TYPE = 'macroEnabled';
const SHEET_PARTS = /(^|\/)worksheets\/[^/]+\.xml$/i;

/**
 * Refuses an XLSX file before anything of it is read that unpacks to more than it may, that has macros, or whose sheets
 * have more rows, columns or cells than they may. No part can unpack to more than the directory says: the reader stops
 * there, and here each sheet is unpacked under that bound.
 * @throws UnreadableFileError
 */
export function checkBounds(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = directory(file);
  if (parts.some(({ name }) => MACRO_PARTS.test(name))) throw macros();
  const types = parts.find(({ name }) => name === '[Content_Types].xml');
  if (!types) throw unreadable('it is a ZIP file but not an XLSX file');
  if (types.unpacked > UPLOAD_BOUNDS.treeBytes) throw beyond('its list of parts is too long');
  if (unpack(file, types).includes(MACRO_TYPE)) throw macros();
  const total = parts.reduce((sum, { unpacked }) => sum + unpacked, 0);
  if (total > UPLOAD_BOUNDS.unpackedBytes)
    throw beyond(`it unpacks to more than ${UPLOAD_BOUNDS.unpackedBytes / 1024 / 1024} MiB`);
  for (const part of parts) {
    const isSheet = SHEET_PARTS.test(part.name);
    if (!isSheet && part.unpacked > UPLOAD_BOUNDS.treeBytes) {
      throw beyond(`its part ${part.name} unpacks to more than ${UPLOAD_BOUNDS.treeBytes / 1024 / 1024} MiB`);
    }
    const text = unpack(file, part);
    // A workbook may keep its sheets wherever it likes.
    if (isSheet || text.includes('sheetData')) checkSheet(text, part.name);
    else checkWorkbook(text, part.name);
  }
}

function directory(file: Buffer): Part[] {
  const end = endOf(file);
  const count = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  // Only ZIP64 needs these marks; no file of the permitted size does.
  if (count === 0xffff || at === 0xffffffff) throw unreadable('its directory is of a kind for far larger files');
  if (count > UPLOAD_BOUNDS.parts) throw beyond(`it has more than ${UPLOAD_BOUNDS.parts} parts`);
  const parts: Part[] = [];
  const names = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== ENTRY) throw unreadable('its directory is damaged');
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    const flags = file.readUInt16LE(at + 8);
    const part = {
      name,
      method: file.readUInt16LE(at + 10),
      packed: file.readUInt32LE(at + 20),
      unpacked: file.readUInt32LE(at + 24),
      at: file.readUInt32LE(at + 42),
    };
    if ((flags & 1) !== 0) throw unreadable('it is encrypted: save it without a password');
    const deflated = part.method === 8;
    if (!deflated && part.method !== 0) throw unreadable(`${name} is packed in an unknown way`);
    // A part of an unknown length would be unpacked without a bound.
    const open = (flags & 8) !== 0 && part.packed === 0 && !name.endsWith('/');
    const wrong = deflated ? part.packed > 2 && part.unpacked === 0 : part.packed !== part.unpacked;
    if (open || wrong || [part.packed, part.unpacked, part.at].includes(0xffffffff)) {
      throw unreadable(`its directory does not say how long ${name} is`);
    }
    if (names.has(name)) throw unreadable(`it has ${name} twice`);
    names.add(name);
    parts.push(part);
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return parts;
}

function endOf(file: Buffer): number {
  if (file.length >= 8 && file.readUInt32BE(0) === 0xd0cf11e0) {
    throw unreadable('it is encrypted or an old .xls file: save it as .xlsx without a password');
  }
  for (let at = file.length - 22; at >= Math.max(0, file.length - 65_557); at -= 1) {
    if (file.readUInt32LE(at) === END) return at;
  }
  throw unreadable('it is not an XLSX file, or only part of one');
}

function unpack(file: Buffer, { name, method, packed, unpacked, at }: Part): string {
  if (at + 30 > file.length || file.readUInt32LE(at) !== LOCAL) throw unreadable(`its part ${name} is damaged`);
  const from = at + 30 + file.readUInt16LE(at + 26) + file.readUInt16LE(at + 28);
  if (from + packed > file.length) throw unreadable(`its part ${name} is cut short`);
  const data = file.subarray(from, from + packed);
  if (method === 0) return data.toString('latin1');
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, unpacked) }).toString('latin1');
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong ? beyond(`its part ${name} unpacks to more than it says`) : unreadable(`its part ${name} is damaged`);
  }
}

const IN_SHEET: ReadonlySet<string> = new Set(['c', 'row', 'mergeCell']);
const IN_WORKBOOK: ReadonlySet<string> = new Set(['sheet']);
const ENDS_NAME = new Set(' \t\r\n<>/"\'');

/** The elements with one of the names, whatever their prefix, each with the text of its attributes. */
function* elements(
  xml: string,
  part: string,
  names: ReadonlySet<string>,
): Generator<readonly [tag: string, attributes: string]> {
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const from = at + 1;
    for (at = from; at < xml.length && !ENDS_NAME.has(xml[at]!); ) at += 1;
    const written = xml.slice(from, at);
    const tag = written.slice(written.lastIndexOf(':') + 1);
    if (!names.has(tag) || xml[at] === '<') continue;
    const end = endOfTag(xml, at);
    if (end < 0) throw unreadable(`${part} has a ${tag} that does not end`);
    yield [tag, xml.slice(at, end)];
    at = end;
  }
}

/** Where the tag ends, a `>` between quotes passed over; -1 where it does not. */
function endOfTag(xml: string, from: number): number {
  let quote = '';
  for (let at = from; at < xml.length; at += 1) {
    const char = xml[at]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '>') return at;
    else if (char === '"' || char === "'") quote = char;
  }
  return -1;
}

/** The reader reads as many sheets as the workbook lists, whatever their number and of whatever parts. */
function checkWorkbook(xml: string, name: string): void {
  let sheets = 0;
  for (const _ of elements(xml, name, IN_WORKBOOK)) sheets += 1;
  if (sheets > UPLOAD_BOUNDS.sheets) throw beyond(`${name} lists more than ${UPLOAD_BOUNDS.sheets} sheets`);
}

/** Bounds of the table, before the reader makes a rectangle of it. */
function checkSheet(xml: string, name: string): void {
  let [cells, merges] = [0, 0];
  for (const [tag, attributes] of elements(xml, name, IN_SHEET)) {
    if (tag === 'c') cells += 1;
    if (tag === 'mergeCell') merges += 1;
    if (merges > UPLOAD_BOUNDS.merges) throw beyond(`${name} has more than ${UPLOAD_BOUNDS.merges} merged cells`);
    if (cells > UPLOAD_BOUNDS.cells) throw beyond(`${name} has more than ${UPLOAD_BOUNDS.cells} cells`);
    const reference = /\sr\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1];
    if (reference === undefined) continue;
    const [, letters, digits] = /^([A-Za-z]*)(\d+)$/.exec(reference) ?? [];
    if (letters === undefined) throw unreadable(`${name} has a row or cell without a proper place`);
    if (Number(digits) > UPLOAD_BOUNDS.rows) throw beyond(`${name} has more than ${UPLOAD_BOUNDS.rows} rows`);
    if (letters.length > 3 || columnNumber(letters) > UPLOAD_BOUNDS.columns) {
      throw beyond(`${name} has more than ${UPLOAD_BOUNDS.columns} columns`);
    }
  }
}

const columnNumber = (letters: string) =>
  [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);

const unreadable = (what: string) => new UnreadableFileError('unreadable_file', `the file cannot be read: ${what}`);
const beyond = (what: string) => new UnreadableFileError('file_beyond_bounds', `the file is too large: ${what}`);
const macros = () =>
  new UnreadableFileError('file_with_macros', 'the file has macros: save it as .xlsx, which has none');
