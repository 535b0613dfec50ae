import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { rawAnswer, windowsAnswer } from '../../../../src/api/readings/schemas.js';
import { ADMIN, json, NOW, OTHER_PARK, PARK, query, ramp, startService } from './service.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('GET /readings, raw', () => {
  it('answers the readings of the last 24 hours as JSON with the local offset', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [
      { ts: NOW - 25 * HOUR, value: 1 },
      { ts: NOW - HOUR, value: 7.25, flag: 'M', quality: 'flagged' },
      { ts: NOW - MINUTE + 5, value: -0.5, quality: 'out_of_range' },
    ]);
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph' }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const body = await json(answer);
    expect(body).toEqual({
      from: '2026-11-22T12:00:00+08:00',
      to: '2026-11-23T12:00:00+08:00',
      timeZone: 'Asia/Shanghai',
      series: [
        {
          device: 'ww-1',
          metric: 'ph',
          unit: '',
          points: [
            {
              ts: '2026-11-23T11:00:00+08:00',
              value: 7.25,
              flag: 'M',
              quality: 'flagged',
              receivedAt: '2026-11-23T12:00:00+08:00',
            },
            {
              ts: '2026-11-23T11:59:00.005+08:00',
              value: -0.5,
              flag: 'N',
              quality: 'out_of_range',
              receivedAt: '2026-11-23T12:00:00+08:00',
            },
          ],
        },
      ],
      nextCursor: null,
    });
    expect(rawAnswer.parse(body)).toEqual(body);
  });

  it('takes several devices and metrics, repeated or with commas, each once and in the order asked', async () => {
    const { store, get } = await startService();
    await store(
      'ww-1',
      'wastewater',
      [{ metric: 'ph' }, { metric: 'cod_mg_l', value: 40 }].map((r) => ({ ...r, ts: NOW - 1 })),
    );
    await store('ww-2', 'wastewater', [{ metric: 'cod_mg_l', ts: NOW - 1, value: 50 }]);
    const { series } = await json(await get('/api/v1/readings?device=ww-2,ww-1&device=ww-2&metric=cod_mg_l,ph'));
    expect(series.map((one) => [one.device, one.metric, one.unit, one.points.length])).toEqual([
      ['ww-2', 'cod_mg_l', 'mg/L', 1],
      ['ww-2', 'ph', '', 0],
      ['ww-1', 'cod_mg_l', 'mg/L', 1],
      ['ww-1', 'ph', '', 1],
    ]);
  });

  it('answers all metrics a device reported when none is named, and none for a silent device', async () => {
    const { store, get, registry } = await startService();
    await store('ww-1', 'wastewater', [{ metric: 'ph' }, { metric: 'cod_mg_l' }, { metric: 'discharge_volume_m3' }]);
    registry.putDevice({ id: 'silent', park: PARK, domain: 'fire' }, 'test');
    const { series } = await json(await get(query('/readings', { device: 'silent,ww-1' })));
    expect(series.map((one) => `${one.device} ${one.metric} ${one.unit}`)).toEqual([
      'ww-1 cod_mg_l mg/L',
      'ww-1 discharge_volume_m3 m³',
      'ww-1 ph ',
    ]);
    expect((await json(await get(query('/readings', { device: 'silent' })))).series).toEqual([]);
  });

  it('understands from and to as RFC 3339, epoch milliseconds, and with an unescaped plus', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 10, HOUR));
    const one = await json(
      await get(`/api/v1/readings?device=ww-1&from=2026-11-23T08:00:00+08:00&to=${NOW - 2 * HOUR}`),
    );
    expect([one.from, one.to]).toEqual(['2026-11-23T08:00:00+08:00', '2026-11-23T10:00:00+08:00']);
    expect(one.series[0]!.points.map((point) => point.ts)).toEqual([
      '2026-11-23T08:00:00+08:00',
      '2026-11-23T09:00:00+08:00',
    ]);
  });

  it('answers CSV when the client accepts it, with the same values', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('discharge_volume_m3', 3, HOUR));
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph,discharge_volume_m3' }), {
      accept: 'text/csv',
    });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('vary')).toContain('accept');
    const text = await answer.text();
    expect(text.split('\r\n')[0]).toBe('device,metric,unit,ts,value,flag,quality,receivedAt');
    expect(parse(text, { columns: true })).toEqual(
      ['09', '10', '11'].map((hour, i) => ({
        device: 'ww-1',
        metric: 'discharge_volume_m3',
        unit: 'm³',
        ts: `2026-11-23T${hour}:00:00+08:00`,
        value: String(i),
        flag: 'N',
        quality: 'good',
        receivedAt: '2026-11-23T12:00:00+08:00',
      })),
    );
  });

  it('answers 406 to a client that accepts neither, naming what there is', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 1, HOUR));
    const answer = await get(query('/readings', { device: 'ww-1' }), { accept: 'application/xml' });
    expect(answer.status).toBe(406);
    expect((await json(answer)).detail).toContain('text/csv');
  });
});

