import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../../src/model/time/duration.js';
import { formatInstant } from '../../../../src/model/time/rfc3339.js';
import { TooManyWindowsError, windowEdges } from '../../../../src/model/time/windows.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { cpuMs } from '../../../helpers/cpu-time.js';

const zoneOf = new Map<string, TimeZone>();
function zone(name: string): TimeZone {
  const known = zoneOf.get(name) ?? new TimeZone(name);
  zoneOf.set(name, known);
  return known;
}

/** Edges as local wall-clock text, the offset's hours kept where `offsets` is set. */
function cut(name: string, from: string, to: string, every: string, max = 1000): string[] {
  const edges = windowEdges(Date.parse(from), Date.parse(to), parseDuration(every), zone(name), max);
  return [...edges].map((edge) => formatInstant(edge, zone(name)).replace(/:00(?=[+-])/, ''));
}

describe('windowEdges, worked by hand', () => {
  it('cuts days at midnight in Wenzhou, whole days around the range', () => {
    expect(cut('Asia/Shanghai', '2026-11-22T20:00:00+08:00', '2026-11-24T00:00:01+08:00', '1d')).toEqual([
      '2026-11-22T00:00+08:00',
      '2026-11-23T00:00+08:00',
      '2026-11-24T00:00+08:00',
      '2026-11-25T00:00+08:00',
    ]);
  });

  it('adds no window when the range ends on an edge', () => {
    expect(cut('Asia/Shanghai', '2026-11-23T00:00:00+08:00', '2026-11-24T00:00:00+08:00', '1d')).toEqual([
      '2026-11-23T00:00+08:00',
      '2026-11-24T00:00+08:00',
    ]);
  });

  it('begins short windows at local midnight, also where the offset has half an hour', () => {
    expect(cut('Asia/Kolkata', '2026-11-22T20:00:00Z', '2026-11-22T22:00:00Z', '1h')).toEqual([
      '2026-11-23T01:00+05:30',
      '2026-11-23T02:00+05:30',
      '2026-11-23T03:00+05:30',
      '2026-11-23T04:00+05:30',
    ]);
    expect(cut('Asia/Shanghai', '2026-11-23T00:00:00Z', '2026-11-23T09:00:00Z', '8h')).toEqual([
      '2026-11-23T08:00+08:00',
      '2026-11-23T16:00+08:00',
      '2026-11-24T00:00+08:00',
    ]);
  });

  it('knows days of 23 and 25 hours', () => {
    const spring = windowEdges(
      Date.parse('2026-03-29T00:00:00+01:00'),
      Date.parse('2026-03-30T00:00:00+02:00'),
      parseDuration('1d'),
      zone('Europe/Berlin'),
      10,
    );
    expect((spring[1]! - spring[0]!) / 3_600_000).toBe(23);
    const autumn = windowEdges(
      Date.parse('2026-10-25T00:00:00+02:00'),
      Date.parse('2026-10-26T00:00:00+01:00'),
      parseDuration('1d'),
      zone('Europe/Berlin'),
      10,
    );
    expect((autumn[1]! - autumn[0]!) / 3_600_000).toBe(25);
  });

  it('cuts the repeated hour apart', () => {
    expect(cut('Europe/Berlin', '2026-10-25T01:00:00+02:00', '2026-10-25T03:30:00+01:00', '1h')).toEqual([
      '2026-10-25T01:00+02:00',
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
      '2026-10-25T03:00+01:00',
      '2026-10-25T04:00+01:00',
    ]);
  });

  it('leaves the skipped hour out', () => {
    expect(cut('Europe/Berlin', '2026-03-29T01:00:00+01:00', '2026-03-29T04:00:00+02:00', '1h')).toEqual([
      '2026-03-29T01:00+01:00',
      '2026-03-29T03:00+02:00',
      '2026-03-29T04:00+02:00',
    ]);
    expect(cut('Europe/Berlin', '2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00', '15m')).toEqual([
      '2026-03-29T01:30+01:00',
      '2026-03-29T01:45+01:00',
      '2026-03-29T03:00+02:00',
      '2026-03-29T03:15+02:00',
      '2026-03-29T03:30+02:00',
    ]);
  });

  it('keeps six-hour windows on the clock on the day of the change', () => {
    expect(cut('Europe/Berlin', '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', '6h')).toEqual([
      '2026-10-25T00:00+02:00',
      '2026-10-25T06:00+01:00',
      '2026-10-25T12:00+01:00',
      '2026-10-25T18:00+01:00',
      '2026-10-26T00:00+01:00',
    ]);
  });

  it('starts a day whose midnight is skipped at the change', () => {
    expect(cut('America/Sao_Paulo', '2018-11-03T12:00:00-03:00', '2018-11-04T12:00:00-02:00', '1d')).toEqual([
      '2018-11-03T00:00-03:00',
      '2018-11-04T01:00-02:00',
      '2018-11-05T00:00-02:00',
    ]);
  });

  it('has no window for a day that a zone left out', () => {
    expect(cut('Pacific/Apia', '2011-12-29T12:00:00-10:00', '2011-12-31T12:00:00+14:00', '1d')).toEqual([
      '2011-12-29T00:00-10:00',
      '2011-12-31T00:00+14:00',
      '2012-01-01T00:00+14:00',
    ]);
  });

  it('cuts weeks on Mondays', () => {
    // 2026-11-23 is a Monday.
    expect(cut('Asia/Shanghai', '2026-11-22T23:59:59+08:00', '2026-11-23T00:00:01+08:00', '1w')).toEqual([
      '2026-11-16T00:00+08:00',
      '2026-11-23T00:00+08:00',
      '2026-11-30T00:00+08:00',
    ]);
  });

  it('cuts months, quarters and years on their first days', () => {
    expect(cut('Asia/Shanghai', '2024-01-31T23:00:00+08:00', '2024-03-01T00:00:00+08:00', '1mo')).toEqual([
      '2024-01-01T00:00+08:00',
      '2024-02-01T00:00+08:00',
      '2024-03-01T00:00+08:00',
    ]);
    expect(cut('Asia/Shanghai', '2026-05-05T00:00:00+08:00', '2026-08-01T00:00:00+08:00', '3mo')).toEqual([
      '2026-04-01T00:00+08:00',
      '2026-07-01T00:00+08:00',
      '2026-10-01T00:00+08:00',
    ]);
    expect(cut('Asia/Shanghai', '2025-12-31T23:59:59+08:00', '2026-01-01T00:00:01+08:00', '1y')).toEqual([
      '2025-01-01T00:00+08:00',
      '2026-01-01T00:00+08:00',
      '2027-01-01T00:00+08:00',
    ]);
  });

  it('refuses an empty or reversed range', () => {
    const hour = parseDuration('1h');
    expect(() => windowEdges(5, 5, hour, zone('UTC'), 10)).toThrow(RangeError);
    expect(() => windowEdges(6, 5, hour, zone('UTC'), 10)).toThrow(RangeError);
    expect(() => windowEdges(Number.NaN, 5, hour, zone('UTC'), 10)).toThrow(RangeError);
  });

  it('takes exactly the bound and refuses one window more', () => {
    const hour = parseDuration('1h');
    const from = Date.parse('2026-11-23T00:00:00Z');
    expect(windowEdges(from, from + 24 * 3_600_000, hour, zone('UTC'), 24)).toHaveLength(25);
    expect(() => windowEdges(from, from + 24 * 3_600_000 + 1, hour, zone('UTC'), 24)).toThrow(TooManyWindowsError);
    expect(() => windowEdges(from, from + 24 * 3_600_000, hour, zone('UTC'), 23)).toThrow(TooManyWindowsError);
  });

  it('refuses a hopeless range at once', async () => {
    const took = await cpuMs(() => {
      expect(() => windowEdges(0, 4e14, parseDuration('1s'), zone('UTC'), 100_000)).toThrow(TooManyWindowsError);
    });
    expect(took).toBeLessThan(50);
  });
});

