import { HttpError } from '@influxdata/influxdb-client';
import { describe, expect, it } from 'vitest';
import { describeFailure, InfluxError } from '../../../../src/historian/influxdb/errors.js';
import { Backoff } from '../../../../src/historian/worker-thread/pacing/waiting.js';
import { kindOf, retryAfterMs, WriteErrors } from '../../../../src/historian/worker-thread/write-errors.js';

const answered = (status: number) => describeFailure(new HttpError(status, 'said so', '{}'), 'db', 0);
const failures: [string, unknown][] = [
  ['unreachable', describeFailure(new Error('ECONNREFUSED'), 'db', 0)],
  ['timeout', new InfluxError('retry', 'no answer', { timedOut: true })],
  ['credentials', answered(401)],
  ['credentials', answered(403)],
  ['not_found', answered(404)],
  ['refused', answered(400)],
  ['refused', answered(413)],
  ['refused', answered(422)],
  ['busy', answered(429)],
  ['busy', answered(503)],
  ['server', answered(500)],
  ['server', answered(507)],
  ['other', new Error('disk full')],
  ['other', 'a text'],
  ['other', null],
];

describe('the kind of a failed write', () => {
  it.each(failures)('is %s: %s', (kind, error) => {
    expect(kindOf(error)).toBe(kind);
  });

  it('is counted, every kind from 0', () => {
    const errors = new WriteErrors();
    expect(new Set(Object.values(errors.counts))).toEqual(new Set([0]));
    for (const [, error] of failures) errors.count(error);
    expect(errors.counts).toEqual({
      unreachable: 1,
      timeout: 1,
      credentials: 2,
      not_found: 1,
      refused: 3,
      busy: 2,
      server: 2,
      other: 3,
    });
  });
});

describe('retryAfterMs', () => {
  it('is what the server asked for, else 0', () => {
    expect(retryAfterMs(new InfluxError('retry', 'wait', { retryAfterMs: 7_000 }))).toBe(7_000);
    for (const error of [new InfluxError('retry', 'no'), new Error('no'), null, undefined, 'no']) {
      expect(retryAfterMs(error)).toBe(0);
    }
    for (const retryAfter of [Number.NaN, Number.POSITIVE_INFINITY, -5, '9']) {
      expect(retryAfterMs({ retryAfterMs: retryAfter })).toBe(0);
    }
  });
});

describe('Backoff', () => {
  const bounds = [100, 200, 400, 800, 1_000, 1_000];

  it.each([
    ['half the bound at the least', 0, 0.5],
    ['all of it at the most', 1, 1],
  ])('waits %s, the bound doubling up to its end', (_, drawn, share) => {
    const backoff = new Backoff(100, 1_000, () => drawn);
    expect(bounds.map(() => backoff.delay())).toEqual(bounds.map((bound) => bound * share));
    backoff.succeeded();
    expect(backoff.delay()).toBe(100 * share);
  });

  it('draws each wait anew', () => {
    const waits = new Set(Array.from({ length: 20 }, () => new Backoff(1_000, 30_000).delay()));
    expect(waits.size).toBeGreaterThan(1);
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(500);
      expect(wait).toBeLessThanOrEqual(1_000);
    }
  });
});
