import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { UPLOAD_BOUNDS } from '../../../src/intensity/upload/limits.js';
import { ADMIN_TOKEN } from '../../helpers/app.js';
import { textXml, workbookParts, zip } from '../../helpers/zip.js';
import { CSV, csv, PARK, uploadService, XLSX } from './upload-service.js';

/** Connections are taken, and files read, when the machine comes to it. */
const WAIT = { timeout: 20_000, interval: 100 };
const path = '/api/v1/statistics/upload?source=f';

const MILLION = 1_000_000;

/** A workbook that lists as many sheets as its part may have bytes for, all of them one. */
function manySheets() {
  return zip(
    workbookParts('<sheetData/>').map((part) => {
      if (part.name !== 'xl/workbook.xml') return part;
      const sheet = /<sheet [^>]*>/.exec(part.data)![0];
      return { ...part, data: part.data.replace(sheet, '<sheet/>'.repeat(MILLION)) };
    }),
  );
}

function manyMerges() {
  const merge = '<mergeCell ref="A1:B2"/>';
  return zip(workbookParts(`<sheetData/><mergeCells count="${MILLION}">${merge.repeat(MILLION)}</mergeCells>`));
}

/** A file whose directory claims so many parts. */
function claimed(parts: number) {
  const file = zip(workbookParts('<sheetData/>'));
  file.writeUInt16LE(parts, file.length - 12);
  return file;
}

/** Begins an upload of `length` bytes, or of an unknown number, and sends none yet. */
function begin(http: string, type: string, length?: number, more: Record<string, string> = {}) {
  const sent = request(`${http}${path}`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type, ...more },
      ...(length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }),
    },
  });
  sent.on('error', () => undefined);
  const status = once(sent, 'response').then(([response]) => {
    response.resume();
    return response.statusCode as number;
  });
  status.catch(() => undefined);
  sent.flushHeaders();
  return { sent, status };
}

it('refuses 200 MB before it has them, and takes no other type', async () => {
  const { app, api } = await uploadService();
  const declared = begin(app.http, XLSX, 200_000_000);
  expect(await declared.status).toBe(413);
  declared.sent.destroy();
  const chunked = begin(app.http, XLSX);
  const chunk = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < 12 && chunked.sent.writable; at += 1) chunked.sent.write(chunk);
  expect(await chunked.status).toBe(413);
  chunked.sent.destroy();
  for (const type of ['application/json', 'application/vnd.ms-excel.sheet.macroEnabled.12', 'text/plain']) {
    const answer = await api(path, { method: 'POST', headers: { 'content-type': type }, body: '{}' });
    expect([type, answer.status]).toEqual([type, 415]);
  }
  const large = JSON.stringify({ source: 'x', entries: [], reason: 'x'.repeat(1024 * 1024) });
  const json = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: large };
  expect((await api('/api/v1/statistics', json)).status).toBe(413);
});

it.each([
  ['an empty file', CSV, Buffer.alloc(0), 'unreadable_file'],
  ['an XLSX file that is none', XLSX, Buffer.from('x'), 'unreadable_file'],
  ['an XLSX file sent as CSV', CSV, zip(workbookParts('<sheetData/>')), 'unreadable_file'],
  [
    'macros',
    XLSX,
    zip([...workbookParts('<sheetData/>'), { name: 'xl/vbaProject.bin', data: 'x' }]),
    'file_with_macros',
  ],
  ['a bomb', XLSX, zip([...workbookParts(''), { name: 'x.xml', data: 'x', claimed: 2 ** 31 }]), 'file_beyond_bounds'],
  ['a million sheets', XLSX, manySheets(), 'file_beyond_bounds', 'xl/workbook.xml lists more than 200 sheets'],
  ['a million parts', XLSX, claimed(0xfffe), 'file_beyond_bounds', 'more than 1000 parts'],
  [
    'a million merged cells',
    XLSX,
    manyMerges(),
    'file_beyond_bounds',
    'xl/worksheets/sheet1.xml has more than 10000 merged cells',
  ],
  ['no known characters', CSV, Buffer.of(0x61, 0xff, 0xff), 'unknown_encoding'],
])('answers 422 for %s', async (_what, type, file, code, place = '') => {
  const { upload, api } = await uploadService();
  const { status, body } = await upload(file, { type });
  expect([status, body.code]).toEqual([422, code]);
  expect(body.detail).toContain(place);
  expect((await api('/health/live')).status).toBe(200);
});

