import { describe, expect, it } from 'vitest';
import { at, main, NOW, PARK, REGISTER, startMeters } from './helpers.js';

const METER = { park: PARK, device: 'm-1', register: REGISTER };
const SWAP = { ...METER, ts: '2026-07-15T09:30:00+08:00', closing: 99_990, opening: 12.5, reason: '表坏了' };
const HOUR = 3_600_000;

type Service = Awaited<ReturnType<typeof startMeters>>;

/** Readings of m-1, one an hour from `from` on. */
async function read({ service }: Service, from: number, values: readonly number[], flag?: string) {
  const gateway = await service.gateway(`gw-${from}`, PARK);
  const client = await service.mqtt(gateway);
  await service.api(`/api/v1/devices/m-1`, { method: 'PUT', json: { gateway: `gw-${from}` } });
  const items = values.map((value, i) => ({
    ts: from + i * HOUR,
    values: { [REGISTER]: value },
    ...(flag && { flags: { [REGISTER]: flag } }),
  }));
  await client.publishAsync(`parks/${PARK}/energy/m-1/readings`, JSON.stringify(items), { qos: 1 });
}

const errorsOf = ([status, body]: [number, { errors?: { field: string }[] }]) => [
  status,
  body.errors?.map(({ field }) => field),
];

describe('a meter that was exchanged', () => {
  it('is recorded with what both showed, when, who and why; withdrawn, it is known as of before alone', async () => {
    const { send, service, time, token } = await startMeters();
    const operator = await token('operator', [PARK]);
    const [status, { by, ...swap }] = await send('POST', '/meters/swaps', { ...SWAP, source: '工单 17' }, operator);
    expect([status, swap]).toEqual([
      201,
      {
        ...{ ...METER, ts: SWAP.ts, closing: 99_990, opening: 12.5, unit: 'kWh', readingsKept: true },
        ...{ version: 1, recordedAt: '2026-08-03T10:00:00+08:00', source: '工单 17', reason: '表坏了' },
      },
    ]);
    const list = async (query = '') => (await service.get(`/api/v1/meters/swaps?park=${PARK}${query}`)).items;
    expect(await list()).toEqual([{ ...swap, by }]);
    expect(await list('&device=m-2')).toEqual([]);
    time.now = NOW + 1_000;
    expect(await send('DELETE', `/meters/swaps/${PARK}/1?reason=wrong`, undefined, operator)).toEqual([204, null]);
    expect(await list()).toEqual([]);
    expect(await list(`&asOf=${NOW}`)).toEqual([{ ...swap, by }]);
    expect(await list('&asOf=version:1')).toHaveLength(1);
    expect((await send('DELETE', `/meters/swaps/${PARK}/1?reason=wrong`))[1].code).toBe('unknown_swap');
    const { items } = await service.get(`/api/v1/audit?target=${encodeURIComponent(`${PARK}/m-1 ${REGISTER}`)}`);
    expect(
      items.map((one: { action: string; who: string; detail: object }) => [one.action, one.who, one.detail]),
    ).toEqual([
      [
        'meter_swap.withdraw',
        by,
        { reason: 'wrong', source: 'API', version: 2, ts: Date.parse(SWAP.ts), closing: 99_990, opening: 12.5 },
      ],
      [
        'meter_swap.record',
        by,
        { reason: '表坏了', source: '工单 17', version: 1, ts: Date.parse(SWAP.ts), closing: 99_990, opening: 12.5 },
      ],
    ]);
  });

  it('is refused beyond what the register can show, twice at a time, before it happens, of no meter', async () => {
    const { send, service } = await startMeters();
    const post = (more: object) => send('POST', '/meters/swaps', { ...SWAP, ...more });
    expect(errorsOf(await post({ closing: -1 }))).toEqual([422, ['body.closing']]);
    // The catalogue has the register roll over at 10^8.
    expect(errorsOf(await post({ closing: 1e308, opening: 1e9 }))).toEqual([422, ['body.closing', 'body.opening']]);
    expect(errorsOf(await post({ closing: '12' }))).toEqual([422, ['body.closing']]);
    expect(errorsOf(await post({ ts: NOW + 1 }))).toEqual([422, ['body.ts']]);
    expect(errorsOf(await post({ ts: `${NOW + 1}` }))).toEqual([422, ['body.ts']]);
    expect(errorsOf(await post({ reason: '' }))).toEqual([422, ['body.reason']]);
    expect(errorsOf(await post({ register: 'active_power_kw' }))).toEqual([422, ['body.register']]);
    expect(errorsOf(await post({ device: 'smoke-1' }))).toEqual([422, ['body.register']]);
    expect(errorsOf(await post({ park: 'nowhere' }))).toEqual([422, ['body.park']]);
    expect((await post({ device: 'm-9' }))[1].code).toBe('unknown_device');
    expect((await post({ device: 'elsewhere' }))[1].code).toBe('unknown_device');
    expect((await service.get('/api/v1/meters/swaps')).items).toEqual([]);
    expect((await post({}))[0]).toBe(201);
    expect(errorsOf(await post({ closing: 5 }))).toEqual([422, ['body.ts']]);
    // Another meter may be exchanged at that time, and one whose device is in the registry no more.
    expect((await post({ device: 'm-2' }))[0]).toBe(201);
    await send('DELETE', `/devices/m-3?park=${PARK}`);
    expect((await post({ device: 'm-3' }))[0]).toBe(201);
    expect((await service.get('/api/v1/meters/swaps')).items).toHaveLength(3);
  });
});

