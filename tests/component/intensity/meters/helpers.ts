import type { AppDeps } from '../../../../src/app.js';
import { testApp } from '../../../helpers/app.js';

export const PARK = 'oh-diandu';
/** 2026-08-03 10:00 in Wenzhou. */
export const NOW = Date.parse('2026-08-03T10:00:00+08:00');
export const REGISTER = 'import_energy_kwh';
export const at = (text: string) => Date.parse(`${text}+08:00`);

/** One version of a meter of electricity as it is sent. */
export const main = (device: string, from: string, more: object = {}) => ({
  ...{ device, register: REGISTER, carrier: 'electricity', role: 'main', from: `${from}+08:00` },
  ...more,
});
export const sub = (device: string, under: string, from: string, more: object = {}) =>
  main(device, from, { role: 'sub', parent: { device: under, register: REGISTER }, ...more });

/** The service with meters m-1 to m-4, one of gas, one of wastewater, a smoke detector, and an enterprise. */
export async function startMeters(dir?: string, deps: AppDeps = {}, env: Record<string, string> = {}) {
  const time = { now: NOW };
  const service = await testApp(env, dir, { clock: () => time.now, ...deps });
  const { api } = service;
  /** @returns status and body */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
  const send = async (method: string, path: string, json?: object, token?: string): Promise<[number, any]> => {
    const answer = await api(`/api/v1${path}`, { method, ...(json && { json }), ...(token && { token }) });
    const text = await answer.text();
    return [answer.status, text === '' ? null : JSON.parse(text)];
  };
  if (dir === undefined) {
    const energy = ['m-1', 'm-2', 'm-3', 'm-4', 'gas-1'].map((id) => [id, 'energy'] as const);
    for (const [id, domain] of [...energy, ['ww-1', 'wastewater'] as const, ['smoke-1', 'fire'] as const]) {
      await send('PUT', `/devices/${id}`, { park: PARK, domain });
    }
    await send('PUT', '/devices/elsewhere', { park: 'lc-juguang', domain: 'energy' });
    await send('PUT', '/enterprises/e-1', { park: PARK, nameZh: '一厂' });
    await send('PUT', '/enterprises/e-2', { park: PARK, nameZh: '二厂' });
  }
  return {
    ...{ service, time, send },
    put: (versions: readonly object[], query = '') =>
      send('PUT', `/meters/${PARK}${query}`, { versions, reason: '登记', source: '台账.xlsx' }),
    end: (device: string, when: string, more = '') =>
      send(
        'DELETE',
        `/meters/${PARK}/${device}?register=${REGISTER}&at=${encodeURIComponent(`${when}+08:00`)}&reason=gone${more}`,
      ),
    /** The tree as `device under parent, from to` without the year. */
    async tree(query = ''): Promise<string[]> {
      const { items } = await service.get(`/api/v1/meters?park=${PARK}${query}`);
      return items.map(lineOf);
    },
    token: async (role: string, parks: readonly string[]) =>
      (await send('POST', '/tokens', { name: role, role, parks }))[1].token as string,
  };
}

interface Item {
  readonly device: string;
  readonly parent: { readonly device: string } | null;
  readonly from: string;
  readonly to: string | null;
}

const lineOf = ({ device, parent, from, to }: Item) =>
  `${device}${parent === null ? '' : ` under ${parent.device}`}, ${from.slice(5, 10)} ${to === null ? '-' : to.slice(5, 10)}`;
