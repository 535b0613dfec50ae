import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import type { Domain } from '../../../../../src/model/reading.js';
import { Drive, MONDAY } from './rule-drive.js';

const MINUTE = 60_000;
const byId = new Map(DEFAULT_RULES.map((rule) => [rule.id, rule]));

/** Two hours of one value from 01:00 on a Monday, or from `hour`. */
function raised(id: string, usual: number | null, value: number, hour = 1): string[] {
  const rule = byId.get(id)!;
  const drive = new Drive(
    [rule],
    () => ({}),
    () => usual,
  );
  for (let minute = 0; minute <= 120; minute += 5) {
    const ts = MONDAY + hour * 60 * MINUTE + minute * MINUTE;
    drive.send(rule.domain as Domain, 'd', ts, { [rule.metric]: value });
  }
  return drive.told;
}

describe('leaks and discharges where little or nothing is usual', () => {
  it.each([
    ['discharge-off-shift', 5_000],
    ['water-leak', 400],
    ['gas-off-shift', 900],
  ])('%s is raised where 0.4, or nothing, or nobody knows what is usual, and now it is %d', (id, value) => {
    const rule = [`raised ${id}:d`];
    expect(raised(id, 0.4, value)).toEqual(rule);
    expect(raised(id, 0.001, value)).toEqual(rule);
    expect(raised(id, 0, value)).toEqual(rule);
    expect(raised(id, null, value)).toEqual(rule);
  });

  it.each([
    ['demand-unusual', 5_000, 10],
    ['demand-off-shift', 5_000, 1],
  ])('%s is raised where little or nothing is usual, and now it is %d', (id, value, hour) => {
    expect(raised(id, 0.4, value, hour)).toEqual([`raised ${id}:d`]);
    expect(raised(id, 0, value, hour)).toEqual([`raised ${id}:d`]);
    // What a meter draws tells nothing by itself: a workshop and a works differ a thousandfold.
    expect(raised(id, null, value, hour)).toEqual([]);
  });

  it.each([
    ['discharge-off-shift', 0.4],
    ['water-leak', 0.15],
    ['gas-off-shift', 0.5],
    ['demand-off-shift', 2],
  ])('%s is silent about a trickle of %d where nothing is usual, and where it is not yet known', (id, value) => {
    expect(raised(id, 0, value / 2)).toEqual([]);
    expect(raised(id, value, value)).toEqual([]);
    expect(raised(id, null, value)).toEqual([]);
    expect(raised(id, Number.NaN, 100 * value)).toEqual([]);
  });
});

describe('a value beyond the range of its instrument', () => {
  const send = (flags: readonly ('N' | 'T')[], value = 600) => {
    const drive = new Drive([byId.get('cod-high')!], () => ({ expectedIntervalS: 60 }));
    flags.forEach((flag, n) => {
      drive.send('wastewater', 'd', MONDAY + n * MINUTE, { cod_mg_l: flag === 'T' ? value : 100 }, flag);
    });
    return drive.told;
  };

  it('raises a limit, since the true one is at least that, and ends nothing', () => {
    expect(send(['N', 'T', 'T', 'T'])).toEqual(['raised cod-high:d']);
    expect(send(['N', 'T', 'T', 'T', 'N', 'N'])).toEqual(['raised cod-high:d', 'cleared cod-high:d']);
    expect(send(['N', 'T', 'T', 'T'], 50)).toEqual([]);
  });

  it('says nothing about a low limit', () => {
    const drive = new Drive([byId.get('ph-low')!], () => ({ expectedIntervalS: 60 }));
    for (let n = 0; n < 5; n += 1) drive.send('wastewater', 'd', MONDAY + n * MINUTE, { ph: 2 }, 'T');
    expect(drive.told).toEqual([]);
  });
});
