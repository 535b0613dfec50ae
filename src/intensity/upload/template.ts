import type { Language } from '../../model/language.js';
import { MAX_AMOUNT, MAX_GROWTH, MAX_LAND_MU } from '../model/statistics/check-entries.js';
import { letterOf, SHEET_NAMES, STATISTICS_COLUMNS, STATUS_TEXTS } from './columns.js';
import { writeCsv } from './csv.js';
import { UPLOAD_BOUNDS } from './limits.js';
import type { ColumnName, FileKind, TemplateRow } from './port.js';
import { type SheetToWrite, writeWorkbook } from './xlsx.js';

/** Rows below those of the caller's enterprises that are formatted to be filled in. */
const SPARE_ROWS = 200;

/** A file to fill in: a row for each park and enterprise, the columns of `STATISTICS_COLUMNS`. */
export async function makeTemplate(
  kind: FileKind,
  language: Language,
  rows: readonly TemplateRow[],
): Promise<Uint8Array> {
  const table = [
    STATISTICS_COLUMNS.map((column) => column[language]),
    ...rows.map((row) => STATISTICS_COLUMNS.map(({ name }) => (name in row ? row[name as keyof TemplateRow] : null))),
  ];
  if (kind === 'csv') return writeCsv(table);
  return writeWorkbook([dataSheet(language, table, rows), placesSheet(language, rows), helpSheet(language)]);
}

function dataSheet(language: Language, rows: SheetToWrite['rows'], places: readonly TemplateRow[]): SheetToWrite {
  const last = Math.min(UPLOAD_BOUNDS.rows, rows.length + SPARE_ROWS);
  const at = (name: ColumnName) => STATISTICS_COLUMNS.findIndex((column) => column.name === name);
  const range = (name: ColumnName) => `${letterOf(at(name))}2:${letterOf(at(name))}${last}`;
  const told = { allowBlank: true, showErrorMessage: true } as const;
  const amount: Omit<SheetToWrite['validations'][number], 'range'> = {
    ...{ ...told, type: 'decimal', operator: 'between', formula1: '0.0001', formula2: String(MAX_AMOUNT) },
    errorMessage: language === 'zh' ? '大于 0 的数，单位万元' : 'a number above 0, in 10⁴ CNY',
  };
  return {
    ...{ name: SHEET_NAMES[language][0], rows, widths: [16, 16, 28, 14, 22, 24, 14, 16, 12, 22, 18, 28, 18] },
    textColumns: (['park', 'enterprise', 'name', 'period'] as const).map(at),
    formattedRows: last,
    validations: [
      {
        ...told,
        type: 'list',
        formula1: `'${SHEET_NAMES[language][1]}'!$A$2:$A$${1 + parkCount(places)}`,
        range: range('park'),
      },
      { ...amount, range: range('current') },
      { ...amount, range: range('comparable') },
      { ...told, type: 'whole', operator: 'between', formula1: '1980', formula2: '2199', range: range('baseYear') },
      {
        ...{ ...told, type: 'decimal', operator: 'between', formula1: '-100', formula2: String(MAX_GROWTH * 100) },
        errorMessage: language === 'zh' ? '百分数：5.2 表示 5.2 %' : 'in %: 5.2 for 5.2 %',
        range: range('growth'),
      },
      ...(['output', 'tax', 'leading_added_value'] as const).map((name) => ({
        ...{ ...amount, formula1: '0', range: range(name) },
        errorMessage: language === 'zh' ? '不小于 0 的数，单位万元' : 'a number from 0, in 10⁴ CNY',
      })),
      {
        ...{ ...amount, formula2: String(MAX_LAND_MU), range: range('land_area') },
        errorMessage: language === 'zh' ? '大于 0 的数，单位亩' : 'a number above 0, in mu',
      },
      {
        ...told,
        type: 'list',
        values: Object.values(STATUS_TEXTS).map((text) => text[language]),
        range: range('status'),
      },
    ],
  };
}

function placesSheet(language: Language, rows: readonly TemplateRow[]): SheetToWrite {
  const columns = STATISTICS_COLUMNS.slice(0, 3);
  // The parks first: they are what the list of the park column offers.
  const firms = rows.filter(({ enterprise }) => enterprise !== null);
  const parks = rows.filter(({ enterprise }) => enterprise === null);
  const table = [...parks, ...firms].map(({ park, enterprise, name }) => [park, enterprise, name]);
  return {
    name: SHEET_NAMES[language][1],
    rows: [columns.map((column) => column[language]), ...table],
    ...{ widths: [16, 16, 40], textColumns: [0, 1, 2], formattedRows: rows.length + 1, validations: [] },
  };
}