describe('GET /readings, pages', () => {
  it('walks through all readings of all series once, whatever the size of a page', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [...ramp('ph', 57, 10_000), ...ramp('cod_mg_l', 3, 5 * HOUR)]);
    await store('ww-2', 'wastewater', ramp('ph', 20, HOUR));
    for (const limit of [1, 7, 20, 57, 79, 80, 81, 1000]) {
      let path: string | null = query('/readings', { device: 'ww-1,ww-2', metric: 'ph,cod_mg_l', limit });
      const seen: string[] = [];
      while (path) {
        const answer: Response = await get(path);
        expect(answer.status).toBe(200);
        const body = await json(answer);
        const page = body.series.flatMap((one) => one.points.map((p) => `${one.device} ${one.metric} ${p.ts}`));
        expect(page.length).toBeLessThanOrEqual(limit);
        expect(body.nextCursor === null || page.length === limit).toBe(true);
        seen.push(...page);
        const link = answer.headers.get('link');
        expect(link === null).toBe(body.nextCursor === null);
        path = link && /^<(.+)>; rel="next"$/.exec(link)![1]!;
      }
      expect(seen).toHaveLength(80);
      expect(new Set(seen).size).toBe(80);
    }
  }, 60_000);

  it('refuses a cursor of something else', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 5, HOUR));
    await store('ww-2', 'wastewater', ramp('ph', 5, HOUR));
    const { nextCursor } = await json(await get(query('/readings', { device: 'ww-1', limit: 2 })));
    for (const bad of [
      { device: 'ww-2', limit: 2, cursor: nextCursor },
      { device: 'ww-1', limit: 2, cursor: 'nonsense' },
      { device: 'ww-1', cursor: nextCursor },
      { device: 'ww-1', every: '1h', limit: 2 },
    ]) {
      expect((await get(query('/readings', bad))).status).toBe(422);
    }
  });
});

describe('GET /readings, windows', () => {
  it('cuts windows on the local clock and gives their ends', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 120, MINUTE));
    const path = query('/readings', { device: 'ww-1', metric: 'ph', from: NOW - 2 * HOUR, every: '1h', fn: 'max' });
    const body = await json(await get(path));
    expect(windowsAnswer.parse(body)).toEqual(body);
    expect(body).toMatchObject({ every: '1h', fn: 'max', timeZone: 'Asia/Shanghai' });
    expect(body.series[0]!.points).toEqual([
      { start: '2026-11-23T10:00:00+08:00', end: '2026-11-23T11:00:00+08:00', value: 59 },
      { start: '2026-11-23T11:00:00+08:00', end: '2026-11-23T12:00:00+08:00', value: 119 },
    ]);
  });

  it('leaves windows without good values out, and takes mean when no function is named', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [
      { ts: NOW - 3 * HOUR, value: 6 },
      { ts: NOW - 3 * HOUR + 1, value: 8 },
      { ts: NOW - 2 * HOUR, value: 99, quality: 'out_of_range' },
      { ts: NOW - HOUR, value: 9 },
    ]);
    const body = await json(await get(query('/readings', { device: 'ww-1', every: '1h' })));
    expect(body.fn).toBe('mean');
    expect(body.series[0]!.points.map((point) => [String(point.start).slice(11, 16), point.value])).toEqual([
      ['09:00', 7],
      ['11:00', 9],
    ]);
  });

  it('cuts days in the time zone of the service, 25 hours long where clocks go back', async () => {
    const { store, get } = await startService({ timeZone: 'Europe/Berlin' });
    const from = Date.parse('2026-10-25T00:00:00+02:00');
    await store('ww-1', 'wastewater', ramp('ph', 25 * 60, MINUTE, from + 25 * HOUR));
    const path = query('/readings', {
      device: 'ww-1',
      metric: 'ph',
      from,
      to: from + 25 * HOUR,
      every: '1d',
      fn: 'count',
    });
    expect((await json(await get(path))).series[0]!.points).toEqual([
      { start: '2026-10-25T00:00:00+02:00', end: '2026-10-26T00:00:00+01:00', value: 1500 },
    ]);
  });

  it('answers delta of counters, and names the metrics that are none', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [...ramp('discharge_volume_m3', 120, MINUTE), ...ramp('ph', 3, MINUTE)]);
    const path = (metric?: string) =>
      query('/readings', { device: 'ww-1', metric, from: NOW - HOUR, every: '1h', fn: 'delta' });
    expect((await json(await get(path('discharge_volume_m3')))).series[0]!.points[0]!.value).toBe(60);
    const refused = await get(path('discharge_volume_m3,ph'));
    expect(refused.status).toBe(422);
    expect(await json(refused)).toMatchObject({ code: 'not_a_counter', metrics: ['ph'] });
  });

  it('writes windows as CSV', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 2, HOUR));
    const path = query('/readings', { device: 'ww-1', metric: 'ph', every: '1h', fn: 'sum' });
    expect(await (await get(path, { accept: 'text/csv' })).text()).toBe(
      'device,metric,unit,fn,start,end,value\r\n' +
        'ww-1,ph,,sum,2026-11-23T10:00:00+08:00,2026-11-23T11:00:00+08:00,0\r\n' +
        'ww-1,ph,,sum,2026-11-23T11:00:00+08:00,2026-11-23T12:00:00+08:00,1\r\n',
    );
  });
});

