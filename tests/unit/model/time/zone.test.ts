import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatInstant,
  instantFormatter,
  instantFromText,
  MAX_INSTANT,
  MIN_INSTANT,
} from '../../../../src/model/time/rfc3339.js';
import { CACHED_DAYS, TimeZone } from '../../../../src/model/time/zone.js';

const HOUR = 3_600_000;
const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
const zoneOf = new Map(zones.map((name) => [name, new TimeZone(name)]));
const anyZone = fc.constantFrom(...zoneOf.values());
const anyInstant = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2040, 0, 1) });

describe('TimeZone', () => {
  it('refuses a name that is no zone', () => {
    expect(() => new TimeZone('Wenzhou')).toThrow(RangeError);
  });

  // Offsets and hours of change as the tz database has them.
  it.each([
    ['Asia/Shanghai', '2026-11-23T00:00:00Z', 8],
    ['Asia/Shanghai', '1988-07-01T00:00:00Z', 9],
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 1],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 2],
    ['Europe/Berlin', '2026-10-25T00:59:59.999Z', 2],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 1],
    ['America/St_Johns', '2026-01-01T00:00:00Z', -3.5],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', 5.75],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', -10],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 14],
    ['UTC', '2026-01-01T00:00:00Z', 0],
  ])('%s at %s is %f h from UTC', (name, at, hours) => {
    expect(new TimeZone(name).offsetAt(Date.parse(at))).toBe(hours * HOUR);
  });

  it('rounds the offsets of local mean time to whole minutes, which is all RFC 3339 can write', () => {
    // Shanghai before 1901: +08:05:43
    expect(formatInstant(Date.parse('1890-01-01T00:00:00Z'), new TimeZone('Asia/Shanghai'))).toBe(
      '1890-01-01T08:06:00+08:06',
    );
  });

  const local = (text: string) => Date.parse(`${text}Z`);
  it.each([
    ['an ordinary time', 'Europe/Berlin', '2026-07-01T12:00', ['2026-07-01T10:00Z']],
    [
      'a repeated time, earliest first',
      'Europe/Berlin',
      '2026-10-25T02:30',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z'],
    ],
    ['the first repeated time', 'Europe/Berlin', '2026-10-25T02:00', ['2026-10-25T00:00Z', '2026-10-25T01:00Z']],
    ['the first time no longer repeated', 'Europe/Berlin', '2026-10-25T03:00', ['2026-10-25T02:00Z']],
    ['a skipped time, as the change', 'Europe/Berlin', '2026-03-29T02:30', ['2026-03-29T01:00Z']],
    ['a skipped midnight', 'America/Sao_Paulo', '2018-11-04T00:00', ['2018-11-04T03:00Z']],
    ['a repeated midnight', 'America/Havana', '2026-11-01T00:00', ['2026-11-01T04:00Z', '2026-11-01T05:00Z']],
    ['a skipped day', 'Pacific/Apia', '2011-12-30T12:00', ['2011-12-30T10:00Z']],
  ])('maps %s to its instants', (_, name, text, instants) => {
    const expected = instants.map((instant) => new Date(instant).toISOString());
    const found = new TimeZone(name).toInstants(local(text)).map((instant) => new Date(instant).toISOString());
    expect(found).toEqual(expected);
  });

  it('finds every instant among those that show its local time', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (zone, instant) => {
        expect(zone.toInstants(zone.toLocal(instant))).toContain(instant);
      }),
    );
  });

  it('agrees with Intl on the wall clock', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (zone, instant) => {
        const shown = new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone.name,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(instant);
        expect(new Date(zone.toLocal(instant)).toISOString().slice(0, 19)).toBe(shown.replace(' ', 'T'));
      }),
    );
  });

  it('stays right when more days are asked for than it keeps', () => {
    const zone = new TimeZone('Europe/Berlin');
    const summer = Date.UTC(2026, 6, 1);
    expect(zone.offsetAt(summer)).toBe(2 * HOUR);
    for (let day = 0; day <= CACHED_DAYS; day++) zone.offsetAt(day * 24 * HOUR);
    expect(zone.offsetAt(summer)).toBe(2 * HOUR);
  });
});

describe('instantFromText', () => {
  it.each([
    ['2026-11-23T08:00:00+08:00', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T00:00:00Z', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23t00:00:00.5z', '2026-11-23T00:00:00.500Z'],
    ['2026-11-23 00:00:00Z', '2026-11-23T00:00:00.000Z'],
    ['2026-11-22T19:30:00.123456-04:30', '2026-11-23T00:00:00.123Z'],
    ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['1763856000000', '2025-11-23T00:00:00.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['-1', '1969-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    const instant = instantFromText(text);
    expect(instant === null ? null : new Date(instant).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-11-23',
    '2026-11-23T08:00:00',
    '2026-11-23T08:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T08:60:00Z',
    '2026-11-23T08:00:61Z',
    '2026-11-23T08:00:00+24:00',
    '2026-11-23T08:00:00+0800',
    '2026-11-23T08:00:00.Z',
    '0099-12-31T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '999999999999999',
    '1e12',
    '1763856000000.5',
    ' 0',
  ])('refuses %j', (text) => {
    expect(instantFromText(text)).toBeNull();
  });
});

describe('formatInstant', () => {
  it.each([
    ['Asia/Shanghai', 0, '1970-01-01T08:00:00+08:00'],
    ['Asia/Shanghai', 1_763_856_000_001, '2025-11-23T08:00:00.001+08:00'],
    ['America/St_Johns', Date.UTC(2026, 0, 1), '2025-12-31T20:30:00-03:30'],
    ['UTC', -1, '1969-12-31T23:59:59.999+00:00'],
    ['UTC', MAX_INSTANT, '9998-12-31T23:59:59.999+00:00'],
    ['Asia/Shanghai', MIN_INSTANT, '0100-01-02T08:06:00+08:06'],
  ])('%s writes %i as %s', (name, instant, text) => {
    expect(formatInstant(instant, new TimeZone(name))).toBe(text);
  });

  it('is read back as the same instant, in every zone, in any order', () => {
    const writers = [...zoneOf.values()].map((zone) => instantFormatter(zone));
    fc.assert(
      fc.property(fc.constantFrom(...writers), fc.integer({ min: MIN_INSTANT, max: MAX_INSTANT }), (write, instant) => {
        expect(instantFromText(write(instant))).toBe(instant);
      }),
    );
  });
});
