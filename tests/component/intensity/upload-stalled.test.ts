import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { ADMIN_TOKEN } from '../../helpers/app.js';
import { textXml, workbookParts, zip } from '../../helpers/zip.js';
import { CSV, csv, PARK, uploadService, XLSX } from './upload-service.js';

const HEADERS = ['Park id', 'Enterprise id', 'Period', 'Added value, current prices (10⁴ CNY)', 'Status'];

/** A workbook with one row, some cells of it replaced. */
function workbook(cells: Record<string, string> = {}, merges = '') {
  const row = {
    A: textXml('A2', PARK),
    B: textXml('B2', 'e-1'),
    C: textXml('C2', '2025-03'),
    E: textXml('E2', 'final'),
  };
  const all = { ...row, D: '<c r="D2"><v>10</v></c>', ...cells };
  const header = HEADERS.map((text, at) => textXml(`${'ABCDE'[at]}1`, text)).join('');
  const second = (['A', 'B', 'C', 'D', 'E'] as const).map((letter) => all[letter]).join('');
  const data = `<sheetData><row r="1">${header}</row><row r="2">${second}</row></sheetData>${merges}`;
  return zip(workbookParts(data));
}

it('ends an upload that stalls with a clear answer, and holds nothing of it', async () => {
  const { app, upload } = await uploadService({ requestMs: 400 });
  const stall = async () => {
    const sent = request(`${app.http}/api/v1/statistics/upload?source=f`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': CSV, 'content-length': 5_000 },
    });
    sent.write('Park id,');
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, type: response.headers['content-type'], body: JSON.parse(text) };
  };
  // More than one token may hold at once: each gives its place back.
  for (let round = 0; round < 2; round += 1) {
    for (const { status, type, body } of await Promise.all([stall(), stall()])) {
      expect([status, type, body.code]).toEqual([408, 'application/problem+json', 'request_timeout']);
    }
  }
  await expect
    .poll(async () => (await upload(csv(`${PARK},e-1,,2025-03,10,,,,final`))).status, { timeout: 20_000 })
    .toBe(200);
});

it('answers what is no HTTP, and ends it', async () => {
  const { app, get } = await uploadService();
  const { port, hostname } = new URL(app.http);
  const socket = connect(Number(port), hostname);
  socket.write('PUT\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 .*"code":"not_http"/s);
  await get('/health/live');
});

it('names the cell of text for a number and of merged cells, through the API, and records nothing', async () => {
  const { upload, recorded } = await uploadService();
  const text = await upload(workbook({ D: textXml('D2', '1234.5') }), { type: XLSX });
  expect([text.status, text.body.code, text.body.errors[0].cell]).toEqual([422, 'wrong_cells', 'D2']);
  expect(text.body.errors[0]).toMatchObject({ found: '1234.5', wrong: 'text, not a number' });
  const merges = '<mergeCells count="1"><mergeCell ref="D2:E2"/></mergeCells>';
  const merged = await upload(workbook({}, merges), { type: XLSX });
  expect([merged.status, merged.body.errors[0].cell, merged.body.errors[0].wrong]).toEqual([
    422,
    'D2',
    'the cells D2:E2 are merged',
  ]);
  expect(await recorded()).toEqual([]);
  expect((await upload(workbook(), { type: XLSX })).body.recorded).toBe(true);
});

it('takes a CSV file in GBK', async () => {
  const { upload, recorded } = await uploadService();
  // 园区编号,企业编号,时期,税收（万元）,状态 in GBK, then 最终.
  const gbk = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
  const header = [
    ...[gbk('d4b0c7f8b1e0bac5'), gbk('c6f3d2b5b1e0bac5'), gbk('cab1c6da')],
    ...[gbk('cbb0cad5a3a8cdf2d4aaa3a9'), gbk('d7b4ccac')],
  ].join(',');
  const file = Buffer.from(`${header}\r\n${PARK},e-1,2025,88,${gbk('d7eed6d5')}\r\n`, 'latin1');
  expect((await upload(file)).body).toMatchObject({ recorded: true, figures: { new: 1 } });
  expect((await recorded())[0].figure).toMatchObject({ kind: 'tax', amount: 88 });
});
