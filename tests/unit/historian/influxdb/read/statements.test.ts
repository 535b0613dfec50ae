import { describe, expect, it } from 'vitest';
import { metricsAmong } from '../../../../../src/historian/influxdb/read/known-metrics.js';
import { isName, quoted, selectReadings } from '../../../../../src/historian/influxdb/read/statements.js';
import { DELAY, delayField, statusField } from '../../../../../src/historian/influxdb/schema.js';
import { CATALOGUE } from '../../../../../src/model/catalogue/index.js';
import { deviceKey } from '../../../../../src/model/ids.js';

describe('statements', () => {
  it('bind what comes from outside, and name nothing that is not a name of ours', () => {
    const hostile = `x' OR 1=1; DROP DATABASE "parks" --`;
    const { text, params } = selectReadings(
      'energy',
      deviceKey('park-a', hostile),
      ['a_kw'],
      { from: 0, to: 1 },
      { limit: 5, delays: true },
    );
    expect(text).toBe(
      'SELECT "a_kw", "a_kw_status", "a_kw_delay_ms", "delay_ms" FROM "energy" ' +
        'WHERE "device" = $device AND "park" = $park AND time >= $from AND time < $to LIMIT 5',
    );
    expect(params).toEqual({
      device: hostile,
      park: 'park-a',
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:00:00.001Z',
    });
    for (const name of [hostile, '', 'a"b', 'A', '1a', 'a-b', 'a.b', 'a b', 'a\nb']) {
      expect(isName(name)).toBe(false);
      expect(() => quoted(name)).toThrow(RangeError);
    }
  });

  it('keep times within what the server can count, whatever is asked', () => {
    const span = { from: Number.NEGATIVE_INFINITY, to: Number.MAX_VALUE };
    const { params } = selectReadings('energy', 'park-a/d', ['a_kw'], span, { limit: 5, delays: false });
    expect(params).toEqual({
      device: 'd',
      park: 'park-a',
      from: '1678-01-01T00:00:00.000Z',
      to: '2262-01-01T00:00:00.000Z',
    });
  });

  it('can name every metric of the catalogue, and no metric passes for what goes with another', () => {
    const keys = CATALOGUE.map(({ key }) => key);
    expect(keys.filter((key) => !isName(key))).toEqual([]);
    const fields = new Set([DELAY, ...keys.flatMap((key) => [key, statusField(key), delayField(key)])]);
    expect(metricsAmong(fields).sort()).toEqual([...new Set(keys)].sort());
  });
});
