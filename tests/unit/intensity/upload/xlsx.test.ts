import { describe, expect, it } from 'vitest';
import { UPLOAD_BOUNDS } from '../../../../src/intensity/upload/limits.js';
import { UnreadableFileError } from '../../../../src/intensity/upload/port.js';
import { readRows } from '../../../../src/intensity/upload/rows.js';
import { readWorkbook } from '../../../../src/intensity/upload/xlsx.js';
import { textXml, workbookParts, zip } from '../../../helpers/zip.js';
import { sheetXml, workbook } from './files.js';

const read = async (file: Uint8Array) => readRows(await readWorkbook(file));
const codeOf = (file: Uint8Array) =>
  readWorkbook(file).then(
    () => 'read',
    (error: unknown) => {
      if (!(error instanceof UnreadableFileError)) throw error;
      return error.code;
    },
  );

describe('a workbook', () => {
  it('gives the figures of its rows with their places', async () => {
    const file = workbook({
      B2: textXml('B2', 'e-1'),
      E2: '<c r="E2"><v>1100</v></c>',
      F2: '<c r="F2"><v>2020</v></c>',
      G2: '<c r="G2"><f>1+4.2</f><v>5.2</v></c>',
    });
    const { entries, wrong } = await read(file);
    expect(wrong).toEqual([]);
    const common = { park: 'oh-diandu', enterprise: 'e-1', name: null, period: '2026-03', status: 'preliminary' };
    expect(entries.map(({ letters: _letters, ...entry }) => entry)).toEqual([
      { ...common, figure: { kind: 'level', price: 'current', amount: 1234.5 }, sheet: '数据', row: 2 },
      {
        ...common,
        figure: { kind: 'level', price: 'comparable', amount: 1100, baseYear: 2020 },
        sheet: '数据',
        row: 2,
      },
      { ...common, figure: { kind: 'growth', rate: 0.052 }, sheet: '数据', row: 2 },
    ]);
    expect(entries[0]?.letters).toMatchObject({ park: 'A', period: 'C', current: 'D', status: 'H' });
  });

  it.each([
    ['text in a number cell', { D2: textXml('D2', '1234.5') }, 'D2', '1234.5', 'text, not a number', '10⁴ CNY'],
    ['a date as period', { C2: '<c r="C2" s="2"><v>46082</v></c>' }, 'C2', '2026-03-01', 'a date', '2026-Q3'],
    ['a date in a number cell', { D2: '<c r="D2" s="2"><v>46082</v></c>' }, 'D2', '2026-03-01', 'a date', '10⁴ CNY'],
    [
      'a formula without result',
      { D2: '<c r="D2"><f>SUM(X1:X2)</f></c>' },
      'D2',
      '=SUM(X1:X2)',
      'a formula',
      'the value itself',
    ],
    [
      'a shared formula without result',
      { D2: '<c r="D2"><f t="shared" si="0"/></c>' },
      ...(['D2', '=', 'a formula', 'the value itself'] as const),
    ],
    ['a percent cell', { G2: '<c r="G2" s="1"><v>0.052</v></c>' }, 'G2', '0.052', '5.2 % is shown', '5.2 for 5.2 %'],
    ['an error of a formula', { D2: '<c r="D2" t="e"><v>#DIV/0!</v></c>' }, 'D2', '#DIV/0!', 'an error', '10⁴ CNY'],
    ['TRUE', { D2: '<c r="D2" t="b"><v>1</v></c>' }, 'D2', 'TRUE', 'TRUE or FALSE', '10⁴ CNY'],
    ['an unknown status', { H2: textXml('H2', '草稿') }, 'H2', '草稿', 'not a status', '初步 or 最终'],
    ['no park', { A2: '' }, 'A2', null, 'nothing stands here', 'the id of a park'],
    ['no status', { H2: '' }, 'H2', null, 'nothing stands here', '初步'],
    ['a wrong period', { C2: textXml('C2', '2026-13') }, 'C2', '2026-13', 'not a period', '2026-Q3'],
    ['a level without base year', { E2: '<c r="E2"><v>9</v></c>' }, 'F2', null, 'nothing stands here', '2020'],
    ['a base year alone', { F2: '<c r="F2"><v>2020</v></c>' }, 'F2', '2020', 'a base year without a level', 'empty'],
  ])('names the cell of %s', async (_what, cells, cell, found, wrong, expected) => {
    const answer = await read(workbook(cells));
    expect(answer.entries).toEqual([]);
    expect(answer.wrong).toHaveLength(1);
    expect(answer.wrong[0]).toMatchObject({ sheet: '数据', cell, found });
    expect(answer.wrong[0]?.wrong).toContain(wrong);
    expect(answer.wrong[0]?.expected).toContain(expected);
  });

  it('takes a year that is a number, an id that is a number, and a percent sign that is only text', async () => {
    const cells = { B2: '<c r="B2"><v>12</v></c>', C2: '<c r="C2"><v>2025</v></c>' };
    const { entries, wrong } = await read(workbook({ ...cells, G2: '<c r="G2" s="3"><v>5.2</v></c>' }));
    expect(wrong).toEqual([]);
    expect(entries[1]).toMatchObject({ enterprise: '12', period: '2025', figure: { kind: 'growth', rate: 0.052 } });
  });

  it('names merged cells', async () => {
    const { wrong } = await read(workbook({}, '<mergeCells count="1"><mergeCell ref="A2:A5"/></mergeCells>'));
    expect(wrong).toMatchObject([{ sheet: '数据', cell: 'A2', wrong: 'the cells A2:A5 are merged' }]);
  });

  it.each([
    ['an unknown header', { A1: textXml('A1', '园区') }, 'A1', 'not a header'],
    ['a header twice', { J1: textXml('J1', 'Period') }, 'J1', 'a second column'],
  ])('names %s', async (_what, cells, cell, wrong) => {
    const xml = sheetXml({}).replace(/<row r="1">.*?<\/row>/, (row) => {
      let header = row;
      for (const [at, given] of Object.entries(cells)) {
        const old = new RegExp(`<c r="${at}".*?</c>`);
        header = old.test(header) ? header.replace(old, given) : header.replace('</row>', `${given}</row>`);
      }
      return header;
    });
    const answer = await read(zip(workbookParts(xml)));
    expect(answer.wrong[0]).toMatchObject({ cell });
    expect(answer.wrong[0]?.wrong).toContain(wrong);
    expect(answer.entries).toEqual([]);
  });

  it('names values below no header, and a sheet without figures', async () => {
    const stray = await read(workbook({ J2: '<c r="J2"><v>7</v></c>' }));
    expect(stray.wrong).toMatchObject([{ cell: 'J1', wrong: 'a column with values has no header' }]);
    const empty = await read(zip(workbookParts('<sheetData/>')));
    expect(empty.wrong).toMatchObject([{ wrong: 'there is no table in the file' }]);
  });

  it('passes over rows that give no figure, and counts those that name a period', async () => {
    const { entries, wrong, rowsWithoutFigures } = await read(workbook({ D2: '' }));
    expect({ entries, wrong, rowsWithoutFigures }).toEqual({ entries: [], wrong: [], rowsWithoutFigures: 1 });
  });
});

