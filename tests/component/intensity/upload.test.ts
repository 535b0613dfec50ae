import { expect, it } from 'vitest';
import { textXml, workbookParts, zip } from '../../helpers/zip.js';
import { csv, OTHER_PARK, PARK, uploadService, XLSX } from './upload-service.js';

const rowXml = (row: number, amount: string) =>
  `<row r="${row}">${textXml(`A${row}`, PARK)}${textXml(`B${row}`, 'e-1')}${textXml(`C${row}`, `2025-0${row}`)}<c r="D${row}"><v>${amount}</v></c>${textXml(`E${row}`, 'final')}</row>`;
const workbook = (...rows: string[]) => {
  const headers = ['Park id', 'Enterprise id', 'Period', 'Added value, current prices (10⁴ CNY)', 'Status'];
  const header = headers.map((text, at) => textXml(`${'ABCDE'[at]}1`, text)).join('');
  return zip(workbookParts(`<sheetData><row r="1">${header}</row>${rows.join('')}</sheetData>`));
};

it('tries a file, records it, and revises what it said', async () => {
  const { upload, recorded, get } = await uploadService();
  const file = csv(`${PARK},e-1,电镀一厂,2026-01/02,1200.5,,,5.2,preliminary`, `${PARK},,,2025,,98000,2020,,final`);
  const tried = await upload(file, { dryRun: true });
  expect(tried.status).toBe(200);
  expect(tried.body).toMatchObject({ dryRun: true, recorded: false, version: 0, wrongCount: 0 });
  expect(tried.body.figures).toEqual({ read: 3, new: 3, revised: 0, same: 0 });
  expect(await recorded()).toEqual([]);

  const done = await upload(file, { source: '一季度.csv' });
  expect(done.body).toMatchObject({ dryRun: false, recorded: true, version: 1 });
  const items = await recorded();
  expect(
    items.map((one: { subject: string; figure: object; source: string }) => [one.subject, one.figure, one.source]),
  ).toEqual([
    [`enterprise:${PARK}/e-1`, { kind: 'level', price: 'current', amount: 1200.5, unit: '10⁴ CNY' }, '一季度.csv'],
    [`enterprise:${PARK}/e-1`, { kind: 'growth', rate: 0.052, unit: 'fraction' }, '一季度.csv'],
    [
      `park:${PARK}`,
      { kind: 'level', price: 'comparable', baseYear: 2020, amount: 98000, unit: '10⁴ CNY' },
      '一季度.csv',
    ],
  ]);

  const again = await upload(file, { source: 'again.csv' });
  expect(again.body).toMatchObject({ recorded: false, version: 1, figures: { new: 0, revised: 0, same: 3 } });

  const revision = csv(`${PARK},e-1,,2026-01/02,1250,,,,final`);
  const revised = await upload(revision, { source: 'rev.csv' });
  expect(revised.body.figures).toEqual({ read: 1, new: 0, revised: 1, same: 0 });
  expect(revised.body.changes).toMatchObject([
    {
      sheet: null,
      row: 2,
      before: { figure: { amount: 1200.5 }, version: 1 },
      after: { figure: { amount: 1250 }, status: 'final' },
    },
  ]);
  const history = await get(`/api/v1/statistics/history?subject=enterprise:${PARK}/e-1&period=2026-01/02`);
  expect(history.items).toHaveLength(3);
  const audit = await get('/api/v1/audit?action=statistics.put');
  expect(audit.items.map((one: { target: string }) => one.target)).toEqual(['rev.csv', '一季度.csv']);
});

it('refuses a revision of what has changed since the dry run that was looked at', async () => {
  const { upload } = await uploadService();
  const file = csv(`${PARK},e-1,,2025-03,10,,,,final`);
  const { body } = await upload(file, { dryRun: true });
  await upload(csv(`${PARK},e-1,,2025-03,11,,,,final`));
  const late = await upload(file, { query: `&basedOn=${body.version}` });
  expect([late.status, late.body.code]).toEqual([409, 'statistics_changed']);
});

