import { expect, it } from 'vitest';
import { textXml, workbookParts, zip } from '../../../helpers/zip.js';
import { CSV, OTHER_PARK, PARK, uploadService, XLSX } from '../upload-service.js';

const BILLS = 'Park id,Enterprise id,Carrier,Account,First day,Last day,Amount,Unit';
const SETS = '园区编号,企业编号,年份';
const text = (header: string, ...lines: string[]) => `${[header, ...lines].join('\r\n')}\r\n`;

async function tableService() {
  const service = await uploadService();
  const send = async (table: string, file: string | Uint8Array, { type = CSV, dryRun = false, token = '' } = {}) => {
    const answer = await service.api(`/api/v1/statistics/${table}/upload?dryRun=${dryRun}&source=f`, {
      ...{ method: 'POST', headers: { 'content-type': type }, body: file },
      ...(token !== '' && { token }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
    return { status: answer.status, body: (await answer.json()) as any };
  };
  return { ...service, send };
}

it('records bills of a file, all or none, and names each cell that is wrong', async () => {
  const { send, get, operator } = await tableService();
  const token = await operator([PARK]);
  const right = `${PARK},e-1,electricity,户1,2024-01-01,2024-01-31,1200.5,kWh`;
  const wrong = text(
    BILLS,
    right,
    `${PARK},e-1,electricity,户1,2024-01-15,2024-02-14,5,kWh`,
    `${PARK},e-1,coal,,2024-01-01,2024-01-31,5,t`,
    `${PARK},e-9,steam,,2024-01-01,2024-01-31,5,t`,
    `${OTHER_PARK},,steam,,2024-01-01,2024-01-31,5,t`,
    `${PARK},e-1,steam,,2024-02-30,2024-03-31,viel,t`,
    `${PARK},e-1,steam,,2027-01-01,2027-01-31,1e308,t`,
  );
  const refused = await send('bills', wrong, { token });
  expect([refused.status, refused.body.code]).toEqual([422, 'wrong_cells']);
  const cells = refused.body.errors.map((one: { field: string }) => one.field);
  expect([...cells].sort()).toEqual(['A6', 'B5', 'C4', 'E2', 'E3', 'F8', 'G7', 'G8'].sort());
  expect((await get('/api/v1/statistics/bills')).version).toBe(0);
  const tried = await send('bills', text(BILLS, right), { token, dryRun: true });
  expect(tried.body).toMatchObject({ recorded: false, version: 0, read: 1, changed: 1, wrong: [] });
  expect(tried.body.effects).toEqual({ computed: expect.any(Boolean), items: expect.any(Array) });
  const done = await send('bills', text(BILLS, right), { token });
  expect(done.body).toMatchObject({ recorded: true, version: 1 });
  expect(done.body).not.toHaveProperty('effects');
  const { items } = await get('/api/v1/statistics/bills');
  expect(items).toMatchObject([{ owner: `enterprise:${PARK}/e-1`, account: '户1', amount: 1200.5, source: 'f' }]);
  expect((await send('bills', text(BILLS, right), { token })).body).toMatchObject({ recorded: false, changed: 0 });
});

it('takes days that a spreadsheet made dates of, and no text for a number or merged cells', async () => {
  const { send, get } = await tableService();
  const header = BILLS.split(',').map((one, at) => textXml(`${'ABCDEFGH'[at]}1`, one));
  const book = (amount: string, merges = '') => {
    const cells = [textXml('A2', PARK), textXml('C2', 'natural_gas'), '<c r="E2" s="2"><v>45292</v></c>'];
    const rest = [textXml('F2', '2024-01-31'), amount, textXml('H2', 'm3')];
    const data = `<sheetData><row r="1">${header.join('')}</row><row r="2">${[...cells, ...rest].join('')}</row></sheetData>`;
    return zip(workbookParts(`${data}${merges}`));
  };
  const wrong = await send('bills', book(textXml('G2', '12')), { type: XLSX });
  expect(wrong.body.errors).toMatchObject([{ cell: 'G2', found: '12', wrong: 'text, not a number' }]);
  const merged = book('<c r="G2"><v>12</v></c>', '<mergeCells count="1"><mergeCell ref="G2:H2"/></mergeCells>');
  expect((await send('bills', merged, { type: XLSX })).body.errors[0].cell).toBe('G2');
  expect((await send('bills', book('<c r="G2"><v>12</v></c>'), { type: XLSX })).body.recorded).toBe(true);
  expect((await get('/api/v1/statistics/bills')).items).toMatchObject([{ owner: `park:${PARK}`, from: '2024-01-01' }]);
  const bomb = zip([...workbookParts(''), { name: 'x.xml', data: 'x', claimed: 2 ** 31 }]);
  expect((await send('bills', bomb, { type: XLSX })).body.code).toBe('file_beyond_bounds');
});

it('records the counted enterprises of parks, each park and year as one set', async () => {
  const { send, get, operator } = await tableService();
  const token = await operator([PARK]);
  const wrong = await send('counted-sets', text(SETS, `${PARK},e-1,2025`, `${PARK},e-9,2025`, `${PARK},e-2,zwei`), {
    token,
  });
  expect([wrong.status, wrong.body.errors.map((one: { field: string }) => one.field).sort()]).toEqual([
    422,
    ['B3', 'C4'],
  ]);
  const foreign = await send('counted-sets', text(SETS, `${OTHER_PARK},e-9,2025`), { token });
  expect(foreign.body.errors.map((one: { cell: string }) => one.cell)).toEqual(['A2']);
  const done = await send('counted-sets', text(SETS, `${PARK},e-1,2025`, `${PARK},e-2,2025`, `${PARK},e-1,2024`), {
    token,
  });
  expect(done.body).toMatchObject({ recorded: true, version: 1, read: 3, changed: 2 });
  const { items } = await get('/api/v1/statistics/counted-sets');
  expect(items.map(({ scope, year, members }: never) => [scope, year, members])).toEqual([
    [`park:${PARK}`, 2024, [`enterprise:${PARK}/e-1`]],
    [`park:${PARK}`, 2025, [`enterprise:${PARK}/e-1`, `enterprise:${PARK}/e-2`]],
  ]);
});

it.each(['zh', 'en'])('gives templates of both that read back: %s', async (lang) => {
  const { send, api, operator } = await tableService();
  const token = await operator([PARK]);
  for (const table of ['bills', 'counted-sets']) {
    for (const [kind, type] of [
      ['csv', CSV],
      ['xlsx', XLSX],
    ] as const) {
      const answer = await api(`/api/v1/statistics/${table}/template.${kind}?lang=${lang}`, { token });
      expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
      const file = new Uint8Array(await answer.arrayBuffer());
      expect(Buffer.from(file).includes(OTHER_PARK)).toBe(false);
      const { status, body } = await send(table, file, { type, token, dryRun: true });
      expect([status, body.wrong, body.read]).toEqual([200, [], 0]);
    }
  }
});
