import { describe, expect, it } from 'vitest';
import { at, main, PARK, REGISTER, startMeters, sub } from './meters/helpers.js';

const MAY = '2026-05-01T00:00:00';
const [FIRST, LAST] = [at(MAY), at('2026-08-03T09:30:00')];
const HALF_HOUR = 1_800_000;
const MODULUS = 100_000_000;

type Reading = readonly [ts: number, value: number];
/** Half-hourly readings of a register that counts `perHour` from `opening` on; what `shown` makes of each. */
const steady = (perHour: number, opening: number, shown: (value: number, ts: number) => number | null): Reading[] =>
  Array.from({ length: (LAST - FIRST) / HALF_HOUR + 1 }, (_, i): Reading | null => {
    const ts = FIRST + i * HALF_HOUR;
    const value = shown(opening + (i * perHour) / 2, ts);
    return value === null ? null : [ts, value];
  }).filter((one) => one !== null);

const SWAP = at('2026-07-15T12:10:00');
/** What the old register of m-2 showed when it was exchanged: ten minutes of 4 kWh an hour after its last reading. */
const CLOSING = 500 + ((at('2026-07-15T12:00:00') - FIRST) / HALF_HOUR) * 2 + 0.667;
const READINGS: Readonly<Record<string, readonly Reading[]>> = {
  // Rolls over in June.
  'm-1': steady(10, MODULUS - 9_000, (value) => (value >= MODULUS ? value - MODULUS : value)),
  'm-2': steady(4, 500, (value, ts) => (ts < SWAP ? value : Math.round((value - CLOSING + 5) * 1000) / 1000)),
  // A glitch, a reading that is too high but not beyond doubt, and four hours without any.
  'm-3': steady(4, 90_000, (value, ts) => {
    if (ts === at('2026-07-05T08:00:00')) return 9_000_000;
    if (ts === at('2026-07-10T10:00:00')) return value + 3;
    return ts > at('2026-07-20T22:00:00') && ts < at('2026-07-21T02:00:00') ? null : value;
  }),
  'm-4': steady(1, 7, (value) => value),
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
type Answer = any;

describe('GET /consumption', () => {
  let setup: Awaited<ReturnType<typeof startMeters>>;
  let publish: (device: string, readings: readonly Reading[]) => Promise<void>;
  const ask = async (query: string): Promise<Answer> => {
    const [status, body] = await setup.send('GET', `/consumption?carrier=electricity&${query}`);
    expect([query, status, body.detail]).toEqual([query, 200, undefined]);
    return body;
  };
  const july = 'from=2026-07-01T00:00:00%2B08:00&to=2026-08-01T00:00:00%2B08:00';
  const ofDays = (from: string, to: string) =>
    `every=day&from=2026-07-${from}T00:00:00%2B08:00&to=2026-07-${to}T00:00:00%2B08:00`;
  const amounts = (answer: Answer) => answer.rows.map((row: Answer) => row.amount);

  it('tells what parks, enterprises and meters consumed, whatever befell their registers', async () => {
    setup = await startMeters();
    const { service, send, put } = setup;
    const client = await service.mqtt(await service.gateway('gw-1', PARK));
    publish = async (device, readings) => {
      for (let i = 0; i < readings.length; i += 200) {
        const items = readings.slice(i, i + 200).map(([ts, value]) => ({ ts, values: { [REGISTER]: value } }));
        await client.publishAsync(`parks/${PARK}/energy/${device}/readings`, JSON.stringify(items), { qos: 1 });
      }
    };
    for (const [device, readings] of Object.entries(READINGS)) await publish(device, readings);
    const enterprise = (id: string) => ({ owner: { kind: 'enterprise', id } });
    const [status, tree] = await put([
      main('m-1', MAY),
      sub('m-2', 'm-1', MAY),
      sub('m-3', 'm-1', MAY),
      sub('m-4', 'm-1', MAY, { ...enterprise('e-1'), to: '2026-07-16T00:00:00+08:00' }),
      sub('m-4', 'm-1', '2026-07-16T00:00:00', enterprise('e-2')),
    ]);
    expect([status, tree.errors]).toEqual([200, undefined]);

    // A roll-over in June; a year is exactly the sum of its months, of its days, of its hours.
    const year = 'from=2026-01-01T00:00:00%2B08:00&to=2026-12-31T00:00:00%2B08:00';
    const months = await ask(`park=${PARK}&${year}`);
    // Of August, two days and nine and a half hours.
    expect(amounts(months)).toEqual([0, 0, 0, 0, 7440, 7200, 7440, 575, 0, 0, 0, 0]);
    expect(months).toMatchObject({ unit: 'kWh', timeZone: 'Asia/Shanghai', every: 'month', asOf: null });
    expect(months.rows[6]).toMatchObject({
      from: '2026-07-01T00:00:00+08:00',
      ...{ measured: 7440, estimated: 0, filled: 0, completeness: 1, known: 1 },
      parts: [{ device: 'm-1', register: REGISTER, sign: 1, amount: 7440 }],
    });
    const thousandths = (answer: Answer) =>
      amounts(answer).reduce((sum: number, one: number) => sum + Math.round(one * 1000), 0);
    const whole = thousandths(await ask(`park=${PARK}&${year}&every=year`));
    expect(thousandths(months)).toBe(whole);
    expect(thousandths(await ask(`park=${PARK}&${year}&every=day`))).toBe(whole);
    expect(months.total.amount * 1000).toBe(whole);

    // A glitch and its recovery change nothing.
    const glitched = await ask(`device=m-3&${ofDays('04', '07')}`);
    expect(amounts(glitched)).toEqual([96, 96, 96]);

    // A meter moved in mid-month counts for its old place until then.
    expect((await ask(`enterprise=e-1&park=${PARK}&${july}`)).rows[0]).toMatchObject({
      amount: 15 * 24,
      parts: [{ device: 'm-4', to: '2026-07-16T00:00:00+08:00', sign: 1 }],
    });
    expect(amounts(await ask(`enterprise=e-2&${july}`))).toEqual([16 * 24]);

    // A swap in mid-month.
    const swapped = await send('POST', '/meters/swaps', {
      ...{
        park: PARK,
        device: 'm-2',
        register: REGISTER,
        ts: '2026-07-15T12:10:00+08:00',
        closing: CLOSING,
        opening: 5,
        reason: '换表',
      },
    });
    expect([swapped[0], swapped[1].errors]).toEqual([201, undefined]);
    const [second] = (await ask(`device=m-2&${july}`)).rows;
    expect([second.amount, second.measured, second.completeness]).toEqual([2976, 2976, 1]);
    expect(amounts(await ask(`device=m-2&${ofDays('14', '17')}`))).toEqual([96, 96, 96]);

    // A reading that is too high moves consumption to its hour, until it is voided.
    const hours = 'every=hour&from=2026-07-10T09:00:00%2B08:00&to=2026-07-10T12:00:00%2B08:00';
    expect(amounts(await ask(`device=m-3&${hours}`))[0]).toBeGreaterThan(4);
    const voided = await send('POST', '/meters/voids', {
      ...{ park: PARK, device: 'm-3', register: REGISTER, ts: '2026-07-10T10:00:00+08:00', reason: '误读' },
    });
    expect([voided[0], voided[1].errors]).toEqual([201, undefined]);
    expect(amounts(await ask(`device=m-3&${hours}`))).toEqual([4, 4, 4]);

    // A late reading corrects two past days at once.
    expect(amounts(await ask(`device=m-3&${ofDays('20', '22')}`))).toEqual([88, 104]);
    const late = READINGS['m-3']!.find(([ts]) => ts === at('2026-07-20T22:00:00'))![1] + 8;
    await publish('m-3', [[at('2026-07-21T00:00:00'), late]]);
    const corrected = await ask(`device=m-3&${ofDays('20', '22')}`);
    expect(amounts(corrected)).toEqual([96, 96]);
    expect(corrected.rows[0].completeness).toBe(1);

    // Losses: 10 kWh an hour come in, 9 are measured below.
    const { losses } = await ask(`park=${PARK}&${july}`);
    expect(losses).toMatchObject([
      { device: 'm-1', supply: 7440, subs: 6696, amount: 744, share: 0.1, comparedHours: 744, verdict: 'above_share' },
    ]);

    // CSV says the same.
    const csv = await service.api(`/api/v1/consumption?park=${PARK}&carrier=electricity&${july}&parts=true`, {
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect((await csv.text()).split('\r\n')).toEqual([
      'from,to,park,enterprise,device,register,sign,carrier,unit,amount,measured,estimated,filled,metered,completeness,known',
      `2026-07-01T00:00:00+08:00,2026-08-01T00:00:00+08:00,${PARK},,,,,electricity,kWh,7440,7440,0,0,0,1,1`,
      `2026-07-01T00:00:00+08:00,2026-08-01T00:00:00+08:00,${PARK},,m-1,${REGISTER},1,electricity,kWh,7440,7440,0,0,0,1,1`,
      '',
    ]);

    // What is wrong is named.
    const refused = async (query: string) => {
      const [code, body] = await send('GET', `/consumption?${query}`);
      return [code, body.code, body.errors?.[0]?.field];
    };
    expect(await refused(`park=${PARK}&${july}`)).toEqual([422, 'invalid_request', 'query.carrier']);
    const electricity = `carrier=electricity&${july}`;
    expect(await refused(electricity)).toEqual([422, 'invalid_request', 'query.park']);
    expect(await refused(`${electricity}&park=nowhere`)).toEqual([404, 'unknown_park', undefined]);
    expect(await refused(`${electricity}&park=${PARK}&enterprise=e-9`)).toEqual([404, 'unknown_enterprise', undefined]);
    expect(await refused(`${electricity}&device=ww-1`)).toEqual([404, 'unknown_meter', undefined]);
    expect(await refused(`${electricity}&device=m-1&enterprise=e-1`)).toEqual([422, 'invalid_request', 'query.device']);
    expect(await refused(`${electricity}&park=${PARK}&register=x`)).toEqual([422, 'invalid_request', 'query.device']);
    expect(await refused(`carrier=electricity&park=${PARK}&every=hour&from=2020-01-01T00:00:00Z`)).toEqual([
      ...[422, 'too_many_windows', undefined],
    ]);
    expect(await refused(`carrier=electricity&park=${PARK}&from=2026-07-01T00:00:00Z&to=2026-06-01T00:00:00Z`)).toEqual(
      [...[422, 'invalid_request', 'query.from']],
    );
    const viewer = await setup.token('viewer', ['lc-juguang']);
    const foreign = await send('GET', `/consumption?${electricity}&park=${PARK}`, undefined, viewer);
    expect([foreign[0], foreign[1].code]).toEqual([404, 'unknown_park']);
  }, 120_000);

  it('says clearly that history cannot be read', async () => {
    const { send, put } = await startMeters(
      undefined,
      {},
      { PARK_HISTORIAN: 'influxdb', INFLUX_URL: 'http://127.0.0.1:9', INFLUX_API: 'v1' },
    );
    expect((await put([main('m-1', MAY)]))[0]).toBe(200);
    const [status, body] = await send('GET', `/consumption?carrier=electricity&park=${PARK}&${july}`);
    expect([status, body.code]).toEqual([503, 'historian_unavailable']);
  });
});
