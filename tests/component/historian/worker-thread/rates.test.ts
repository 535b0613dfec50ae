import { describe, expect, it } from 'vitest';
import { testApp } from '../../../helpers/app.js';
import { influxEnv } from '../../../helpers/influx/engine.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { eventually, PARK } from './influx.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KWH = 'import_energy_kwh';
/** A meter of 1.6 kWh/h whose second reading shows 300 kWh too much, and a load of 2,000 kWh/h. */
const METERS = {
  small: (i: number) => 10 + i * 0.5 + (i === 1 ? 300 : 0),
  big: (i: number) => 1000 + i * 500,
};
const READINGS = 40;

/** The service with both meters' readings, all of them rolled up. */
async function metered(env: Record<string, string> = {}) {
  const service = await testApp(env);
  const { api, get } = service;
  const client = await service.mqtt(await service.gateway('gw-1', PARK));
  const from = Math.floor((Date.now() - 14 * HOUR) / HOUR) * HOUR;
  for (const [device, shown] of Object.entries(METERS)) {
    const items = Array.from({ length: READINGS }, (_, i) => ({
      ts: from + i * 15 * MINUTE,
      values: { [KWH]: shown(i) },
    }));
    await client.publishAsync(`parks/${PARK}/energy/${device}/readings`, JSON.stringify(items), { qos: 1 });
  }
  const windows = async (device: string, every: string): Promise<number[]> => {
    const asked = `device=${device}&metric=${KWH}&from=${from}&to=${from + DAY}&every=${every}&fn=delta`;
    const { series } = await get(`/api/v1/readings?${asked}`);
    return series[0].points.map(({ value }: { value: number }) => value);
  };
  await eventually(async () => {
    const text = await (await api('/metrics')).text();
    const rolledTo = Number(/^park_rollups_to_seconds (\S+)$/m.exec(text)?.[1]);
    expect(rolledTo * 1_000).toBeGreaterThanOrEqual(from + 11 * HOUR);
  });
  return {
    windows,
    /** Sums from roll-ups and from readings must be the same. */
    async total(device: string): Promise<number> {
      const [byHour, byQuarter] = [sum(await windows(device, '1h')), sum(await windows(device, '15m'))];
      expect(byQuarter).toBeCloseTo(byHour, 6);
      return byHour;
    },
    async register(device: string, maxRates: Record<string, number> | null) {
      const answer = await api(`/api/v1/devices/${device}`, { method: 'PUT', json: { maxRates } });
      expect(answer.status).toBe(200);
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function followsRates(env: () => Record<string, string>): void {
  it('counts no glitch beyond a meter’s registered rate, in totals of the past too, until it is taken back', async () => {
    const { total, register } = await metered(env());
    const learned = await total('small');
    expect(learned).toBeGreaterThan(290);
    await register('small', { [KWH]: 8 });
    await eventually(async () => expect(await total('small')).toBeCloseTo((READINGS - 1) * 0.5, 6));
    await register('small', null);
    await eventually(async () => expect(await total('small')).toBeCloseTo(learned, 6));
  });

  it('counts a load of a registered rate at once', async () => {
    const { windows, total, register } = await metered(env());
    expect((await windows('big', '15m')).slice(0, 4), 'by what is learned').toEqual([0, 0, 1000, 500]);
    await register('big', { [KWH]: 2500 });
    await eventually(async () => expect((await windows('big', '15m')).slice(0, 4)).toEqual([0, 500, 500, 500]));
    expect(await total('big')).toBe((READINGS - 1) * 500);
  });
}

describe('the service with its history in the lake', () => followsRates(() => ({})));
describeOnEngines('the service with its history in InfluxDB', await findEngines(), (engine) =>
  followsRates(() => influxEnv(engine, engine.freshBucket())),
);
