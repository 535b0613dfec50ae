import { expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';

it('takes the longest ids of alarms, and answers what the router refuses as a problem', async () => {
  const { api } = await testApp();
  const asked = async (id: string) => {
    const answer = await api(`/api/v1/alarms/${id}`);
    const { code, instance } = (await answer.json()) as { code: string; instance: string };
    expect(instance).toBe(`/api/v1/alarms/${id}`);
    return [answer.status, answer.headers.get('content-type'), code];
  };
  const type = 'application/problem+json';
  expect(await asked(`${'r'.repeat(63)}:${'p'.repeat(63)}-0123456789abcdef`)).toEqual([404, type, 'unknown_alarm']);
  expect(await asked('x'.repeat(5_000))).toEqual([414, type, 'path_too_long']);
  expect(await asked('%E0%A4%A')).toEqual([400, type, 'bad_request']);
});