describe('GET /readings, refusals', () => {
  it.each([
    ['an unknown device', { device: 'nobody' }, 404, 'unknown_device', 'nobody'],
    ['an unknown metric', { device: 'ww-1', metric: 'phlogiston' }, 422, 'unknown_metric', 'phlogiston'],
    ['a metric of another domain', { device: 'ww-1', metric: 'smoke_alarm' }, 422, 'unknown_metric', 'fire'],
    ['no device', {}, 422, 'invalid_request', 'query.device'],
    ['a time without an offset', { device: 'ww-1', from: '2026-11-23T00:00:00' }, 422, 'invalid_request', 'query.from'],
    ['a reversed range', { device: 'ww-1', from: NOW, to: NOW - 1 }, 422, 'invalid_request', 'query.from'],
    ['an empty range', { device: 'ww-1', from: NOW, to: NOW }, 422, 'invalid_request', 'query.from'],
    ['an odd length of windows', { device: 'ww-1', every: '7m' }, 422, 'invalid_request', 'does not divide a day'],
    ['no length of windows', { device: 'ww-1', fn: 'mean' }, 422, 'invalid_request', 'query.every'],
    ['an unknown function', { device: 'ww-1', every: '1h', fn: 'median' }, 422, 'invalid_request', 'query.fn'],
    ['a misspelt parameter', { device: 'ww-1', form: NOW }, 422, 'invalid_request', 'query.form'],
    ['too many windows', { device: 'ww-1', every: '1s', from: 0 }, 422, 'too_many_windows', '100000'],
    [
      '101 devices',
      { device: Array.from({ length: 101 }, (_, i) => `d${i}`).join() },
      422,
      'invalid_request',
      'query.device: 1 to 100',
    ],
    ['a cursor of windows', { device: 'ww-1', every: '1h', cursor: 'x' }, 422, 'invalid_request', 'query.cursor'],
  ])('names what is wrong with %s', async (_, parameters, status, code, hint) => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 1, HOUR));
    const answer = await get(query('/readings', parameters as Record<string, string>));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const body = await json(answer);
    expect(body.code).toBe(code);
    expect(body.detail).toContain(hint);
  });

  it('names a parameter that is repeated where one is meant, and too many repeated names', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 1, HOUR));
    const many = Array.from({ length: 101 }, (_, i) => `device=d${i}`).join('&');
    for (const [search, named] of [
      [many, 'query.device: 1 to 100 names'],
      ['device=', 'query.device: 1 to 100 names'],
      [`device=ww-1&from=${NOW - 1}&from=${NOW - 2}`, 'query.from'],
      ['device=ww-1&every=1h&every=1d', 'query.every'],
      ['device=ww-1&points=10.5', 'query.points'],
      ['device=ww-1&every=1h&fill=average', 'query.fill'],
    ] as const) {
      const refused = await get(`/api/v1/readings?${search}`);
      expect(refused.status).toBe(422);
      expect((await json(refused)).detail).toContain(named);
    }
  });

  it('shows a device only to tokens whose scope covers its park', async () => {
    const { store, get, token, url } = await startService();
    await store('ww-1', 'wastewater', ramp('ph', 1, HOUR));
    const path = query('/readings', { device: 'ww-1' });
    expect((await get(path, { token: token('viewer', [PARK]) })).status).toBe(200);
    expect((await get(path, { token: token('inspector') })).status).toBe(200);
    const refused = await get(path, { token: token('operator', [OTHER_PARK]) });
    const absent = await get(query('/readings', { device: 'ww-9' }), { token: token('operator', [OTHER_PARK]) });
    expect([refused.status, absent.status]).toEqual([404, 404]);
    expect((await json(refused)).detail).toBe('there is no device ww-1');
    expect((await fetch(url + path)).status).toBe(401);
    expect((await get(path, { token: ADMIN })).status).toBe(200);
  });

  it('counts series across devices and refuses more than 100', async () => {
    const { get, registry } = await startService();
    const devices = Array.from({ length: 51 }, (_, i) => `ww-${i}`);
    for (const id of devices) registry.putDevice({ id, park: PARK, domain: 'wastewater' }, 'test');
    const path = (count: number) =>
      query('/readings', { device: devices.slice(0, count).join(), metric: 'ph,cod_mg_l' });
    expect((await get(path(50))).status).toBe(200);
    const refused = await get(path(51));
    expect(refused.status).toBe(422);
    expect(await json(refused)).toMatchObject({ code: 'too_many_series', bound: 'series', limit: 100 });
  });
});
