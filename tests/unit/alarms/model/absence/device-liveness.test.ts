import { describe, expect, it } from 'vitest';
import {
  DeviceLiveness,
  expectedMs,
  SERIES_PER_DEVICE,
} from '../../../../../src/alarms/model/absence/device-liveness.js';
import type { DeviceReadings } from '../../../../../src/model/reading.js';

const S = 1_000;

function message(atS: number, ...metrics: string[]): DeviceReadings {
  const readings = metrics.map((metric) => ({ metric, ts: atS * S, value: 1, flag: 'N', quality: 'good' }) as const);
  return { park: 'p', domain: 'wastewater', device: 'p/ww', gateway: 'gw', receivedAt: atS * S, readings };
}

/** A device that has sent ph and cod every `everyS` until `toS`. */
function station(toS: number, everyS = 20): DeviceLiveness {
  const device = new DeviceLiveness('p/ww', 'p', 'wastewater', 'gw');
  for (let atS = 0; atS <= toS; atS += everyS) device.noteReceipt(message(atS, 'ph', 'cod'), atS * S);
  return device;
}
const times = (device: DeviceLiveness) =>
  Object.fromEntries(Array.from(device.series?.values() ?? [], (one) => [one.metric, one.at / S]));

describe('a device as it is heard', () => {
  it('has one time for all its series while they come together', () => {
    const device = station(400);
    expect([device.at, device.series, device.usual]).toEqual([400 * S, null, ['ph', 'cod']]);
    expect(device.interval.estimateMs).toBe(20 * S);
  });

  it.each([
    ['one is missing', ['ph'], { ph: 420, cod: 400 }],
    ['one is new', ['ph', 'cod', 'tp'], { ph: 420, cod: 420, tp: 420 }],
    ['they are others altogether', ['tp', 'tn'], { ph: 400, cod: 400, tp: 420, tn: 420 }],
    ['one comes twice', ['ph', 'ph'], { ph: 420, cod: 400 }],
  ])('has a time for each once %s', (_, metrics, expected) => {
    const device = station(400);
    device.noteReceipt(message(420, ...metrics), 420 * S);
    expect(times(device)).toEqual(expected);
  });

  it('expects of each what was expected of all, until it has shown an interval of its own', () => {
    const device = station(400);
    for (let atS = 420; atS <= 1_200; atS += 20) {
      device.noteReceipt(atS % 60 === 0 ? message(atS, 'ph', 'cod') : message(atS, 'ph'), atS * S);
      if (atS === 440) expect(expectedMs(device.series!.get('cod')!)).toBe(20 * S);
    }
    expect(expectedMs(device.series!.get('ph')!)).toBe(20 * S);
    expect(expectedMs(device.series!.get('cod')!)).toBe(60 * S);
  });

  it('expects nothing of a series that stayed away for long and came again, until its interval is known', () => {
    const device = station(400);
    device.noteReceipt(message(420, 'ph'), 420 * S);
    device.noteReceipt(message(500, 'cod'), 500 * S);
    expect(expectedMs(device.series!.get('cod')!)).toBeNull();
    expect(expectedMs(device.series!.get('ph')!)).toBe(20 * S);
  });

  it('is not heard by a message without readings', () => {
    const device = station(400);
    device.noteReceipt(message(420), 420 * S);
    expect([device.at, device.series]).toEqual([400 * S, null]);
  });

  it('follows as many series as it may, and counts the others', () => {
    const device = station(400);
    const metrics = Array.from({ length: SERIES_PER_DEVICE + 5 }, (_, n) => `m${n}`);
    device.noteReceipt(message(420, ...metrics), 420 * S);
    expect(device.series!.size).toBe(SERIES_PER_DEVICE);
    // Two are taken by those it had before.
    expect(device.turnedAway).toBe(7);
  });
});