describe('windowEdges, for any range', () => {
  const names = [
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'UTC',
  ];
  const anyZone = fc.constantFrom(...names).map(zone);
  const anyFrom = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2035, 0, 1) });
  const anyEvery = fc.constantFrom('15m', '1h', '2h', '6h', '1d', '3d', '1w', '1mo', '3mo', '1y').map(parseDuration);
  const anyLength = fc.oneof(
    fc.integer({ min: 1, max: 3 * 86_400_000 }),
    fc.integer({ min: 1, max: 400 * 86_400_000 }),
  );

  it('edges rise strictly and cover the range with no window to spare', () => {
    fc.assert(
      fc.property(anyZone, anyFrom, anyLength, anyEvery, (tz, from, length, every) => {
        const edges = windowEdges(from, from + length, every, tz, 100_000);
        for (let i = 1; i < edges.length; i++) expect(edges[i]).toBeGreaterThan(edges[i - 1]!);
        expect(edges.length).toBeGreaterThanOrEqual(2);
        expect(edges[0]).toBeLessThanOrEqual(from);
        expect(edges[1]).toBeGreaterThan(from);
        expect(edges.at(-1)).toBeGreaterThanOrEqual(from + length);
        expect(edges.at(-2)).toBeLessThan(from + length);
      }),
    );
  });

  it('a window is the same whatever range it is asked in', () => {
    fc.assert(
      fc.property(anyZone, anyFrom, anyEvery, (tz, from, every) => {
        const wide = windowEdges(from - 40 * 86_400_000, from + 1, every, tz, 100_000);
        const narrow = windowEdges(from, from + 1, every, tz, 100_000);
        expect([...wide.slice(-2)]).toEqual([...narrow]);
      }),
    );
  });

  it('days are local days: each begins on another date, and the instant before it still shows the date before', () => {
    fc.assert(
      fc.property(anyZone, anyFrom, fc.integer({ min: 1, max: 400 * 86_400_000 }), (tz, from, length) => {
        const date = (instant: number) => Math.floor(tz.toLocal(instant) / 86_400_000);
        const edges = windowEdges(from, from + length, parseDuration('1d'), tz, 1000);
        for (let i = 1; i < edges.length; i++) {
          expect(date(edges[i]!)).toBe(date(edges[i - 1]!) + 1);
          expect(date(edges[i]! - 1)).toBe(date(edges[i - 1]!));
        }
      }),
    );
  });

  it('hourly windows begin on the full hour of the clock and are at most an hour and a half long', () => {
    fc.assert(
      fc.property(anyZone, anyFrom, (tz, from) => {
        const edges = windowEdges(from, from + 3 * 86_400_000, parseDuration('1h'), tz, 1000);
        for (let i = 1; i < edges.length; i++) {
          expect(edges[i]! - edges[i - 1]!).toBeLessThanOrEqual(1.5 * 3_600_000);
        }
        const odd = [...edges].filter((edge) => tz.toLocal(edge) % 3_600_000 !== 0);
        // Lord Howe sets clocks forward by half an hour: that one window begins at the change.
        expect(odd.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
