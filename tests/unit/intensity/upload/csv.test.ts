import { describe, expect, it } from 'vitest';
import { readCsv, writeCsv } from '../../../../src/intensity/upload/csv.js';
import { UPLOAD_BOUNDS } from '../../../../src/intensity/upload/limits.js';
import { UnreadableFileError } from '../../../../src/intensity/upload/port.js';
import { readRows } from '../../../../src/intensity/upload/rows.js';

const HEADER = 'Park id,Enterprise id,Name,Period,"Added value, current prices (10⁴ CNY)",Real growth (%),Status';
const zhHeader = '园区编号,企业编号,名称,时期,"增加值（现价，万元）",实际增速（%）,状态';
const read = (text: string | Uint8Array) => readRows([readCsv(Buffer.from(text as string))]);
const refusal = (bytes: Uint8Array) => {
  try {
    readCsv(bytes);
  } catch (error) {
    if (error instanceof UnreadableFileError) return { code: error.code, message: error.message };
    throw error;
  }
  return null;
};

/** A line of Chinese in GBK: 园区编号,企业编号,名称,时期,状态 and so on cannot be written by Node, so bytes by hand. */
const gbk = (text: string) => {
  const bytes: number[] = [];
  for (const char of text) bytes.push(...(char.charCodeAt(0) < 0x80 ? [char.charCodeAt(0)] : gbkBytes(char)));
  return Buffer.from(bytes);
};
const decoder = new TextDecoder('gbk');
const table = new Map<string, number[]>();
function gbkBytes(char: string): number[] {
  if (table.size === 0) {
    for (let lead = 0x81; lead <= 0xfe; lead += 1) {
      for (let trail = 0x40; trail <= 0xfe; trail += 1)
        table.set(decoder.decode(Uint8Array.of(lead, trail)), [lead, trail]);
    }
  }
  return table.get(char)!;
}

describe('a CSV file', () => {
  it.each([
    ['UTF-8', Buffer.from(`${zhHeader}\r\noh-diandu,e-1,某厂,2026-01/02,12.5,,初步\r\n`)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${zhHeader}\r\noh-diandu,e-1,某厂,2026-01/02,12.5,,初步\r\n`)],
    ['GBK', gbk(`${zhHeader}\r\noh-diandu,e-1,某厂,2026-01/02,12.5,,初步\r\n`)],
  ])('in %s is read', (_what, bytes) => {
    const { entries, wrong } = read(bytes);
    expect(wrong).toEqual([]);
    expect(entries).toMatchObject([
      { park: 'oh-diandu', enterprise: 'e-1', name: '某厂', period: '2026-01/02', figure: { amount: 12.5 }, row: 2 },
    ]);
  });

  it.each([
    [
      'neither UTF-8 nor GBK',
      Buffer.concat([Buffer.from(`${HEADER}\r\n`), Buffer.of(0x61, 0xff, 0xff, 0x0a)]),
      'unknown_encoding',
      'line 2',
    ],
    ['UTF-16', Buffer.from(`\ufeff${HEADER}`, 'utf16le'), 'unknown_encoding', 'UTF-16'],
    ['bytes of zero', Buffer.from('a\0b'), 'unknown_encoding', 'byte 2'],
    ['an XLSX file', Buffer.from('PK\x03\x04'), 'unreadable_file', 'XLSX'],
    ['a quote that does not end', Buffer.from(`${HEADER}\r\n"a,b\r\n`), 'unreadable_file', 'not a CSV file'],
    [
      'rows beyond count',
      Buffer.from('a\n'.repeat(UPLOAD_BOUNDS.rows + 5)),
      'file_beyond_bounds',
      String(UPLOAD_BOUNDS.rows),
    ],
    ['ten million commas', Buffer.from(','.repeat(10_000_000)), 'file_beyond_bounds', String(UPLOAD_BOUNDS.columns)],
    ['one cell of ten million characters', Buffer.from('a'.repeat(10_000_000)), 'file_beyond_bounds', 'characters'],
    ['commas between lone returns', Buffer.from(`a\n${',\r'.repeat(200)}`), 'file_beyond_bounds', 'columns in row 2'],
    [
      'columns beyond count',
      Buffer.from(','.repeat(UPLOAD_BOUNDS.columns)),
      'file_beyond_bounds',
      String(UPLOAD_BOUNDS.columns),
    ],
  ])('is refused as a whole for %s', (_what, bytes, code, text) => {
    expect(refusal(bytes)).toMatchObject({ code });
    expect(refusal(bytes)?.message).toContain(text);
  });

  it.each([
    ['text', 'n/a', 'E2'],
    ['a separator', '"1,234.5"', 'E2'],
    ['a unit', '12万元', 'E2'],
    ['a percentage', '5.2%', 'E2'],
    ['more than a number holds', '1e999', 'E2'],
    ['hexadecimal', '0x10', 'E2'],
  ])('names the cell of a number that is %s', (_what, text, cell) => {
    const { entries, wrong } = read(`${HEADER}\noh-diandu,,,2026-03,${text},,final\n`);
    expect(entries).toEqual([]);
    expect(wrong).toMatchObject([{ sheet: null, cell, wrong: 'not a number' }]);
  });

  it('counts rows as a spreadsheet does, empty ones among them, and names at most so many mistakes', () => {
    const { wrong } = read(`\n${HEADER}\n\n,,,2026-03,5,,final\n`);
    expect(wrong).toMatchObject([{ cell: 'A4', wrong: 'nothing stands here' }]);
    const many = read(`${HEADER}\n${'p,,,2026-03,x,,final\n'.repeat(UPLOAD_BOUNDS.mistakes + 7)}`);
    expect([many.wrong.length, many.wrongCount]).toEqual([UPLOAD_BOUNDS.mistakes, UPLOAD_BOUNDS.mistakes + 7]);
  });

  it('gives back what was written, and a spreadsheet runs nothing of it', () => {
    const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1', "it's", 'a,"b"'];
    const bytes = writeCsv([texts]);
    const text = Buffer.from(bytes).toString();
    expect(text.startsWith('\ufeff')).toBe(true);
    const cells = text.slice(1).trimEnd().split(',');
    for (const cell of cells.slice(0, 6)) expect(cell).toMatch(/^"?'/);
    const [row] = readCsv(bytes).rows;
    expect(row).toEqual(texts.map((one) => ({ kind: 'text', text: one.trim() })));
  });
});
