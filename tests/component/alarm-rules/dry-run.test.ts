import { describe, expect, it } from 'vitest';
import { QueryTimedOutError } from '../../../src/historian/port/errors.js';
import { deviceKey } from '../../../src/model/ids.js';
import type { Reading } from '../../../src/model/reading.js';
import { COD } from '../../unit/alarms/model/rules/helpers.js';
import {
  cod,
  MINUTE,
  OTHER_PARK,
  outlet,
  PARK,
  S,
  type Sent,
  type Service,
  smoke,
  startService,
  T0,
} from './service.js';

const HOUR = 60 * MINUTE;
const path = '/alarm-rules/dry-run';
const { version: _, ...rule } = COD;
const period = { from: String(T0), to: String(T0 + 24 * HOUR) };
const run = (service: Service, more: object = {}, token?: string) =>
  service.request('POST', path, {
    body: { rule, ...period, devices: ['outlet-1'], ...more },
    ...(token !== undefined && { token }),
  });
const fields = (answer: { body: { errors: { field: string }[] } }) => answer.body.errors.map(({ field }) => field);

/** `count` readings, one a minute. */
const steady = (from: number, count: number, value: number, more: Partial<Sent> = {}) =>
  Array.from({ length: count }, (__, n) => cod(from + n * MINUTE, value, more));
/** Two times above 80 mg/L, once above 100; then 600 mg/L, which the shipped rule raises too. */
const day = [
  ...[...steady(T0, 10, 40), ...steady(T0 + 10 * MINUTE, 5, 90), ...steady(T0 + 15 * MINUTE, 5, 40)],
  ...[...steady(T0 + HOUR, 3, 120), ...steady(T0 + HOUR + 3 * MINUTE, 3, 40)],
  ...[...steady(T0 + 18 * HOUR, 3, 600), ...steady(T0 + 18 * HOUR + 3 * MINUTE, 3, 40)],
];

