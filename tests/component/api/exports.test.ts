import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { parse } from 'csv-parse/sync';
import type { FastifyInstance } from 'fastify';
import { readXlsx } from 'hucre/xlsx';
import { expect, it, onTestFinished } from 'vitest';
import { type ExportCell, exportAnswers, MAX_EXPORT_CELLS, title } from '../../../src/api/exports.js';
import { OpenQueries } from '../../../src/http/open-queries.js';
import { FilesInThreads } from '../../../src/intensity/upload/files.js';
import { ADMIN, START, startApi } from './helpers.js';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const auth = { authorization: `Bearer ${ADMIN}` };

/** A service that exports one table, as every resource does, beside its other routes. */
async function exporting(rows: readonly (readonly ExportCell[])[]) {
  const statisticsFiles = new FilesInThreads(new URL('../../../dist/src/intensity/upload/thread.js', import.meta.url));
  const queries = new OpenQueries();
  const answers = exportAnswers({ statisticsFiles, queries, timeZone: 'Asia/Shanghai', clock: () => START });
  const responses: ServerResponse[] = [];
  const columns = (rows[0] ?? []).map((_, i) => title(`列 ${i}`, `Column ${i}`));
  const routes = (app: FastifyInstance) =>
    app.get('/export', { config: { access: ['viewer'] } }, async (request, reply) => {
      responses.push(reply.raw);
      const type = answers.typeOf(request) === XLSX ? XLSX : 'text/csv';
      const table = { id: 'one', title: title('表', 'Table'), columns, rows };
      return answers.send(request, reply, type, 'en', { name: 'test', about: [], tables: [table], csv: 'one' });
    });
  const api = await startApi({ routes });
  onTestFinished(() => statisticsFiles.close());
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const get = (accept: string) => fetch(`${url}/export`, { headers: { ...auth, accept } });
  return { ...api, url, get, queries, responses, port: (api.app.server.address() as AddressInfo).port };
}

const sheetOf = async (answer: Response) => {
  const { sheets } = await readXlsx(new Uint8Array(await answer.arrayBuffer()));
  return sheets.find(({ name }) => name === 'Table')!.rows;
};

it('makes a workbook of 400,000 cells, and says what to do about one more row', async () => {
  expect(MAX_EXPORT_CELLS).toBe(400_000);
  const width = 100;
  const row = Array.from({ length: width }, (_, i) => i);
  const most = await exporting(Array(MAX_EXPORT_CELLS / width).fill(row));
  const rows = await sheetOf(await most.get(XLSX));
  expect([rows.length - 1, rows.at(-1)]).toEqual([4_000, row]);

  const beyond = await exporting(Array(MAX_EXPORT_CELLS / width + 1).fill(row));
  const refused = await beyond.get(XLSX);
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    ...{ code: 'result_too_large', limit: 400_000 },
    detail: 'the workbook would have 400100 cells, 400000 at most: ask for less, or for CSV',
  });
  const csv = parse(await (await beyond.get('text/csv')).text(), { bom: true });
  expect(csv).toHaveLength(4_002);
});

it('makes files for others when one token has as many as it may', async () => {
  const files = new FilesInThreads(new URL('../../../dist/src/intensity/upload/thread.js', import.meta.url));
  onTestFinished(() => files.close());
  const make = (by?: string) => files.workbook([{ name: 'One', rows: [['a', 1]], textColumns: [] }], by);
  const greedy = Array.from({ length: 4 }, () => make('greedy'));
  await expect(make('greedy')).rejects.toMatchObject({ name: 'TooManyFilesError' });
  const others = [make('modest'), make('other'), make(), make()];
  await expect(make('late')).rejects.toMatchObject({ name: 'TooManyFilesError' });
  for (const file of await Promise.all([...greedy, ...others])) expect(file.length).toBeGreaterThan(1_000);
  expect((await make('greedy')).length).toBeGreaterThan(1_000);
});

it('keeps integers beyond 15 digits, and texts that look like numbers or formulas, digit by digit', async () => {
  const cells = [
    ...[999_999_999_999_999, 1e15, -1e15, 1_000_000_000_000_001, Number.MAX_SAFE_INTEGER, 2 ** 60, 1e21],
    ...[1_234_567_890_123_456_789n, -9_007_199_254_740_993n, 0.1, 1e-7, '0012', '=1+1', '1234567890123456789', null],
  ];
  const { get } = await exporting([cells]);
  const texts = [
    ...['999999999999999', '1000000000000000', '-1000000000000000', '1000000000000001', '9007199254740991'],
    ...['1152921504606846976', '1000000000000000000000', '1234567890123456789', '-9007199254740993', '0.1', '1e-7'],
    ...['0012', '=1+1', '1234567890123456789', ''],
  ];
  const [, csv] = parse(await (await get('text/csv')).text(), { bom: true }) as string[][];
  const unescaped = csv!.map((text) => text.replace(/^'/, ''));
  expect(unescaped.map((text, i) => (cells[i] === 1e-7 ? String(Number(text)) : text))).toEqual(texts);
  const [, row] = await sheetOf(await get(XLSX));
  const found = cells.map((_, i) => row?.[i] ?? null);
  // What a spreadsheet would round is text; what it holds exactly is a number.
  expect(found.map((cell) => typeof cell)).toEqual([
    ...['number', ...Array(6).fill('string'), 'string', 'string', 'number', 'number', 'string', 'string', 'string'],
    'object',
  ]);
  expect(found.map((cell) => (cell === null ? '' : String(cell)))).toEqual(texts);
});

it('holds little for a reader that takes nothing, and serves the others meanwhile', async () => {
  // Some 30 MB of CSV.
  const rows = Array.from({ length: 60_000 }, (_, i) => [i, 'x'.repeat(500)]);
  const { port, url, responses, queries } = await exporting(rows);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /export HTTP/1.1\r\nhost: park\r\naccept: text/csv\r\nauthorization: ${auth.authorization}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  const [response] = responses;
  // The kernel's buffers fill first; each answer to somebody else is a turn in which more could be written.
  const others = async () => {
    const answer = await fetch(`${url}/api/v1/parks`, { headers: auth });
    return [answer.status, ((await answer.json()) as { items: unknown[] }).items.length];
  };
  const turns = 2_000;
  let [turn, still] = [0, 0];
  for (let before = -1; turn < turns && still < 20; turn += 1) {
    expect(await others()).toEqual([200, 17]);
    const written = socket.bytesRead + (response!.socket?.bytesWritten ?? 0);
    still = written === before ? still + 1 : 0;
    before = written;
  }
  expect(still).toBe(20);
  expect(response!.writableFinished).toBe(false);
  expect(response!.writableLength).toBeLessThan(1024 * 1024);
  expect(queries.stats.running).toBe(1);
  // Another reader has the whole meanwhile.
  const whole = await (await fetch(`${url}/export`, { headers: { ...auth, accept: 'text/csv' } })).text();
  expect(whole.split('\r\n')).toHaveLength(rows.length + 2);
  socket.destroy();
  await once(response!, 'close');
  expect(queries.stats).toMatchObject({ running: 0, aborted: 1 });
});
