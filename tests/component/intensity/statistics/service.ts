import { testApp } from '../../../helpers/app.js';
import { tempDir } from '../../../helpers/temp.js';

export const PARK = 'oh-diandu';
export const OTHER_PARK = 'lc-xiedu-1';
export const SUBJECT = `enterprise:${PARK}/e-1`;
const START = Date.parse('2026-11-23T12:00:00+08:00');

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
export type Answer = { readonly status: number; readonly body: any };

/** The whole service with a clock that moves a second at each look, two enterprises here and one elsewhere. */
export async function startService(dir = tempDir()) {
  const time = { now: START };
  const clock = () => {
    time.now += 1_000;
    return time.now;
  };
  const service = await testApp({}, dir, { clock });
  const send = async (method: string, path: string, json?: unknown, token?: string): Promise<Answer> => {
    const answer = await service.api(`/api/v1${path}`, {
      method,
      ...(json !== undefined && { json }),
      ...(token !== undefined && { token }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const get = (path: string, token?: string) => send('GET', path, undefined, token);
  const put = (json: unknown, path = '/statistics', token?: string) => send('PUT', path, json, token);
  const token = async (role: string, scope: { parks?: string[]; districts?: string[] } = {}) => {
    const input = { name: role, role, parks: [], districts: [], ...scope };
    const { status, body } = await send('POST', '/tokens', input);
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body.token as string;
  };
  for (const [id, park] of [
    ['e-1', PARK],
    ['e-2', PARK],
    ['e-9', OTHER_PARK],
  ]) {
    await put({ park, nameZh: id }, `/enterprises/${id}`);
  }
  /** All that the ledgers say, to compare before and after. */
  const told = async () => [
    (await get('/statistics')).body,
    (await get('/statistics/counted-sets')).body,
    (await get('/statistics/coefficients')).body.version,
    (await get('/statistics/policy')).body,
    (await get('/audit?action=statistics.put')).body,
  ];
  return { ...service, time, send, get, put, token, told };
}

export const level = (period: string, amount: number, extra: object = {}) => ({
  subject: SUBJECT,
  period,
  status: 'final',
  figure: { kind: 'level', price: 'current', amount },
  ...extra,
});
export const growth = (period: string, rate: number, extra: object = {}) => ({
  subject: SUBJECT,
  period,
  status: 'final',
  figure: { kind: 'growth', rate },
  ...extra,
});