describe('POST /api/v1/alarm-rules/dry-run', () => {
  it('tells what a new rule would have raised, and when', async () => {
    const service = await startService();
    await service.send(...day);
    const { status, body } = await run(service);
    expect(status).toBe(200);
    expect(body).toMatchObject({ currentVersion: null, unit: 'mg/L', totals: { readings: day.length, late: 0 } });
    expect(body.subjects).toHaveLength(1);
    const [{ subject, place, proposed, current }] = body.subjects;
    expect([subject, place, current]).toEqual(['outlet-1', 'North outlet', null]);
    expect(proposed.occurrences).toEqual([
      {
        ...{ since: '2026-11-23T08:10:00+08:00', raisedAt: '2026-11-23T08:11:00+08:00' },
        ...{ clearedAt: '2026-11-23T08:15:30+08:00', durationS: 270, level: 'warning', priority: 'low', peak: 90 },
      },
      expect.objectContaining({ raisedAt: '2026-11-23T09:00:00+08:00', level: 'alarm', peak: 120 }),
      expect.objectContaining({ raisedAt: '2026-11-24T02:00:00+08:00', level: 'alarm', peak: 600 }),
    ]);
    expect(body.totals.proposed).toEqual({ raised: 3, activeS: 270 + 2 * 210 });
    expect(body.days).toEqual([
      { day: '2026-11-23', proposed: 2, current: 0 },
      { day: '2026-11-24', proposed: 1, current: 0 },
    ]);
  });

  it('compares with the version in force, and changes nothing', async () => {
    const service = await startService();
    await service.send(...day);
    const raised = service.alarms.headSeq();
    const shipped = (await service.request('GET', '/alarm-rules/cod-high')).body;
    const proposal = { ...shipped, comparison: COD.comparison, onDelayS: 0, maxGapS: 100 };
    const { body } = await run(service, { rule: proposal });
    expect(body).toMatchObject({ currentVersion: 2, totals: { proposed: { raised: 3 }, current: { raised: 1 } } });
    expect(body.subjects[0].current.occurrences).toMatchObject([{ peak: 600, raisedAt: '2026-11-24T02:01:00+08:00' }]);
    expect(body.days.at(-1)).toEqual({ day: '2026-11-24', proposed: 1, current: 1 });
    expect((await service.request('GET', '/alarm-rules/cod-high')).body.version).toBe(2);
    expect(service.alarms.headSeq()).toBe(raised);
  });

  it('agrees with what was raised live', async () => {
    const service = await startService();
    await service.send(...day);
    const shipped = (await service.request('GET', '/alarm-rules/cod-high')).body;
    const { body } = await run(service, { rule: shipped });
    const live = service.alarms.events({ afterSeq: 0, limit: 100 }).filter(({ alarm }) => alarm.rule === 'cod-high');
    const [occurrence] = body.subjects[0].proposed.occurrences;
    expect(live.map(({ event, at }) => [event, at])).toEqual([
      ['raised', Date.parse(occurrence.raisedAt)],
      ['cleared', Date.parse(occurrence.clearedAt)],
    ]);
  });

  it('lets late readings raise nothing unless asked to', async () => {
    const service = await startService();
    await service.send(...steady(T0, 30, 120, { lateMs: 40 * MINUTE }));
    const live = await run(service);
    expect(live.body.totals).toMatchObject({ readings: 30, late: 30, proposed: { raised: 0 } });
    const counted = await run(service, { countLate: true });
    expect(counted.body.totals).toMatchObject({ proposed: { raised: 1 } });
  });

  it('sees an alarm that stood when the period began, and one that still stands at its end', async () => {
    const service = await startService();
    await service.send(...steady(T0, 30, 120));
    const { body } = await run(service, { from: String(T0 + 10 * MINUTE), to: String(T0 + 20 * MINUTE) });
    expect(body.subjects[0].proposed).toMatchObject({ raised: 0, activeS: 600, occurrences: [{ clearedAt: null }] });
  });

  it('leaves out devices that the rule is not for', async () => {
    const other = { ...outlet, id: 'outlet-2', limitProfile: 'electroplating' };
    const service = await startService({ devices: [outlet, other] });
    await service.send(...day, ...day.map((one) => ({ ...one, device: 'outlet-2' })));
    const shipped = (await service.request('GET', '/alarm-rules/cod-high')).body;
    const { body } = await run(service, { rule: shipped, devices: undefined, park: PARK });
    expect(
      body.subjects.map(({ subject, proposed }: { subject: string; proposed: unknown }) => [
        subject,
        proposed !== null,
      ]),
    ).toEqual([
      ['outlet-1', true],
      ['outlet-2', false],
    ]);
  });

  it('is valid as the rule would have to be, and names each wrong field', async () => {
    const service = await startService();
    const { body } = await run(service, { rule: { ...rule, offDelayS: -1, metric: 'smoke_alarm' } });
    expect(body.errors.map(({ field }: { field: string }) => field)).toContain('body.rule.offDelayS');
    expect(body.errors.map(({ field }: { field: string }) => field)).toContain('body.rule.metric');
  });

  it('has bounds: days, devices, and either devices or a park', async () => {
    const many = Array.from({ length: 51 }, (__, n) => ({ ...outlet, id: `outlet-${n + 1}` }));
    const service = await startService({ devices: many });
    expect(fields(await run(service, { to: String(T0 + 32 * 24 * HOUR) }))).toEqual(['body.from']);
    expect(fields(await run(service, { to: String(T0) }))).toEqual(['body.from']);
    expect(fields(await run(service, { devices: many.map(({ id }) => id) }))).toEqual(['body.devices']);
    const whole = await run(service, { devices: undefined, park: PARK });
    expect(whole.body.errors).toMatchObject([{ field: 'body.park', expected: expect.stringContaining('51') }]);
    expect(fields(await run(service, { park: PARK }))).toEqual(['body.devices']);
    expect((await run(service, { devices: ['outlet-99'] })).status).toBe(404);
  });

  it('does not replay what is not stored as readings', async () => {
    const service = await startService();
    const shipped = (await service.request('GET', '/alarm-rules/journal-filling')).body;
    const { status, body } = await run(service, { rule: shipped, devices: undefined, park: PARK });
    expect([status, body.code]).toEqual([422, 'not_replayable']);
  });

  it('is for operators, within their parks', async () => {
    const service = await startService({ devices: [outlet, { ...outlet, id: 'outlet-2', park: OTHER_PARK }] });
    const operator = service.token('operator', [PARK]);
    expect((await run(service, {}, operator)).status).toBe(200);
    expect((await run(service, { devices: ['outlet-2'] }, operator)).body.code).toBe('unknown_device');
    expect((await run(service, { devices: undefined, park: OTHER_PARK }, operator)).status).toBe(404);
    expect((await run(service, {}, service.token('viewer'))).status).toBe(403);
  });

  it('ends when it takes too long, and when there are too many readings', async () => {
    let uptime = 0;
    const slow = await startService({ timeLimitMs: 1_000, uptime: () => (uptime += 600) });
    await slow.send(...day);
    const late = await run(slow);
    expect([late.status, late.body.code, late.body.limitSeconds]).toEqual([504, 'query_timed_out', 1]);
    const asked: number[] = [];
    const full = await startService({
      historian: (lake) => ({
        raw: (query, signal) => {
          asked.push(query.limit);
          return lake.raw({ ...query, limit: 5 }, signal);
        },
      }),
    });
    await full.send(...day);
    const many = await run(full);
    expect([many.status, many.body.code, asked]).toEqual([422, 'too_many_readings', [500_000]]);
  });

  it('answers a store that gives up as a query for readings does', async () => {
    const service = await startService({
      historian: () => ({
        // biome-ignore lint/correctness/useYield: it fails before the first chunk
        raw: async function* () {
          throw new QueryTimedOutError(5_000);
        },
      }),
    });
    expect((await run(service)).body).toMatchObject({ status: 504, code: 'query_timed_out' });
  });

  it('turns away a third at once, and lets the next in when one ends', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const service = await startService({
      historian: (lake) => ({
        raw: async function* (query, signal) {
          await held;
          yield* lake.raw(query, signal);
        },
      }),
    });
    await service.send(smoke(T0, false), ...day);
    const running = [run(service), run(service)];
    await new Promise((resolve) => setImmediate(resolve));
    while (service.alarmReplays.stats.dryRuns < 2) await new Promise((resolve) => setImmediate(resolve));
    const explained = service.request('GET', `/alarms/cod-high:outlet-1/explanation?from=${T0}`);
    const third = await run(service);
    const others = run(service, {}, service.token('operator'));
    expect([third.status, third.body.code, third.headers['retry-after']]).toEqual([503, 'too_many_replays', '5']);
    release();
    expect((await Promise.all([...running, others])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await explained).status).toBe(200);
    expect((await run(service)).status).toBe(200);
    expect(service.alarmReplays.stats).toEqual({ dryRuns: 0, explanations: 0, turnedAway: 1 });
  });

  it('gives way to other work while it runs', async () => {
    const service = await startService();
    const readings = Array.from({ length: 20_000 }, (__, n): Reading => {
      return { metric: 'cod_mg_l', ts: T0 + n * S, value: n % 7 === 0 ? 90 : 40, flag: 'N', quality: 'good' };
    });
    const device = deviceKey(PARK, 'outlet-1');
    const message = { park: PARK, domain: 'wastewater', device, gateway: 'gw' } as const;
    await service.lake.append([{ seq: 1, messages: [{ ...message, receivedAt: T0 + 6 * HOUR, readings }] }]);
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const answer = await run(service);
    done = true;
    expect(answer.body.totals.readings).toBe(20_000);
    expect(turns).toBeGreaterThan(20);
  });
});
