import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { tempDir } from '../../helpers/temp.js';
import { WORKER } from '../historian/worker-thread/spine.js';
import { startHttp } from './docs-service.js';
import { ADMIN, NOW } from './readings/service.js';

const PARK = 'oh-diandu';
const METER = { park: PARK, device: 'd-meter', register: 'import_energy_kwh' };
const RANGE = `from=${NOW - 3_600_000}&to=${NOW}`;
const LATE = NOW - 90_000;
const LATE_TEXT = '2026-11-23T11:58:30+08:00';
/** Longer than figures of the 5 % answer again. */
const LATER_MS = 20 * 60_000;
const CSV = { accept: 'text/csv' };

type Call = readonly [path: string, more?: { readonly headers?: Record<string, string>; readonly payload?: object }];

/** Every operation whose answer rests on the historian, in each of its forms. */
const operations = (rule: object): Readonly<Record<string, readonly Call[]>> => ({
  'GET /api/v1/readings': [
    [`/readings?device=d-meter&metric=import_energy_kwh&${RANGE}`],
    [`/readings?device=d-meter&${RANGE}`],
    [`/readings?device=d-meter&metric=import_energy_kwh&${RANGE}&versions=all`],
    [`/readings?device=d-meter&metric=import_energy_kwh&${RANGE}&every=15m&fn=mean`],
    [`/readings?device=d-meter&metric=import_energy_kwh&${RANGE}`, { headers: CSV }],
    [
      `/readings?device=d-meter&metric=import_energy_kwh&${RANGE}`,
      { headers: { accept: 'application/vnd.apache.parquet' } },
    ],
  ],
  'GET /api/v1/latest': [['/latest'], ['/latest?device=d-meter']],
  'GET /api/v1/consumption': [
    [`/consumption?park=${PARK}&carrier=electricity&${RANGE}`],
    [`/consumption?device=d-meter&carrier=electricity&${RANGE}`, { headers: CSV }],
  ],
  'GET /api/v1/intensity': [
    [`/intensity?scope=park:${PARK}`],
    ['/intensity?scope=city'],
    [`/intensity?scope=park:${PARK}`, { headers: CSV }],
  ],
  'GET /api/v1/intensity/report': [[`/intensity/report?scope=park:${PARK}`]],
  'GET /api/v1/intensity/ranking': [['/intensity/ranking'], ['/intensity/ranking', { headers: CSV }]],
  'GET /api/v1/intensity/scorecard': [['/intensity/scorecard?scope=city']],
  'GET /api/v1/alarms/{id}/explanation': [[`/alarms/smoke-alarm:d-smoke/explanation?${RANGE}`]],
  'POST /api/v1/alarm-rules/dry-run': [
    ['/alarm-rules/dry-run', { payload: { rule, from: `${NOW - 3_600_000}`, to: `${NOW}`, devices: ['d-smoke'] } }],
  ],
  'POST /api/v1/meters/voids': [
    ['/meters/voids?dryRun=true', { payload: { ...METER, ts: `${NOW}`, reason: 'wrong' } }],
  ],
});

