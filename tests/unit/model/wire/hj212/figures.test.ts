import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { parseArea } from '../../../../../src/model/wire/hj212/area.js';
import type { ChannelSetting } from '../../../../../src/model/wire/hj212/factors.js';
import { figuresOf } from '../../../../../src/model/wire/hj212/figures.js';
import { instantOf, printInstant, printQn } from '../../../../../src/model/wire/hj212/time.js';
import { PACKETS, type PacketName } from './vectors.js';

const ZONE = new TimeZone('Asia/Shanghai');
const at = (text: string) => Date.parse(`${text}+08:00`);

function figures(cn: string, text: string, strict = false, channels: Record<string, ChannelSetting> = {}) {
  const area = parseArea(text, strict);
  if (!area.ok) throw new Error(area.problem);
  return figuresOf(cn, area.value, { strict, zone: ZONE, channels: new Map(Object.entries(channels)) });
}

const of = (name: PacketName, strict = false) => {
  const text = PACKETS[name].slice(6, -4);
  return figures(/CN=(\d+)/.exec(text)![1]!, text.split('&&')[1]!, strict);
};

describe('figuresOf', () => {
  it('reads the intervals of appendix C as appendix D computes them: 10.5, 63.0 and 1,512 m³ of 17.5 L/s', () => {
    const expected = [
      ['2051', 'minute', '2016-08-01T08:40:00', 10.5, 600],
      ['2061', 'hour', '2016-08-01T08:00:00', 63, 3_600],
      ['2031', 'day', '2016-08-01T00:00:00', 1_512, 86_400],
    ] as const;
    for (const [name, basis, start, volume, seconds] of expected) {
      const { figures: found, rejections } = of(name, true);
      expect(rejections).toEqual([]);
      expect(found).toHaveLength(11);
      const flow = found.filter(({ metric }) => metric === 'flow_l_s');
      expect(flow.map(({ part, value }) => [part, value])).toEqual([
        ['min', 16.4],
        ['avg', 17.5],
        ['max', 20.1],
        ['cou', volume],
      ]);
      for (const one of found) expect(one).toMatchObject({ basis, ts: at(start), flag: 'N', quality: 'good' });
      expect((17.5 * seconds) / 1_000).toBe(volume);
    }
  });

  it('reads old codes, without flags and without seconds of their own, as the new ones', () => {
    expect(of('2005 minute', true).figures.map(({ metric, part, value }) => [metric, part, value])).toEqual([
      ['flow_l_s', 'min', 895.13],
      ['flow_l_s', 'avg', 909.87],
      ['flow_l_s', 'max', 932.28],
      ['flow_l_s', 'cou', 54.59],
      ['cod_mg_l', 'min', 999.99],
      ['cod_mg_l', 'avg', 999.99],
      ['cod_mg_l', 'max', 999.99],
      ['cod_mg_l', 'cou', 54.59],
      ['nh3n_mg_l', 'min', 30.18],
      ['nh3n_mg_l', 'avg', 30.18],
      ['nh3n_mg_l', 'max', 30.18],
      ['nh3n_mg_l', 'cou', 1.65],
    ]);
    expect(of('2005 realtime').figures.map(({ metric, value, ts }) => [metric, value, ts])).toEqual(
      [
        ['flow_l_s', 36.91],
        ['cod_mg_l', 231],
        ['nh3n_mg_l', 1.803],
      ].map((one) => [...one, at('2016-08-24T00:38:17')]),
    );
    expect(of('2005 realtime', true)).toMatchObject({ figures: [], rejections: [{ code: 'invalid_ts' }] });
  });

  it('has the time of the sample beside that of the message, so that a value that is repeated was measured once', () => {
    const found = of('realtime with SampleTime', true).figures;
    for (const one of found) expect(one.ts).toBe(at('2021-03-20T01:34:00'));
    expect(found.map(({ metric, sampledAt }) => [metric, sampledAt])).toEqual([
      ['flow_l_s', null],
      ['tn_mg_l', at('2021-03-20T00:54:00')],
      ['tp_mg_l', at('2021-03-20T01:34:00')],
      ['nh3n_mg_l', at('2021-03-20T01:34:00')],
      ['cod_mg_l', at('2021-03-20T01:34:00')],
      ['ph', at('2021-03-20T01:34:06')],
    ]);
  });

  it.each(['', '20200101000000', '20210320014000', '20210230000000'])('believes no SampleTime of "%s"', (time) => {
    const text = `DataTime=20210320013400;w01018-SampleTime=${time},w01018-Rtd=9,w01018-Flag=N`;
    expect(figures('2011', text).figures).toMatchObject([{ ts: at('2021-03-20T01:34:00'), sampledAt: null }]);
  });

  it('converts by the unit of the channel, by table B.1 where the profile says none', () => {
    const text = 'DataTime=20240601085857;w20117-Rtd=85.2,w20117-Cou=12;w20121-Rtd=0.26;w00000-Rtd=36,w00000-Cou=5';
    const values = (channels: Record<string, ChannelSetting>) =>
      figures('2011', text, false, channels).figures.map(({ metric, part, value }) => `${metric} ${part} ${value}`);
    expect(values({})).toEqual([
      'hexavalent_chromium_mg_l rtd 0.0852',
      'hexavalent_chromium_mg_l cou 0.012',
      'total_nickel_mg_l rtd 0.26',
      'flow_l_s rtd 36',
      'flow_l_s cou 5',
    ]);
    expect(
      values({ w20117: { unit: 'mg/L', massUnit: 'kg' }, w20121: { unit: 'µg/L' }, w00000: { unit: 'm3/h' } }),
    ).toEqual([
      'hexavalent_chromium_mg_l rtd 85.2',
      'hexavalent_chromium_mg_l cou 12',
      'total_nickel_mg_l rtd 0.00026',
      'flow_l_s rtd 10',
      'flow_l_s cou 5',
    ]);
    expect(figures('2011', text, false, { w20117: { unit: 'L/s' }, w20121: { ignored: true } })).toMatchObject({
      figures: [{ metric: 'flow_l_s' }, { metric: 'flow_l_s' }],
      rejections: [{ code: 'unknown_metric' }],
    });
  });

  it('keeps each flag with its values; only N is good, so that no zero of a fault counts as measured', () => {
    for (const flag of ['F', 'M', 'S', 'D', 'C', 'T', 'B']) {
      const { figures: found } = figures(
        '2051',
        `DataTime=20240601085000;w01018-Min=0.000,w01018-Avg=0,w01018-Cou=0,w01018-Flag=${flag}`,
        true,
      );
      expect(found).toHaveLength(3);
      for (const one of found) expect(one).toMatchObject({ value: 0, flag, quality: 'flagged' });
    }
    expect(figures('2011', 'DataTime=20150101000000;011-Rtd=0;011-Flag=P').figures).toMatchObject([
      { flag: 'D', quality: 'flagged' },
    ]);
    expect(figures('2011', 'DataTime=20150101000000;011-Rtd=1,011-Flag=n').figures).toMatchObject([
      { flag: 'N', quality: 'good' },
    ]);
  });

  it('corrects nothing: what is out of range, or has Avg outside Min and Max, stays as it came', () => {
    const odd = figures(
      '2051',
      'DataTime=20240601085000;w00000-Min=392.51,w00000-Avg=66.09,w00000-Max=403.98,w00000-Cou=237.91,w00000-Flag=N',
    );
    expect(odd.figures.map(({ value, quality }) => [value, quality])).toEqual([
      [392.51, 'good'],
      [66.09, 'good'],
      [403.98, 'good'],
      [237.91, 'good'],
    ]);
    expect(figures('2011', 'DataTime=20240601085000;w01001-Rtd=15').figures).toMatchObject([
      { value: 15, quality: 'out_of_range' },
    ]);
  });

  it.each([
    ['a letter of no table', 'w01018-Rtd=1,w01018-Flag=X', 'invalid_flag'],
    ['no number', 'w01018-Rtd=1.2.3,w01018-Flag=N', 'invalid_value'],
    ['an empty value that is said to be right', 'w01018-Rtd=,w01018-Flag=N', 'invalid_value'],
    ['a code without metric', 'a99948-Rtd=1', 'unknown_metric'],
    ['a name of an object', '__proto__-Rtd=1', 'unknown_metric'],
    ['two values of one kind', 'w01018-Rtd=1;011-Rtd=2', 'invalid_item'],
    ['a quantity of pH', 'w01001-Cou=1', 'invalid_value'],
  ])('refuses %s, and takes what stands beside it', (_, item, code) => {
    expect(figures('2011', `DataTime=20240601085000;${item};w21003-Rtd=2`)).toMatchObject({
      figures: [{ metric: 'nh3n_mg_l', value: 2 }],
      rejections: [{ index: null, code }],
    });
  });

  it('has nothing of an empty value with a fault, nothing of other commands, and no time means none', () => {
    expect(figures('2011', 'DataTime=20240601085000;w01018-Rtd=,w01018-Flag=D')).toEqual({
      figures: [],
      rejections: [],
    });
    expect(figures('2021', 'DataTime=20240601085000;SB1-RS=1')).toEqual({ figures: [], rejections: [] });
    expect(figures('2011', 'w01018-Rtd=1')).toMatchObject({ figures: [], rejections: [{ code: 'invalid_ts' }] });
  });

  it('throws nothing, and gives finite values and whole times only, whatever the text', () => {
    const piece = fc.constantFrom(
      'DataTime=20240601085000',
      'w01018-Rtd=',
      'B01-Cou=1e400',
      '-Rtd=1',
      'w01018-Flag=',
      '//',
      '=',
      ',',
      ';',
      '9',
      '-',
      'constructor-Avg=1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), fc.boolean(), (pieces, strict) => {
        const area = parseArea(pieces.join(''), strict);
        if (!area.ok) return;
        for (const one of figuresOf('2011', area.value, { strict, zone: ZONE, channels: new Map() }).figures) {
          expect(Number.isFinite(one.value) && Number.isInteger(one.ts)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('times of a logger', () => {
  it('are those of its zone, to the second or the millisecond, and must exist', () => {
    expect(instantOf('20240601085857', ZONE)).toBe(at('2024-06-01T08:58:57'));
    expect(instantOf('20240601085857123', ZONE, true)).toBe(at('2024-06-01T08:58:57.123'));
    for (const text of [
      '20240601085857123',
      '20240230000000',
      '20240601240000',
      '20240001000000',
      '2024060108585',
      '',
    ]) {
      expect(instantOf(text, ZONE)).toBeNull();
    }
    expect(printInstant(at('2024-06-01T08:58:57'), ZONE)).toBe('20240601085857');
    expect(printQn(at('2024-06-01T08:58:57.007'), ZONE)).toBe('20240601085857007');
  });
});
