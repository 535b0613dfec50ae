import { describe, expect, it } from 'vitest';
import { clockMs, DurationError, parseDuration, shortestMs } from '../../../../src/model/time/duration.js';

describe('parseDuration', () => {
  it.each([
    ['10s', 10, 's', 10_000],
    ['5m', 5, 'm', 300_000],
    ['1h', 1, 'h', 3_600_000],
    ['24h', 24, 'h', 86_400_000],
    ['1d', 1, 'd', null],
    ['2w', 2, 'w', null],
    ['1mo', 1, 'mo', null],
    ['3mo', 3, 'mo', null],
    ['1y', 1, 'y', null],
  ])('reads %s', (text, count, unit, ms) => {
    expect(parseDuration(text)).toEqual({ count, unit });
    expect(clockMs(parseDuration(text))).toBe(ms);
  });

  it.each(['', '5', 'h', '-1h', '1.5h', '1 h', '1H', '1min', '1h30m', '1ms', '1e3s', '999999s', 'm5'])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(DurationError);
      expect(() => parseDuration(text)).toThrow(/s, m, h, d, w, mo, y/);
    },
  );

  it.each(['0s', '0mo'])('refuses the empty window %s', (text) => {
    expect(() => parseDuration(text)).toThrow('cannot be 0 long');
  });

  it.each(['7m', '5h', '36h', '7s', '48h'])('refuses %s, which would cut days at changing times', (text) => {
    expect(() => parseDuration(text)).toThrow(`${text} does not divide a day evenly`);
  });
});

describe('shortestMs', () => {
  it.each([
    ['10m', 600_000],
    ['1d', 23 * 3_600_000],
    ['1w', 167 * 3_600_000],
    ['1mo', (28 * 24 - 1) * 3_600_000],
    ['2y', 2 * (365 * 24 - 1) * 3_600_000],
  ])('of %s bounds the number of windows from above', (text, ms) => {
    expect(shortestMs(parseDuration(text))).toBe(ms);
  });
});