/** The service with two devices; its historian gives up waiting at each question while `behind`. */
async function startBehind() {
  const folder = tempDir();
  const flag = join(folder, 'behind');
  const thread = join(folder, 'thread.mjs');
  writeFileSync(
    thread,
    `import { existsSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ type }) => {
       if (type === 'ask' && existsSync(${JSON.stringify(flag)}))
         parentPort.postMessage({ type: 'late', appliedSeq: 0, receivedTo: ${LATE} });
     });
     await import(${JSON.stringify(WORKER.href)});`,
  );
  const http = await startHttp(pathToFileURL(thread));
  await http.registry.createGateway({ id: 'gw-1', park: PARK, name: 'gw-1' }, 'test');
  const say = (topic: string, values: object) =>
    http.ingest.accept({
      ...{ gateway: 'gw-1', park: PARK, topic: `parks/${PARK}/${topic}/readings` },
      payload: Buffer.from(JSON.stringify({ ts: NOW, values })),
    });
  await say('energy/d-meter', { import_energy_kwh: 7 });
  await say('fire/d-smoke', { smoke_alarm: 0 });
  await http.historian.caughtUp(http.journal.head());
  const send = async (method: string, path: string, { headers, payload }: NonNullable<Call[1]> = {}) => {
    const answer = await fetch(`${http.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, ...(payload && { 'content-type': 'application/json' }), ...headers },
      ...(payload && { body: JSON.stringify(payload) }),
    });
    return { status: answer.status, mark: answer.headers.get('history-complete-through'), body: await answer.text() };
  };
  /** Figures that are read for the first time answer 503 for a moment. */
  const marked = async (method: string, [path, more]: Call) => {
    for (;;) {
      const { status, mark, body } = await send(method, path, more);
      if (status === 503 && body.includes('computing')) continue;
      expect(status, `${path}: ${body}`).toBe(200);
      return mark;
    }
  };
  const version = { ...METER, park: undefined, carrier: 'electricity', role: 'main', from: '2026-01-01T00:00:00Z' };
  const put = await send('PUT', `/meters/${PARK}`, { payload: { reason: 'built', versions: [version] } });
  expect(put.status, put.body).toBeLessThan(300);
  const worth = { subject: `park:${PARK}`, period: '2025', status: 'final' };
  const entries = [{ ...worth, figure: { kind: 'level', price: 'current', amount: 7 } }];
  const told = await send('PUT', '/statistics', { payload: { source: 'a file', entries } });
  expect(told.status, told.body).toBeLessThan(300);
  const shipped = await send('GET', '/alarm-rules/smoke-alarm');
  const { by: _by, at: _at, origin: _origin, version: _version, ...rule } = JSON.parse(shipped.body);
  return {
    ...{ http, marked, send },
    rule: { ...rule, id: 'new-rule', family: 'new-rule' },
    setBehind: (behind: boolean) => (behind ? writeFileSync(flag, '') : rmSync(flag, { force: existsSync(flag) })),
  };
}

it('every answer that rests on the historian says up to when it is complete, and so do its documents', async () => {
  const { http, marked, send, rule, setBehind } = await startBehind();
  const all = operations(rule);
  const marksOf = async () => {
    const marks: [call: string, mark: unknown][] = [];
    for (const [operation, calls] of Object.entries(all)) {
      const [method = ''] = operation.split(' ');
      for (const call of calls) {
        marks.push([`${method} ${call[0]} ${JSON.stringify(call[1]?.headers)}`, await marked(method, call)]);
      }
    }
    return marks;
  };
  const expected = (mark: string | null, marks: [string, unknown][]) => marks.map(([call]) => [call, mark]);

  const whole = await marksOf();
  expect(whole).toEqual(expected(null, whole));

  setBehind(true);
  http.time.now += LATER_MS;
  const behind = await marksOf();
  expect(behind).toEqual(expected(LATE_TEXT, behind));

  // Figures that were read meanwhile and answer again keep their mark; all else is whole at once.
  setBehind(false);
  const after = await marksOf();
  const kept = /\/intensity(\?|\/report|\/ranking)/;
  expect(after).toEqual(after.map(([call]) => [call, kept.test(call) ? LATE_TEXT : null]));
  http.time.now += LATER_MS;
  const again = await marksOf();
  expect(again).toEqual(expected(null, again));

  const documents = (await (await http.get('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { description?: string }>>;
  };
  const named = Object.entries(documents.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { description }]) => description?.includes('History-Complete-Through'))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  expect(named.sort()).toEqual(Object.keys(all).sort());

  // What rests on other things alone carries no mark, whatever the historian does.
  setBehind(true);
  for (const path of ['/parks', '/devices', '/alarms', '/alarm-kpis', '/meters/voids', '/statistics']) {
    const { status, mark } = await send('GET', path);
    expect([path, status, mark]).toEqual([path, 200, null]);
  }
});