it('names each bad cell, of CSV and of XLSX, and records nothing of the file', async () => {
  const { upload, recorded, operator } = await uploadService();
  const token = await operator([PARK]);
  const lines = [
    `${PARK},e-1,电镀一厂,2025-03,10,,,,final`,
    `${PARK},e-1,,2025-04,-5,,,,final`,
    `${PARK},e-1,,2025-05,0,,,,final`,
    `${PARK},e-1,,2025-06,1e308,,,,final`,
    `${PARK},e-1,,2026-11,10,,,,final`,
    `${PARK},e-1,,2025-03,12,,,,final`,
    `${OTHER_PARK},e-9,,2025-03,10,,,,final`,
    `${PARK},e-9,,2025-03,10,,,,final`,
    `${PARK},e-1,别的厂,2025-07,10,,,,final`,
    `${PARK},e-1,,2025-08,,,,520,final`,
    `${PARK},e-1,,2025-Q2,,7,2020,3,final`,
    `${PARK},e-1,,2025-13,10,,,,final`,
    `no-such-park,,,2025-03,10,,,,final`,
  ];
  const refused = await upload(csv(...lines), { token });
  expect([refused.status, refused.body.code]).toEqual([422, 'wrong_cells']);
  const cells = refused.body.errors.map((one: { field: string }) => one.field);
  expect([...cells].sort()).toEqual(
    ['A14', 'A8', 'B9', 'C10', 'D13', 'D6', 'D7', 'E3', 'E4', 'E5', 'F12', 'H11', 'H12'].sort(),
  );
  const at = (cell: string) => refused.body.errors.find((one: { field: string }) => one.field === cell);
  expect(at('E5')).toMatchObject({ found: '1e+308', expected: 'above 0 and at most 100000000, in 10⁴ CNY' });
  expect(at('D7').expected).toContain('row 2');
  expect(at('H11').expected).toBe('above -100 and at most 200, in %');
  // What is another's reads as what never was.
  const { field: _a, cell: _b, found: _c, ...foreign } = at('A8');
  const { field: _d, cell: _e, found: _f, ...unknown } = at('A14');
  expect(foreign).toEqual(unknown);
  expect(await recorded()).toEqual([]);

  const tried = await upload(csv(...lines), { token, dryRun: true });
  expect(tried.status).toBe(200);
  expect(tried.body.wrongCount).toBe(13);
  expect(tried.body.changes.map((one: { row: number }) => one.row)).toEqual([2]);

  const sheet = await upload(workbook(rowXml(2, '5'), rowXml(3, '-5')), { type: XLSX, token });
  expect(sheet.body.errors).toMatchObject([{ field: '数据!D3', sheet: '数据', cell: 'D3', found: '-5' }]);
  expect(await recorded()).toEqual([]);
  const right = await upload(workbook(rowXml(2, '5'), rowXml(3, '6')), { type: `${XLSX}; charset=binary`, token });
  expect(right.body).toMatchObject({ recorded: true, figures: { new: 2 } });
});

it('is for who may write, and tells of no other park', async () => {
  const { upload, operator } = await uploadService();
  const viewer = await upload(csv(), { token: await operator([PARK], 'viewer') });
  expect(viewer.status).toBe(403);
  const other = await operator([OTHER_PARK]);
  const foreign = await upload(csv(`${PARK},e-1,Plating Nine,2025-03,10,,,,final`), { token: other, dryRun: true });
  expect(JSON.stringify(foreign.body)).not.toMatch(/电镀一厂|Plating One/);
  expect(foreign.body.wrong).toMatchObject([{ cell: 'A2' }]);
});

it.each(['zh', 'en'] as const)('gives templates that read back when they are filled in: %s', async (lang) => {
  const { upload, api, operator, recorded } = await uploadService();
  const token = await operator([PARK]);
  const fetched = await api(`/api/v1/statistics/template.csv?lang=${lang}`, { token });
  expect(fetched.headers.get('content-type')).toContain('text/csv');
  const text = Buffer.from(await fetched.arrayBuffer()).toString();
  expect(text).not.toContain('别家');
  expect(text).toContain(lang === 'zh' ? "'=1+1|厂" : "'@Two");
  const status = lang === 'zh' ? '最终' : 'final';
  const filled = text.replace(
    /^(.*,e-[12],.*?),,,,,,,,,,\r$/gm,
    (_, start) => `${start},2025-09,12.5,,,3.1,${status}\r`,
  );
  expect((await upload(filled, { token })).body).toMatchObject({ recorded: true, figures: { new: 4 } });
  expect(await recorded()).toHaveLength(4);

  const book = await api(`/api/v1/statistics/template.xlsx?lang=${lang}`, { token });
  expect(book.headers.get('content-type')).toBe(XLSX);
  const { readXlsx, writeXlsx } = await import('hucre/xlsx');
  const { sheets } = await readXlsx(new Uint8Array(await book.arrayBuffer()), { readStyles: true });
  expect(sheets).toHaveLength(3);
  expect(sheets[0]?.dataValidations).toHaveLength(10);
  const [data] = sheets;
  const firm = data!.rows.findIndex((row) => row[1] === 'e-2');
  expect(data!.rows[firm]?.slice(0, 3)).toEqual([PARK, 'e-2', lang === 'zh' ? '=1+1|厂' : '@Two']);
  expect(data!.cells?.get(`${firm},3`)?.style?.numFmt).toBe('@');
  const rows = data!.rows.map((row, at) =>
    at === firm ? [...row.slice(0, 3), '2025-Q3', 40, 38.5, 2020, null, status] : row,
  );
  const file = await writeXlsx({
    sheets: [{ name: data!.name, rows }, ...sheets.slice(1).map(({ name, rows: kept }) => ({ name, rows: kept }))],
  });
  const done = await upload(file, { type: XLSX, token });
  expect(done.body).toMatchObject({ recorded: true, wrongCount: 0, figures: { new: 2 } });
  expect(done.body.changes[0].sheet).toBe(data!.name);
});