describe('readings that are voided', () => {
  it('are counted, as far as they are there and good; the raw ones stay', async () => {
    const service = await startMeters();
    const { send } = service;
    const from = at('2026-08-01T00:00:00');
    await read(service, from, [10, 11, 9_000, 13]);
    await read(service, from + 10 * HOUR, [20, 21], 'D');
    const body = { ...METER, from: `${from + HOUR}`, to: `${from + 3 * HOUR}`, reason: '跳变' };
    const dry = await send('POST', '/meters/voids?dryRun=true', body);
    expect(dry).toEqual([
      200,
      {
        ...METER,
        dryRun: true,
        ...{ from: '2026-08-01T01:00:00+08:00', to: '2026-08-01T03:00:00+08:00', readings: 2, voidedBefore: 0 },
      },
    ]);
    const one = { ...METER, ts: `${from + 2 * HOUR}`, reason: '跳变' };
    expect(await send('POST', '/meters/voids', one)).toMatchObject([201, { version: 1, readings: 1, voidedBefore: 0 }]);
    expect(await send('POST', '/meters/voids', body)).toMatchObject([
      201,
      { version: 2, readings: 2, voidedBefore: 1 },
    ]);
    expect((await send('POST', '/meters/voids', body))[1].code).toBe('already_voided');
    const { items } = await service.service.get('/api/v1/meters/voids');
    expect(items).toMatchObject([
      { version: 2, from: '2026-08-01T01:00:00+08:00', to: '2026-08-01T03:00:00+08:00', reason: '跳变' },
      { version: 1, from: '2026-08-01T02:00:00+08:00', to: '2026-08-01T02:00:00.001+08:00' },
    ]);
    const query = `device=m-1&metric=${REGISTER}&from=${from}&to=${from + DAY}`;
    expect(JSON.stringify(await service.service.get(`/api/v1/readings?${query}`))).toContain('9000');
    expect((await send('DELETE', `/meters/voids/${PARK}/2?reason=no`))[0]).toBe(204);
    expect((await send('DELETE', `/meters/voids/lc-juguang/1?reason=no`))[1].code).toBe('unknown_void');
    expect((await send('POST', '/meters/voids?dryRun=true', body))[1]).toMatchObject({ readings: 2, voidedBefore: 1 });
    const audit = await service.service.get('/api/v1/audit?action=meter_void.record');
    expect(audit.items[0].detail).toEqual({
      ...{ reason: '跳变', source: 'API', version: 2, from: from + HOUR, to: from + 3 * HOUR },
      ...{ readings: 2, voidedBefore: 1 },
    });
  });

  it('have to be there, in a time that has been, of a counter', async () => {
    const service = await startMeters();
    const from = at('2026-08-01T00:00:00');
    await read(service, from, [20, 21], 'D');
    await read(service, from + 5 * HOUR, [30]);
    const post = (more: object) => service.send('POST', '/meters/voids', { ...METER, reason: 'x', ...more });
    const none = await post({ from: `${from + 3 * HOUR}`, to: `${from + 5 * HOUR}` });
    expect([errorsOf(none), none[1].detail]).toEqual([[422, ['body.from']], expect.stringContaining('none to void')]);
    expect(errorsOf(await post({ from: `${from}`, to: `${from + 2 * HOUR}` }))).toEqual([422, ['body.from']]);
    expect(errorsOf(await post({ from: `${from + HOUR}`, to: `${from}` }))).toEqual([422, ['body.to']]);
    expect(errorsOf(await post({ from: `${from}`, to: `${NOW + 2 * HOUR}` }))).toEqual([422, ['body.to']]);
    expect(errorsOf(await post({ from: `${from - 370 * DAY}`, to: `${from}` }))).toEqual([422, ['body.to']]);
    expect(errorsOf(await post({ from: `${from}` }))).toEqual([422, ['body.ts']]);
    expect(errorsOf(await post({ ts: `${from}`, from: `${from}`, to: `${from + 1}` }))).toEqual([422, ['body.ts']]);
    expect(errorsOf(await post({ ts: `${from + 5 * HOUR}`, register: 'voltage_a_v' }))).toEqual([
      422,
      ['body.register'],
    ]);
    expect((await post({ ts: `${from + 5 * HOUR}`, device: 'm-9' }))[1].code).toBe('unknown_device');
    expect((await service.service.get('/api/v1/meters/voids')).items).toEqual([]);
    expect((await post({ ts: `${from + 5 * HOUR}` }))[0]).toBe(201);
  });
});

