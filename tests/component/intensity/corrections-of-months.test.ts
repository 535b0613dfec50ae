import { expect, it } from 'vitest';
import { parseMonth } from '../../../src/intensity/model/statistics/period.js';
import { DAY, HOUR, lake, MAY, METER, NOW, PARK } from './lake.js';

it('says beside each month what was said of its readings, and whether that has its effect', async () => {
  const { put, said, consumption, change } = await lake();
  const june = MAY + 31 * DAY;
  await put(Array.from({ length: (NOW - MAY) / HOUR }, (_, i) => ({ ts: MAY + i * HOUR, value: 10 * i })));
  // One glitch that an operator voided, across the edge of two months, and one void and one exchange of May.
  const authored = { by: 'op', at: NOW, why: '倒走' };
  said.corrections = {
    swaps: [{ ts: MAY + 5 * DAY, closing: 1200, opening: 1200, ...authored }],
    voids: [
      { from: june - HOUR, to: june + HOUR, readings: 2, ...authored },
      { from: MAY + DAY, to: MAY + DAY + 1, ...authored },
    ],
    gapRules: [],
  };
  change();
  const months = async () => {
    const all = await consumption.months(PARK, 'electricity', parseMonth('2026-05')!, parseMonth('2026-07')!);
    return all.map(({ month, corrections }) => [
      month,
      corrections?.map(({ what, device, readings, hasEffect }) => [what, device, readings, hasEffect]),
    ]);
  };
  const across = ['void', METER.device, 2, true];
  expect(await months()).toEqual([
    ['2026-05', [['void', METER.device, undefined, true], ['swap', METER.device, undefined, true], across]],
    ['2026-06', [across]],
    ['2026-07', undefined],
  ]);
  // Of a time whose readings are no longer kept it changes nothing any more, and says so.
  said.keptSince = MAY + 10 * DAY;
  expect((await months())[0]![1]).toEqual([
    ['void', METER.device, undefined, false],
    ['swap', METER.device, undefined, false],
    across,
  ]);
});
