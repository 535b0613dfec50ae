import { expect, it } from 'vitest';
import { NOW, PARK, startMeters } from './helpers.js';

const LIMITS = { maxShare: 0.08, toleranceShare: 0.01, minCompleteness: 0.95 };
const DEFAULTS = { maxShare: 0.05, toleranceShare: 0.02, minCompleteness: 0.9 };

it('limits of losses are those of the park, marked defaults before, and known as of then', async () => {
  const { send, service, time, token } = await startMeters();
  const operator = await token('operator', [PARK]);
  const list = async (query = '') => (await service.get(`/api/v1/meters/loss-limits?park=${PARK}${query}`)).items;
  const shown = async (query = '') =>
    (await service.get(`/api/v1/consumption?park=${PARK}&carrier=electricity&from=${NOW - 86_400_000}${query}`))
      .lossLimits;
  expect(await list()).toEqual([{ park: PARK, limits: DEFAULTS, origin: 'default', mark: 'M', recorded: null }]);
  expect(await shown()).toEqual(DEFAULTS);
  expect((await service.get('/api/v1/meters/loss-limits?limit=100')).items).toHaveLength(17);

  time.now = NOW + 1_000;
  const body = { park: PARK, limits: LIMITS, reason: '线路长', source: '会议纪要' };
  const [status, { recorded, ...put }] = await send('PUT', '/meters/loss-limits', body, operator);
  expect([status, put]).toEqual([200, { park: PARK, limits: LIMITS, origin: 'recorded', mark: null }]);
  expect(recorded).toMatchObject({ version: 1, source: '会议纪要', reason: '线路长' });
  // The same again says nothing new.
  expect((await send('PUT', '/meters/loss-limits', body, operator))[1].recorded.version).toBe(1);
  time.now = NOW + 2_000;
  expect([await shown(), await shown(`&asOf=${NOW}`)]).toEqual([LIMITS, DEFAULTS]);
  expect((await list(`&asOf=${NOW}`))[0].limits).toEqual(DEFAULTS);
  expect((await list('&asOf=version:1'))[0].limits).toEqual(LIMITS);
  const { items } = await service.get(`/api/v1/audit?action=meter_loss_limits.put`);
  expect(items).toMatchObject([{ target: PARK, who: recorded.by, detail: { limits: LIMITS, version: 1 } }]);

  await send('PUT', '/meters/loss-limits', { ...body, limits: null }, operator);
  expect((await list())[0]).toMatchObject({ limits: DEFAULTS, origin: 'default' });
});

it('limits that make no sense, of another park, or by who only reads, are refused', async () => {
  const { send, token } = await startMeters();
  const put = (limits: object, who?: string, park = PARK) =>
    send('PUT', '/meters/loss-limits', { park, limits, reason: 'x' }, who);
  const [status, { errors }] = await put({ maxShare: 0, toleranceShare: -0.1, minCompleteness: 1.1 });
  expect([status, errors.map(({ field }: { field: string }) => field)]).toEqual([
    422,
    ['body.limits.maxShare', 'body.limits.toleranceShare', 'body.limits.minCompleteness'],
  ]);
  expect((await put({ ...LIMITS, maxShare: 1 }))[0]).toBe(422);
  expect((await put(LIMITS, await token('viewer', [PARK])))[0]).toBe(403);
  expect((await put(LIMITS, await token('operator', [PARK]), 'lc-xiedu-1'))[1].errors[0].field).toBe('body.park');
  expect((await put(LIMITS, undefined, 'nowhere'))[0]).toBe(422);
});