describe('the gap rules of a meter', () => {
  it('take the place of those before, all or none, and are there after a restart', async () => {
    const service = await startMeters();
    const { send, time } = service;
    const put = (rules: readonly object[], more: object = {}) =>
      send('PUT', '/meters/gap-rules', { ...METER, rules, reason: '节假日', ...more });
    const first = { from: '2026-01-01T00:00:00+08:00', longerThanS: 5_400.5, method: 'linear' };
    const second = { from: '2026-06-01T00:00:00+08:00', longerThanS: 7_200, method: 'same_hours_before' };
    const [status, { items }] = await put([second, first]);
    expect([status, items]).toMatchObject([200, [{ ...METER, ...first, version: 1, reason: '节假日' }, second]]);
    time.now = NOW + 1_000;
    expect((await put([second]))[1].items).toMatchObject([{ ...second, version: 1 }]);
    expect((await put([second]))[1].items).toHaveLength(1);
    const list = async (query = '') => (await service.service.get(`/api/v1/meters/gap-rules${query}`)).items;
    expect(await list(`?asOf=${NOW}`)).toEqual(items);
    expect(errorsOf(await put([first, first]))).toEqual([422, ['body.rules.1.from']]);
    expect(errorsOf(await put([first, { ...second, longerThanS: 0 }]))).toEqual([422, ['body.rules.1.longerThanS']]);
    expect(errorsOf(await put([{ ...first, method: 'mean' }]))).toEqual([422, ['body.rules.0.method']]);
    expect((await put([], { device: 'm-9' }))[1].code).toBe('unknown_device');
    expect(await list()).toMatchObject([second]);
    const { items: told } = await service.service.get('/api/v1/audit?action=meter_gap_rules.put');
    expect(told.map(({ detail }: { detail: object }) => detail)).toEqual([
      { reason: '节假日', source: 'API', version: 2, rules: 1, changed: 1 },
      { reason: '节假日', source: 'API', version: 1, rules: 2, changed: 2 },
    ]);
    const { dir, app } = service.service;
    await app.close();
    const again = await startMeters(dir);
    expect((await again.service.get('/api/v1/meters/gap-rules')).items).toMatchObject([second]);
  });
});

const DAY = 24 * HOUR;

describe('a correction of readings that are no longer kept', () => {
  it('says that it has no effect any more, beside what it was for too, and is not taken anew', async () => {
    const { send, service, time, put } = await startMeters(undefined, {}, { PARK_RAW_DAYS: '30' });
    await put([main('m-1', '2026-07-01T00:00:00')]);
    const swaps = async () => (await service.get(`/api/v1/meters/swaps?park=${PARK}`)).items;
    const consumed = (from: string) =>
      service.get(`/api/v1/consumption?park=${PARK}&carrier=electricity&from=${encodeURIComponent(`${from}+08:00`)}`);
    expect((await send('POST', '/meters/swaps', SWAP))[1].readingsKept).toBe(true);
    expect((await consumed('2026-07-01T00:00:00')).notApplied).toEqual([]);
    time.now = at('2026-08-14T09:30:00');
    expect((await swaps())[0].readingsKept).toBe(true);
    time.now += 1;
    expect((await swaps())[0].readingsKept).toBe(false);
    const { device, register } = METER;
    expect((await consumed('2026-07-01T00:00:00')).notApplied).toEqual([
      { what: 'swap', device, register, from: SWAP.ts, to: expect.stringContaining('2026-07-15T09:30:00.001') },
    ]);
    expect((await consumed('2026-08-01T00:00:00')).notApplied).toEqual([]);
    const again = await send('POST', '/meters/swaps', { ...SWAP, ts: '2026-07-14T00:00:00+08:00' });
    expect([errorsOf(again), again[1].errors[0].expected]).toEqual([
      [422, ['body.ts']],
      expect.stringContaining('no effect'),
    ]);
    const wrong = { ...METER, ts: '2026-07-14T00:00:00+08:00', reason: '错' };
    const refused = await send('POST', '/meters/voids', wrong);
    expect([errorsOf(refused), refused[1].errors[0].expected]).toEqual([
      [422, ['body.from']],
      expect.stringContaining('no effect'),
    ]);
  });
});
