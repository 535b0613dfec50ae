import { describe, expect, it, vi } from 'vitest';
import { testApp } from '../../../helpers/app.js';
import { tempDir } from '../../../helpers/temp.js';
import { at, type Firm, POLICY, registersOf, statisticsOf } from './world.js';

const NOW = at('2026-11-27T00:00:00');
const PARK = 'oh-diandu';
const REGISTER = 'import_energy_kwh';
const SLOW: Firm = { member: `enterprise:${PARK}/slow`, size: 1, decline: 0.02 };
const SINCE = '2026-10-01T00:00:00+08:00';

/** One enterprise below a main meter that lets through a fifth more, on a data folder and a clock that outlive a run. */
async function start(dir: string, time: { now: number }) {
  const service = await testApp({ PARK_RAW_DAYS: '2000' }, dir, { clock: () => time.now, beatMs: 100 });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
  const must = async (method: string, path: string, json?: object, token?: string): Promise<any> => {
    const answer = await service.api(`/api/v1${path}`, { method, ...(json && { json }), ...(token && { token }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const socket = await service.ws('/ws/alarms');
  socket.socket.send(JSON.stringify({ type: 'subscribe' }));
  const heard = (event: string) =>
    socket.heard.flatMap((one) =>
      one.type === 'alarm' && one.event === event ? `${one.alarm.id} ${one.alarm.level}` : [],
    );
  /** Hours pass until something holds. */
  const eventually = (holds: () => void | Promise<void>) =>
    vi.waitFor(
      async () => {
        time.now += 120_000;
        await holds();
      },
      { timeout: 60_000, interval: 100 },
    );
  return { ...service, must, heard, snapshot: () => socket.heard[0], eventually };
}
type Service = Awaited<ReturnType<typeof start>>;

async function fill({ must, gateway, mqtt }: Service) {
  await must('PUT', '/enterprises/slow', { park: PARK, nameZh: '慢', nameEn: 'Slow' });
  const login = await gateway('gw-1', PARK);
  const client = await mqtt(login);
  const own = registersOf(SLOW, NOW);
  const main = own
    .filter(({ ts }) => ts >= at('2026-09-20T00:00:00'))
    .map(({ ts, value }) => ({ ts, value: value * 1.2 }));
  for (const [device, readings] of [
    ['m-slow', own],
    ['m-main', main],
  ] as const) {
    await must('PUT', `/devices/${device}`, {
      park: PARK,
      domain: 'energy',
      ...(device === 'm-slow' && { enterprise: 'slow' }),
    });
    const values = readings.map(({ ts, value }) => ({ ts, values: { [REGISTER]: value } }));
    for (let i = 0; i < values.length; i += 500) {
      const payload = JSON.stringify(values.slice(i, i + 500));
      await client.publishAsync(`parks/${PARK}/energy/${device}/readings`, payload, { qos: 1 });
    }
  }
  const meter = { register: REGISTER, carrier: 'electricity' };
  const owner = { kind: 'enterprise', id: 'slow' };
  const versions = [
    { ...meter, device: 'm-slow', role: 'main', owner, from: '2023-01-01T00:00:00+08:00', to: SINCE },
    { ...meter, device: 'm-main', role: 'main', from: SINCE },
    { ...meter, device: 'm-slow', role: 'sub', owner, parent: { device: 'm-main', register: REGISTER }, from: SINCE },
  ];
  await must('PUT', `/meters/${PARK}`, { versions, reason: '登记' });
  for (const device of ['m-slow', 'm-main']) {
    const rules = [{ from: '2023-01-01T00:00:00+08:00', longerThanS: 26 * 3600, method: 'none' }];
    await must('PUT', '/meters/gap-rules', { park: PARK, device, register: REGISTER, rules, reason: '每日抄表' });
  }
  const entries = statisticsOf(SLOW).filter(({ period }) => period !== '2026-10');
  await must('PUT', '/statistics', { source: '增加值.xlsx', entries });
  const sets = [2023, 2024, 2025, 2026].map((year) => ({ scope: `park:${PARK}`, year, members: [SLOW.member] }));
  await must('PUT', '/statistics/counted-sets', { source: '规上名单.xlsx', sets });
  await must('PUT', '/statistics/policy', { source: '方案', version: 0, policy: POLICY });
}

const OFF = `intensity-off-path:${PARK}.energy off-track`;
const OVERDUE = `statistics-overdue:${PARK}.statistics alarm`;
const LOSS = `losses-implausible:${PARK}.electricity.m-main.${REGISTER}.2026-10 alarm`;

describe('alarms of the 5 % over the real service', () => {
  it('go from readings and statistics to operators, stand over a restart, and end with their cause', async () => {
    const [dir, time] = [tempDir(), { now: NOW }];
    const first = await start(dir, time);
    await fill(first);
    await first.eventually(() => expect(first.heard('raised')).toEqual(expect.arrayContaining([OFF, OVERDUE, LOSS])));
    const { token } = await first.must('POST', '/tokens', { name: 'v', role: 'operator', parks: [PARK] });
    const { token: foreign } = await first.must('POST', '/tokens', {
      name: 'w',
      role: 'operator',
      parks: ['lc-xiedu-1'],
    });
    const idsFor = async (who?: string) =>
      (await first.must('GET', '/alarms?limit=100', undefined, who)).items.map((one: { id: string }) => one.id);
    expect(await idsFor(token)).toContain(`intensity-off-path:${PARK}.energy`);
    expect((await idsFor(foreign)).filter((id: string) => id.includes(PARK))).toEqual([]);
    // The sum of the district is of parks that an operator of one does not see; it lacks statistics of the others.
    await first.eventually(async () => {
      expect(await idsFor()).toContain('intensity-not-assessable:district.ouhai.energy');
    });
    expect((await idsFor(token)).filter((id: string) => /:(city|district)\./.test(id))).toEqual([]);
    const off = await first.must('GET', `/alarms/${encodeURIComponent(`intensity-off-path:${PARK}.energy`)}`);
    expect(off).toMatchObject({
      park: PARK,
      domain: 'system',
      priority: 'high',
      metric: 'path_shortfall_pct',
      active: true,
    });
    expect(off.value).toBeGreaterThan(100);
    await first.app.close();

    const second = await start(dir, time);
    await vi.waitFor(() => expect(second.snapshot()?.type).toBe('snapshot'));
    const stood = second.snapshot().alarms.find(({ id }: { id: string }) => id === off.id);
    expect(stood).toMatchObject({ raisedAt: off.raisedAt, level: 'off-track', active: true });
    const policy = { ...POLICY, rate: 0.01, riskRate: 0.005 };
    await second.must('PUT', '/statistics/policy', { source: '方案', version: 1, policy });
    const october = statisticsOf(SLOW).filter(({ period }) => period === '2026-10');
    await second.must('PUT', '/statistics', { source: '增加值.xlsx', entries: october });
    const limits = { maxShare: 0.3, toleranceShare: 0.02, minCompleteness: 0.9 };
    await second.must('PUT', '/meters/loss-limits', { park: PARK, limits, reason: '线路长' });
    const ended = [OFF, OVERDUE, LOSS].map((one) => one.split(' ')[0]);
    await second.eventually(() => {
      expect(second.heard('cleared').map((one) => one.split(' ')[0])).toEqual(expect.arrayContaining(ended));
    });
    expect(second.heard('raised').filter((one) => ended.includes(one.split(' ')[0]!))).toEqual([]);
  });
});