it('lives on when a file takes the memory or the time of its thread', async () => {
  const { FilesInThreads } = await import('../../../src/intensity/upload/files.js');
  const url = new URL('../../../dist/src/intensity/upload/thread.js', import.meta.url);
  // Texts within the bounds of bytes that are a tree many times as large.
  const texts = Buffer.from(`<sst>${'<si><t/></si>'.repeat(UPLOAD_BOUNDS.treeBytes / 13 - 10)}</sst>`);
  const parts = workbookParts('<sheetData/>').map((part) =>
    part.name !== 'xl/_rels/workbook.xml.rels'
      ? part
      : {
          ...part,
          data: part.data.replace(
            '</Relationships>',
            '<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
          ),
        },
  );
  const file = zip([...parts, { name: 'xl/sharedStrings.xml', data: texts }]);
  const slow = new FilesInThreads(url, 50);
  await expect(slow.read('xlsx', Buffer.from(file))).rejects.toMatchObject({ code: 'file_beyond_bounds' });
  const small = new FilesInThreads(url, 60_000, 64);
  await expect(small.read('xlsx', Buffer.from(file))).rejects.toMatchObject({ code: 'file_beyond_bounds' });
  expect(await small.read('csv', Buffer.from(csv()))).toMatchObject({ entries: [], wrong: [] });
  await Promise.all([slow.close(), small.close()]);
});

it('answers others while files are slow to come and large ones are read', async () => {
  const { app, api, upload, get, operator } = await uploadService();
  const token = await operator([PARK]);
  const months = Array.from(
    { length: 70 },
    (_, at) => `${2020 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
  );
  for (let at = 0; at < 70; at += 1) {
    const json = { park: PARK, nameZh: `厂${at}` };
    await api(`/api/v1/enterprises/f-${at}?park=${PARK}`, { method: 'PUT', json });
  }
  // Nearly as many rows as a file may have.
  const rows = months.flatMap((month, at) =>
    Array.from({ length: 70 }, (_, firm) => [PARK, `f-${firm}`, month, `${at + firm + 1}.5`]),
  );
  const headers = ['Park id', 'Enterprise id', 'Period', 'Added value, current prices (10⁴ CNY)', 'Status'];
  const xml = rows.map(([park, firm, month, amount], at) => {
    const row = at + 2;
    return `<row r="${row}">${textXml(`A${row}`, park!)}${textXml(`B${row}`, firm!)}${textXml(`C${row}`, month!)}<c r="D${row}"><v>${amount}</v></c>${textXml(`E${row}`, 'final')}</row>`;
  });
  const header = headers.map((text, at) => textXml(`${'ABCDE'[at]}1`, text)).join('');
  const file = zip(workbookParts(`<sheetData><row r="1">${header}</row>${xml.join('')}</sheetData>`));

  const held = [1, 2].map(() => begin(app.http, CSV, 500, { expect: '100-continue' }));
  // The service says so once it has the headers: no later file is before these.
  await Promise.all(held.map(({ sent }) => once(sent, 'continue')));
  for (const { sent } of held) sent.write('Park id,');
  // The one who sends slowly has no more room; another has.
  await expect.poll(async () => (await upload(csv())).body.code, WAIT).toBe('too_many_uploads');
  let asked = 0;
  let reading = true;
  const asking = (async () => {
    while (reading) {
      await get('/health/live');
      asked += 1;
    }
  })();
  const done = await upload(file, { type: XLSX, token, dryRun: true });
  reading = false;
  await asking;
  expect(done.body).toMatchObject({ wrongCount: 0, figures: { read: 4_900, new: 4_900 } });
  expect(asked).toBeGreaterThan(20);
  for (const { sent } of held) sent.destroy();
  await expect.poll(async () => (await upload(csv())).status, WAIT).toBe(200);
});
