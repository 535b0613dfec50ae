import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant, MAX_INSTANT, MIN_INSTANT } from '../../../../src/model/time/rfc3339.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { INSTANT_BYTES, instantBytes } from '../../../../src/model/time/zone-bytes.js';

const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'UTC'].map((name) => new TimeZone(name));

describe('instantBytes', () => {
  it.each([
    ['Asia/Shanghai', 1_763_856_000_000, '2025-11-23T08:00:00+08:00'],
    ['Asia/Shanghai', 1_763_856_000_007, '2025-11-23T08:00:00.007+08:00'],
    ['America/St_Johns', Date.UTC(2026, 0, 1) - 1, '2025-12-31T20:29:59.999-03:30'],
  ])('%s writes %i as %s', (name, instant, text) => {
    const bytes = new Uint8Array(40);
    const end = instantBytes(new TimeZone(name))(instant, bytes, 5);
    expect(Buffer.from(bytes.subarray(5, end)).toString()).toBe(text);
  });

  it('writes what formatInstant writes, in any order of instants, and no more than its bound', () => {
    const writers = zones.map((zone) => ({ zone, write: instantBytes(zone) }));
    const bytes = new Uint8Array(40);
    fc.assert(
      fc.property(
        fc.constantFrom(...writers),
        fc.integer({ min: MIN_INSTANT, max: MAX_INSTANT }),
        (writer, instant) => {
          const end = writer.write(instant, bytes, 0);
          expect(end).toBeLessThanOrEqual(INSTANT_BYTES);
          expect(Buffer.from(bytes.subarray(0, end)).toString()).toBe(formatInstant(instant, writer.zone));
        },
      ),
    );
  });
});
