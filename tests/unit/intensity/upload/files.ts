import { textXml, workbookParts, zip } from '../../../helpers/zip.js';

export const HEADERS = [
  '园区编号',
  '企业编号',
  '时期',
  '增加值（现价，万元）',
  '增加值（可比价，万元）',
  '可比价基年',
  '实际增速（%）',
  '状态',
];
const LETTERS = 'ABCDEFGH';

/** The XML of a sheet with the headers in row 1 and one row; cells are given as XML where they are no plain text. */
export function sheetXml(cells: Readonly<Record<string, string>>, after = ''): string {
  const header = HEADERS.map((text, at) => textXml(`${LETTERS[at]}1`, text)).join('');
  const given: Record<string, string> = {
    A2: textXml('A2', 'oh-diandu'),
    C2: textXml('C2', '2026-03'),
    D2: '<c r="D2"><v>1234.5</v></c>',
    H2: textXml('H2', '初步'),
    ...cells,
  };
  const row = Object.keys(given)
    .sort()
    .map((at) => given[at])
    .join('');
  return `<sheetData><row r="1">${header}</row><row r="2">${row}</row></sheetData>${after}`;
}

export const workbook = (cells: Readonly<Record<string, string>>, after = '') =>
  zip(workbookParts(sheetXml(cells, after)));
