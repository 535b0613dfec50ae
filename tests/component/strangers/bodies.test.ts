import { describe, expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';

const BILL = {
  ...{ owner: 'park:oh-diandu', carrier: 'electricity', from: '2023-01-01', through: '2023-01-31' },
  ...{ amount: 1, unit: 'kWh' },
};

async function start() {
  const { api } = await testApp();
  const put = async (path: string, body: string) => {
    const answer = await api(`/api/v1${path}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json' },
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
    return { status: answer.status, body: (await answer.json()) as any };
  };
  return put;
}

const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`;

describe('a body with a right token', () => {
  it('is refused before any work is done for it where it is too deep, too wide or too long, and the bound is named', async () => {
    const put = await start();
    const table = '/statistics/bills';
    const small = '/enterprises/e-1';
    const tries: readonly (readonly [path: string, body: string, code: string, limit?: number])[] = [
      [table, '['.repeat(500_000), 'body_too_complex', 16],
      [small, '['.repeat(17), 'body_too_complex', 16],
      [small, `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'body_too_complex', 16],
      [table, members(80_000), 'body_too_complex', 200],
      [small, members(201), 'body_too_complex', 200],
      // A bracket or a comma inside a text, behind an escaped quote too, closes and counts nothing.
      [small, `{"a":"}\\"}",${members(200).slice(1)}`, 'body_too_complex', 200],
      [small, `{"a":[${'1,'.repeat(4_000)}1]}`, 'body_too_complex', 4_000],
      [table, `{"bills":[${'1,'.repeat(50_000)}1]}`, 'body_too_complex', 50_000],
      [small, `{"a":"${' '.repeat(256 * 1024)}"}`, 'body_too_large'],
      [table, `{"a":"${' '.repeat(1024 * 1024)}"}`, 'body_too_large'],
    ];
    for (const [path, body, code, limit] of tries) {
      const answer = await put(path, body);
      expect([path, body.slice(0, 20), answer.status, answer.body.code, answer.body.limit]).toEqual([
        ...[path, body.slice(0, 20), 413, code, limit],
      ]);
    }
  });

  it('is read as ever within the bounds, and what is no JSON is said to be none', async () => {
    const put = await start();
    const texts = { park: 'oh-diandu', nameZh: '[{,'.repeat(10), nameEn: 'a \\ and a ", or } and ]' };
    expect((await put('/enterprises/e-1', JSON.stringify(texts))).status).toBe(201);
    for (const wrong of ['[', '{"a":1', '"', '"\\', ']]]]', '{"__proto__":{"a":1}}', '{]']) {
      expect([wrong, (await put('/enterprises/e-1', wrong)).status]).toEqual([wrong, 400]);
    }
    expect((await put('/enterprises/e-1', members(200))).body.code).toBe('invalid_request');
    const bills = Array.from({ length: 1_000 }, (_, i) => ({ ...BILL, account: `a-${i}` }));
    const done = await put('/statistics/bills?dryRun=true', JSON.stringify({ source: '电费.xlsx', bills }));
    expect([done.status, done.body.code]).toEqual([200, undefined]);
    const more = await put('/statistics/bills', JSON.stringify({ source: '电费.xlsx', bills: [...bills, BILL] }));
    expect([more.status, more.body.errors]).toEqual([
      422,
      [{ field: 'body.bills', expected: expect.stringContaining('1000') }],
    ]);
  });

  it('that is wrong everywhere is told of its first hundred faults', async () => {
    const put = await start();
    const bills = Array.from({ length: 1_000 }, () => ({ ...BILL, amount: 'much', carrier: 'x' }));
    const { status, body } = await put('/statistics/bills', JSON.stringify({ source: '电费.xlsx', bills }));
    expect([status, body.errors.length]).toEqual([422, 100]);
    expect(body.detail).toMatch(/only the first 100 are named$/);
  });
});