describe('a workbook that is refused as a whole', () => {
  const parts = workbookParts(sheetXml({}));
  const wide = (reference: string) =>
    zip(workbookParts(`<sheetData><row r="1"><c r="${reference}"><v>1</v></c></row></sheetData>`));

  it.each<[what: string, code: string, file: () => Buffer]>([
    ['macros', 'file_with_macros', () => zip([...parts, { name: 'xl/vbaProject.bin', data: 'x' }])],
    ['old macros', 'file_with_macros', () => zip([...parts, { name: 'xl/macrosheets/sheet1.xml', data: '<x/>' }])],
    [
      'the type of a workbook with macros',
      'file_with_macros',
      () => zip(workbookParts(sheetXml({}), 'application/vnd.ms-excel.sheet.macroEnabled.main+xml')),
    ],
    ['no ZIP', 'unreadable_file', () => Buffer.from('园区编号,企业编号\r\n')],
    [
      'an old .xls',
      'unreadable_file',
      () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
    ],
    ['a ZIP of something else', 'unreadable_file', () => zip([{ name: 'a.txt', data: 'x' }])],
    ['half a file', 'unreadable_file', () => zip(parts).subarray(0, 700)],
    ['a part that is encrypted', 'unreadable_file', () => zip([...parts, { name: 'x.bin', data: 'x', flags: 1 }])],
    ['a part twice', 'unreadable_file', () => zip([...parts, parts[5]!])],
    [
      'a part of no known length',
      'unreadable_file',
      () => zip([...parts, { name: 'x.bin', data: 'x'.repeat(99), claimed: 0 }]),
    ],
    [
      'a bomb that says so',
      'file_beyond_bounds',
      () => zip([...parts, { name: 'xl/media/x.bin', data: 'x', claimed: UPLOAD_BOUNDS.unpackedBytes }]),
    ],
    [
      'a bomb that says it is small',
      'file_beyond_bounds',
      () =>
        zip([
          ...parts.slice(0, 5),
          { name: 'xl/worksheets/sheet1.xml', data: Buffer.alloc(50_000_000, 32), claimed: 900 },
        ]),
    ],
    [
      'texts that fill a tree',
      'file_beyond_bounds',
      () => zip([...parts, { name: 'xl/sharedStrings.xml', data: Buffer.alloc(UPLOAD_BOUNDS.treeBytes + 1, 32) }]),
    ],
    ['a cell in the last row', 'file_beyond_bounds', () => wide('A1048576')],
    ['a cell in the last column', 'file_beyond_bounds', () => wide('XFD1')],
    ['a cell that is nowhere', 'unreadable_file', () => wide('&#88;FD1')],
    [
      'cells without places beyond count',
      'file_beyond_bounds',
      () => zip(workbookParts(`<sheetData><row>${'<c/>'.repeat(UPLOAD_BOUNDS.cells + 1)}</row></sheetData>`)),
    ],
    [
      'rows without places beyond count',
      'file_beyond_bounds',
      () => zip(workbookParts(`<sheetData>${'<row><c><v>1</v></c></row>'.repeat(UPLOAD_BOUNDS.rows + 1)}</sheetData>`)),
    ],
    [
      'parts beyond count',
      'file_beyond_bounds',
      () => zip([...parts, ...Array.from({ length: UPLOAD_BOUNDS.parts }, (_, at) => ({ name: `p${at}`, data: 'x' }))]),
    ],
  ])('has %s: %s', async (_what, code, file) => {
    expect(await codeOf(file())).toBe(code);
  });
});
