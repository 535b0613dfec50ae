import { describe, expect, it } from 'vitest';
import { OTHER_PARK, PARK, SUBJECT, startService } from '../statistics/service.js';

const bill = (extra: object = {}) => ({
  ...{ owner: SUBJECT, carrier: 'electricity', from: '2024-01-01', through: '2024-01-31', amount: 1200.5, unit: 'kWh' },
  ...extra,
});
const PATH = '/statistics/bills';

describe('bills of utilities', () => {
  it('stand with who, when and why, are revised and withdrawn without losing what was', async () => {
    const { put, get, send } = await startService();
    const first = await put({ source: '电费单.pdf', bills: [bill(), bill({ account: '户2' })] }, PATH);
    expect([first.status, first.body.version, first.body.bills.length]).toEqual([200, 1, 2]);
    expect(first.body.bills[0].after.use).toEqual({ days: 31, billedDays: 31, meteredDays: 0, isSpread: false });
    const again = await put({ source: 'x', bills: [bill()] }, PATH);
    expect(again.body).toMatchObject({ version: 1, unchanged: 1, bills: [] });
    const revised = await put(
      { source: 'b', reason: '更正', bills: [bill({ amount: 1300, through: '2024-02-15' })] },
      PATH,
    );
    expect(revised.body.bills[0]).toMatchObject({ before: { amount: 1200.5, version: 1 }, after: { amount: 1300 } });
    expect(revised.body.bills[0].after.use).toMatchObject({ days: 46, isSpread: true });
    const { body } = await get(`${PATH}?owner=${SUBJECT}`);
    expect(body.items).toMatchObject([
      { account: '', amount: 1300, version: 2, source: 'b', reason: '更正' },
      { account: '户2', version: 1 },
    ]);
    expect((await get(`${PATH}?asOf=version:1`)).body.items[0].amount).toBe(1200.5);
    const query = `owner=${SUBJECT}&carrier=electricity&from=2024-01-01&source=x&reason=y`;
    expect((await send('DELETE', `${PATH}?${query}&basedOn=1`)).status).toBe(409);
    expect((await send('DELETE', `${PATH}?${query}`)).body).toMatchObject({ version: 3, withdrawn: { amount: 1300 } });
    expect((await send('DELETE', `${PATH}?${query}`)).status).toBe(404);
    expect((await get('/audit?action=bills.put')).body.items).toHaveLength(2);
  });

  it('say how many of their days a meter counts already', async () => {
    const { put, send } = await startService();
    await send('PUT', '/devices/m-1', { park: PARK, domain: 'energy', enterprise: 'e-1' });
    const version = {
      ...{ device: 'm-1', register: 'import_energy_kwh', carrier: 'electricity', role: 'main' },
      ...{ from: '2024-01-21T00:00:00+08:00', owner: { kind: 'enterprise', id: 'e-1' } },
    };
    expect((await send('PUT', `/meters/${PARK}`, { versions: [version], reason: '登记' })).status).toBe(200);
    const { body } = await put({ source: 'x', bills: [bill(), bill({ carrier: 'steam', unit: 't' })] }, PATH);
    expect(body.bills.map((one: { after: { use: object } }) => one.after.use)).toEqual([
      { days: 31, billedDays: 20, meteredDays: 11, isSpread: true },
      { days: 31, billedDays: 31, meteredDays: 0, isSpread: false },
    ]);
  });

  it.each([
    ['owner', { owner: `enterprise:${PARK}/e-9` }],
    ['through', { through: '2027-01-31', from: '2027-01-01' }],
    ['through', { through: '2023-12-31' }],
    ['through', { through: '2025-06-01' }],
    ['from', { from: '2024-02-30', through: '2024-03-01' }],
    ['amount', { amount: -1 }],
    ['amount', { amount: 1e308 }],
    ['unit', { unit: 't' }],
    ['from', { from: '2024-03-15', through: '2024-04-14' }],
  ])('that cannot be are named and nothing is written: %s %j', async (field, wrong) => {
    const { put, get } = await startService();
    expect(
      (await put({ source: 'x', bills: [bill({ from: '2024-04-01', through: '2024-04-30' })] }, PATH)).status,
    ).toBe(200);
    const answer = await put(
      { source: 'x', bills: [bill(), bill({ account: '', from: '2024-02-01', through: '2024-02-29' }), bill(wrong)] },
      PATH,
    );
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(`body.bills.2.${field}`);
    expect((await get(PATH)).body.version).toBe(1);
  });

  it('twice in one request are named, and a dry run writes nothing', async () => {
    const { put, get } = await startService();
    const twice = [bill(), bill({ through: '2024-01-15' }), bill({ from: '2024-01-20' })];
    const dry = await put({ source: 'x', bills: twice }, `${PATH}?dryRun=true`);
    expect([dry.status, dry.body.errors.map((one: { field: string }) => one.field)]).toEqual([
      200,
      ['body.bills.0.from', 'body.bills.1.from', 'body.bills.2.from'],
    ]);
    // What cannot be taken has no effect.
    expect(dry.body.effects).toEqual({ computed: true, items: [] });
    expect((await get(PATH)).body.version).toBe(0);
  });

  it('are written by operators of the park alone', async () => {
    const { put, get, token } = await startService();
    const [own, other, viewer] = [
      await token('operator', { parks: [PARK] }),
      await token('operator', { parks: [OTHER_PARK] }),
      await token('viewer', { parks: [PARK] }),
    ];
    const body = { source: 'x', bills: [bill()] };
    expect((await put(body, PATH, viewer)).status).toBe(403);
    expect((await put(body, PATH, other)).status).toBe(422);
    expect((await put(body, PATH, own)).status).toBe(200);
    expect((await get(PATH, other)).body.items).toEqual([]);
    expect((await get(PATH, viewer)).body.items).toHaveLength(1);
  });
});
