import { testApp } from '../../../helpers/app.js';
import { at, type Firm, POLICY, registersOf, statisticsOf } from './world.js';

const NOW = at('2026-11-27T00:00:00');
const REGISTER = 'import_energy_kwh';
export const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
export const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
export const OTHER: Firm = { member: 'enterprise:lc-xiedu-1/other', size: 2, decline: 0.055 };
const placeOf = ({ member }: Firm) => /^enterprise:(.+)\/(.+)$/.exec(member)!.slice(1) as [park: string, id: string];

/** Two parks with three enterprises: meters, daily registers over MQTT, monthly statistics by API. */
export async function startCity() {
  const time = { now: NOW };
  const service = await testApp({ PARK_RAW_DAYS: '2000' }, undefined, { clock: () => time.now, beatMs: 200 });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
  const send = async (method: string, path: string, json?: object, token?: string): Promise<any> => {
    const answer = await service.api(`/api/v1${path}`, { method, ...(json && { json }), ...(token && { token }) });
    const text = await answer.text();
    return { status: answer.status, ...(text === '' ? {} : JSON.parse(text)) };
  };
  const must = async (method: string, path: string, json?: object) => {
    const answer = await send(method, path, json);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  for (const firm of [GOOD, SLOW, OTHER]) {
    const [park, id] = placeOf(firm);
    const device = `meter-${id}`;
    await must('PUT', `/enterprises/${id}`, { park, nameZh: `企业 ${id}`, nameEn: `Firm ${id}` });
    await must('PUT', `/devices/${device}`, { park, domain: 'energy', enterprise: id });
    const version = {
      device,
      register: REGISTER,
      carrier: 'electricity',
      role: 'main',
      from: '2023-01-01T00:00:00+08:00',
    };
    const owner = { kind: 'enterprise', id };
    await must('PUT', `/meters/${park}`, { versions: [{ ...version, owner }], reason: '登记' });
    const rules = [{ from: '2023-01-01T00:00:00+08:00', longerThanS: 26 * 3600, method: 'none' }];
    await must('PUT', '/meters/gap-rules', { park, device, register: REGISTER, rules, reason: '每日抄表' });
    const login = await service.gateway(`gw-${id}`, park);
    const client = await service.mqtt(login);
    const readings = registersOf(firm, NOW).map(({ ts, value }) => ({ ts, values: { [REGISTER]: value } }));
    for (let i = 0; i < readings.length; i += 500) {
      const payload = JSON.stringify(readings.slice(i, i + 500));
      await client.publishAsync(`parks/${park}/energy/${device}/readings`, payload, { qos: 1 });
    }
    await must('PUT', '/statistics', { source: '增加值.xlsx', entries: statisticsOf(firm) });
  }
  const sets = [2023, 2024, 2025, 2026].flatMap((year) => [
    { scope: 'park:oh-diandu', year, members: [GOOD.member, SLOW.member] },
    { scope: 'park:lc-xiedu-1', year, members: [OTHER.member] },
  ]);
  await must('PUT', '/statistics/counted-sets', { source: '规上名单.xlsx', sets });
  await must('PUT', '/statistics/policy', { source: '方案', version: 0, policy: POLICY });
  return { service, time, send, must };
}
