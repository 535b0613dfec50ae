import { describe, expect, it } from 'vitest';
import { cod, MINUTE, OTHER_PARK, outlet, PARK, S, type Service, smoke, startService, T0 } from './service.js';

const explain = (service: Service, id: string, query = '', token?: string) =>
  service.request('GET', `/alarms/${id}/explanation${query}`, token === undefined ? {} : { token });
const runs = (body: { runs: { reason: string; count: number; suppression: string | null }[] }) =>
  body.runs.map(({ reason, count, suppression }) => `${count} ${reason}${suppression ? ` ${suppression}` : ''}`);
const codes = (body: { notes: { code: string }[] }) => body.notes.map(({ code }) => code);

/** The shipped rule: 450 mg/L for 60 s warns, 500 mg/L for 60 s alarms. */
const ID = 'cod-high:outlet-1';

describe('GET /api/v1/alarms/{id}/explanation', () => {
  it('shows which value met which setpoint when, and which delay held it', async () => {
    const service = await startService();
    const values = [100, 470, 480, 520, 530, 540, 460, 300];
    await service.send(...values.map((value, n) => cod(T0 + n * 30 * S, value)));
    const { status, body } = await explain(service, ID);
    expect(status).toBe(200);
    expect(body).toMatchObject({ verdict: 'raised', unit: 'mg/L', gapS: 7_200, notes: [] });
    expect(runs(body)).toEqual([
      '1 normal',
      '2 delay_running',
      '1 raised',
      '1 stands',
      '1 level_raised',
      '1 level_lowered',
      '1 cleared',
    ]);
    expect(body.runs[1]).toMatchObject({ level: 'warning', setpoint: 450, min: 470, max: 480, first: 470, last: 480 });
    expect(body.transitions.map(({ kind, at, level }: Record<string, string>) => [kind, at, level])).toEqual([
      ['raised', '2026-11-23T08:01:30+08:00', 'warning'],
      ['level_raised', '2026-11-23T08:02:30+08:00', 'alarm'],
      ['level_lowered', '2026-11-23T08:03:00+08:00', 'warning'],
      ['cleared', '2026-11-23T08:03:30+08:00', 'warning'],
    ]);
    expect(body.events.map(({ event }: { event: string }) => event)).toEqual([
      ...['raised', 'level_raised', 'level_lowered', 'cleared'],
    ]);
    expect(body.summary.en).toContain(
      '520 mg/L was above the setpoint 450 mg/L (level "warning") since 2026-11-23T08:00:30+08:00',
    );
    expect(body.summary.zh).toContain('超过设定值450 mg/L');
    expect(body.versions).toMatchObject([{ version: 2, rule: { id: 'cod-high' } }]);
  });

  it('says of a period without an alarm why there was none: the delay', async () => {
    const service = await startService();
    await service.send(...[100, 600, 600, 100].map((value, n) => cod(T0 + n * 20 * S, value)));
    expect((await explain(service, ID)).body.errors).toMatchObject([{ field: 'query.from' }]);
    const { body } = await explain(service, ID, `?from=${T0}&to=${T0 + MINUTE + 1}`);
    expect(body).toMatchObject({
      verdict: 'not_raised',
      figures: { readings: 4, beyond: 2, longestS: 20, extreme: 600 },
    });
    expect(runs(body)).toEqual(['1 normal', '2 delay_running', '1 normal']);
    expect(body.summary.en).toContain('for 20 s at most; the on-delay is 60 s');
    expect(body.events).toEqual([]);
  });

  it('lays a shelving over it', async () => {
    const service = await startService();
    await service.send(cod(T0, 600));
    service.at(T0 + 10 * S);
    const act = { kind: 'shelve', comment: 'probe is cleaned', forS: 3_600, oneShot: false } as const;
    expect(service.alarms.act([ID], act, 'tok-1')[0]!.refused).toBeNull();
    await service.send(cod(T0 + MINUTE, 610), cod(T0 + 2 * MINUTE, 100));
    const { body } = await explain(service, ID);
    expect(body.verdict).toBe('suppressed');
    expect(body.suppressions).toEqual([
      {
        kind: 'shelved',
        from: '2026-11-23T08:00:10+08:00',
        to: null,
        by: 'tok-1',
        why: 'probe is cleaned',
        cause: null,
      },
    ]);
    expect(runs(body)).toEqual(['1 delay_running', '1 raised shelved', '1 cleared shelved']);
    expect(body.summary.en).toContain('it was shelved from 2026-11-23T08:00:10+08:00 (probe is cleaned)');
    expect(codes(body)).toEqual([]);
  });

  it('judges by the versions that were in force', async () => {
    const service = await startService();
    await service.send(smoke(T0, true));
    const rule = (await service.request('GET', '/alarm-rules/smoke-alarm')).body;
    service.at(T0 + MINUTE);
    await service.request('PUT', '/alarm-rules/smoke-alarm', { body: { ...rule, enabled: false } });
    await service.send(smoke(T0 + 2 * MINUTE, true));
    service.at(T0 + 3 * MINUTE);
    await service.request('PUT', '/alarm-rules/smoke-alarm', { body: { ...rule, version: 3, onDelayS: 30 } });
    await service.send(smoke(T0 + 4 * MINUTE, true), smoke(T0 + 5 * MINUTE, true));
    const { body } = await explain(service, 'smoke-alarm:smoke-1', `?from=${T0}&to=${T0 + 10 * MINUTE}`);
    expect(
      body.versions.map(({ version, rule: one }: { version: number; rule: unknown }) => [version, one !== null]),
    ).toEqual([
      ...[
        [2, true],
        [3, false],
        [4, true],
      ],
    ]);
    expect(body.runs.map(({ reason, ruleVersion }: Record<string, unknown>) => [reason, ruleVersion])).toEqual([
      ['raised', 2],
      ['delay_running', 4],
      // The delay was over before the next reading.
      ['raised', 4],
      ['stands', 4],
    ]);
    expect(codes(body)).toEqual([]);
    const off = await explain(service, 'smoke-alarm:smoke-1', `?from=${T0 + MINUTE}&to=${T0 + 3 * MINUTE}`);
    expect(off.body).toMatchObject({
      verdict: 'not_evaluated',
      summary: { en: 'No rule was in force in this period.' },
    });
  });

  it('says when inputs came after the decision, or replaced what was judged', async () => {
    const service = await startService();
    await service.send(cod(T0, 600), cod(T0 + MINUTE, 600));
    await service.send(cod(T0 + 30 * S, 200, { lateMs: 10 * MINUTE }));
    const later = await explain(service, ID);
    expect(codes(later.body)).toEqual(['arrived_later']);
    expect(later.body.verdict).toBe('raised');
    await service.send(cod(T0 + MINUTE, 100, { lateMs: 20 * MINUTE }));
    const replaced = await explain(service, ID);
    expect(replaced.body.verdict).toBe('raised');
    expect(codes(replaced.body)).toEqual(['differs', 'arrived_later']);
    expect(replaced.body.summary.en).toContain('600 mg/L was above the setpoint');
  });

  it('says when the inputs are no longer there', async () => {
    const service = await startService({
      historian: (lake) => ({ raw: (query, signal) => lake.raw({ ...query, to: query.from }, signal) }),
    });
    await service.send(smoke(T0, true));
    const { body } = await explain(service, 'smoke-alarm:smoke-1');
    expect(codes(body)).toEqual(['inputs_missing']);
    expect(body).toMatchObject({ verdict: 'raised', runs: [], transitions: [{ kind: 'raised', value: 1 }] });
    service.at(T0 + 500 * 24 * 60 * MINUTE);
    expect(codes((await explain(service, 'smoke-alarm:smoke-1')).body)).toEqual(['inputs_not_kept', 'inputs_missing']);
  });

  it('tells of an alarm of the service itself by the record alone', async () => {
    const service = await startService();
    service.alarms.observe('journal_fill_pct', 75, T0);
    const { body } = await explain(service, 'journal-filling:journal');
    expect(codes(body)).toEqual(['not_replayable']);
    expect(body).toMatchObject({ verdict: 'raised', unit: '%', runs: [] });
    expect(body.summary.en).toContain('75 % reached the setpoint 70 %');
  });

  it('takes up what stood already before a period', async () => {
    const service = await startService();
    await service.send(cod(T0, 600), cod(T0 + MINUTE, 600));
    const later = T0 + 30 * 24 * 60 * MINUTE;
    await service.send(cod(later, 490), cod(later + MINUTE, 490), cod(later + 2 * MINUTE, 100));
    const { body } = await explain(service, ID, `?from=${later}&to=${later + 10 * MINUTE}`);
    expect(runs(body)).toEqual(['2 within_deadband', '1 cleared']);
    expect(body.verdict).toBe('stood');
    expect(body.summary.en).toContain('The alarm had been raised before this period.');
  });

  it('takes it up also where the rule had been disabled for a while before it was raised', async () => {
    const service = await startService();
    const rule = (await service.request('GET', '/alarm-rules/smoke-alarm')).body;
    await service.request('PUT', '/alarm-rules/smoke-alarm', { body: { ...rule, enabled: false } });
    service.at(T0 + MINUTE);
    await service.request('POST', '/alarm-rules/smoke-alarm/restore', { body: { version: 'default' } });
    await service.send(smoke(T0 + 2 * MINUTE, true), smoke(T0 + 60 * MINUTE, true));
    const { body } = await explain(service, 'smoke-alarm:smoke-1', `?from=${T0 + 30 * MINUTE}&to=${T0 + 90 * MINUTE}`);
    expect(runs(body)).toEqual(['1 stands']);
    expect([body.verdict, codes(body)]).toEqual(['stood', []]);
  });

  it('keeps to the scope of the token, and to alarms that can be', async () => {
    const service = await startService({ devices: [outlet, { ...outlet, id: 'outlet-2', park: OTHER_PARK }] });
    await service.send(cod(T0, 600), cod(T0 + MINUTE, 600));
    const token = service.token('viewer', [OTHER_PARK]);
    expect((await explain(service, ID, '', token)).body.code).toBe('unknown_alarm');
    expect((await explain(service, ID, '', service.token('viewer', [PARK]))).status).toBe(200);
    service.alarms.observe('journal_fill_pct', 75, T0 + 2 * MINUTE);
    expect((await explain(service, 'journal-filling:journal', '', token)).status).toBe(404);
    expect((await explain(service, 'cod-high:nobody')).body.code).toBe('unknown_alarm');
    expect((await explain(service, ID, `?from=${T0}&to=${T0 + 32 * 24 * 60 * MINUTE}`)).status).toBe(422);
  });
});