const parkCount = (rows: readonly TemplateRow[]) => rows.filter(({ enterprise }) => enterprise === null).length;

const PLAIN = { textColumns: [], formattedRows: 0, validations: [] };

/** What each column takes, and what a file may hold. */
function helpSheet(language: Language): SheetToWrite {
  const header = (name: ColumnName) => STATISTICS_COLUMNS.find((column) => column.name === name)?.[language] ?? name;
  const lines = HELP[language].map(([name, text]) => [name === null ? null : header(name), text]);
  const title = language === 'zh' ? ['列', '说明'] : ['Column', 'What it takes'];
  return { name: SHEET_NAMES[language][2], rows: [title, ...lines], widths: [36, 110], ...PLAIN };
}

const { preliminary, final } = STATUS_TEXTS;
const MIB = UPLOAD_BOUNDS.fileBytes / 1024 / 1024;
const HELP: Readonly<Record<Language, readonly (readonly [column: ColumnName | null, text: string])[]>> = {
  zh: [
    ['park', '园区编号，见“园区与企业”表。'],
    ['enterprise', '企业编号；留空表示整个园区。'],
    ['name', '可留空；填写时须与该编号的名称一致，以防错行。'],
    [
      'period',
      '文本：2026-03（月）、2026-01/02（1—2 月合并）、2026-Q3（季）、2026（年）。只填已结束的时期；不要用日期格式。',
    ],
    ['current', '工业增加值，当期价格，万元，大于 0。'],
    ['comparable', '工业增加值，可比价格，万元，大于 0；须同时填写基年。'],
    ['baseYear', '可比价格所用的价格年份，如 2020。'],
    [
      'growth',
      '可比价格同比实际增速，单位 %：5.2 表示 5.2 %。单元格不要用百分比格式。同一时期不要与可比价增加值同时填写。',
    ],
    ['output', '工业总产值，当期价格，万元，不小于 0。'],
    ['tax', '税收，万元，不小于 0。'],
    ['leading_added_value', '其中主导产业的增加值，当期价格，万元；企业不属主导产业的填 0。'],
    ['land_area', '工业用地面积，亩，只在年度行填写；未填时用园区规划面积。'],
    ['status', `${preliminary.zh} 或 ${final.zh}。`],
    [null, '每行一个对象、一个时期；没有数值的行不读取。同一对象、时期和指标只能出现一次。'],
    [null, '修订：再次上传同一对象和时期的新数值，原来的数值和来源仍会保留。'],
    [null, '不要合并单元格，不要用宏；公式须已保存结果。'],
    [
      null,
      `文件不超过 ${MIB} MiB，所有工作表合计不超过 ${UPLOAD_BOUNDS.rows} 行。CSV 用 UTF-8（GBK 也可）。先试运行（dryRun=true），再正式上传。`,
    ],
  ],
  en: [
    ['park', 'The id of the park, as in the sheet “Parks and enterprises”.'],
    ['enterprise', 'The id of the enterprise; empty for the park as a whole.'],
    ['name', 'May be empty; else the name that belongs to the id, so that rows that slipped are found.'],
    [
      'period',
      'Text: 2026-03, 2026-01/02 (January and February as one), 2026-Q3 or 2026. Only periods that have ended; no dates.',
    ],
    ['current', 'Industrial added value at current prices, 10⁴ CNY, above 0.'],
    ['comparable', 'Industrial added value at comparable prices, 10⁴ CNY, above 0; with the base year beside it.'],
    ['baseYear', 'The year whose prices the comparable level is at, such as 2020.'],
    [
      'growth',
      'Real growth on the same period of the year before, in %: 5.2 for 5.2 %. No percentage format. Not together with a comparable level of the same period.',
    ],
    ['output', 'Output at current prices, 10⁴ CNY, from 0.'],
    ['tax', 'Tax, 10⁴ CNY, from 0.'],
    [
      'leading_added_value',
      'The part of the leading industry, current prices, 10⁴ CNY; 0 for a firm that is not of it.',
    ],
    ['land_area', 'Industrial land in mu, in a row of a year only; the planned area of the park counts without it.'],
    ['status', `${preliminary.en} or ${final.en}.`],
    [
      null,
      'One subject and one period in a row; rows without figures are not read. Each figure of a subject and period once.',
    ],
    [
      null,
      'To revise a figure, upload the new one for the same subject and period; what was believed before is kept, with its source.',
    ],
    [null, 'No merged cells, no macros; formulas must have been saved with their results.'],
    [
      null,
      `At most ${MIB} MiB, and ${UPLOAD_BOUNDS.rows} rows in all sheets together. CSV in UTF-8, or GBK. Try it with dryRun=true first.`,
    ],
  ],
};
