import { describe, expect, it } from 'vitest';
import { lossesBelow } from '../../../../../src/intensity/model/boundary/losses.js';
import { type MeterVersion, withVersion } from '../../../../../src/intensity/model/boundary/tree.js';
import { HOUR_MS } from '../../../../../src/model/time/duration.js';
import { during, firm, hour, meterOf, steadily, version } from './helpers.js';

const LIMITS = { maxShare: 0.05, toleranceShare: 0.01, minCompleteness: 0.9 };
const TREE = [
  version('main', null),
  version('a', 'main'),
  version('b', 'main', { owner: firm('shoes') }),
  version('c', 'b'),
];

const losses = (perHour: Record<string, number>, tree: readonly MeterVersion[] = TREE, to = 10) =>
  lossesBelow(tree, meterOf('main'), during(0, to), steadily({ c: 1, ...perHour }), LIMITS);

describe('the losses below a meter', () => {
  it.each([
    ['ok', { main: 1000, a: 600, b: 380 }, 200, 0.02],
    ['ok', { main: 1000, a: 600, b: 350 }, 500, 0.05],
    ['above_share', { main: 1000, a: 600, b: 349 }, 510, 0.051],
    ['ok', { main: 1000, a: 600, b: 410 }, -100, -0.01],
    ['negative', { main: 1000, a: 600, b: 411 }, -110, -0.011],
    ['negative', { main: 0, a: 1, b: 0 }, -10, null],
    ['ok', { main: 0, a: 0, b: 0 }, 0, null],
  ] as const)('are %s', (verdict, perHour, amount, share) => {
    expect(losses(perHour)).toMatchObject({ verdict, amount, share, comparedMs: 10 * HOUR_MS });
  });

  it('count what is made below it as having come in', () => {
    const made = { role: 'generation', register: 'export_energy_kwh' } as const;
    const tree = [...TREE, version('roof', 'main', { ...made, carrier: 'green_power' }), version('chp', 'main', made)];
    const found = losses({ main: 700, roof: 200, chp: 100, a: 600, b: 380 }, tree);
    expect(found).toMatchObject({ verdict: 'ok', amount: 200, supply: { measured: 10_000 } });
  });

  it('take each meter for the time in which it was there', () => {
    const moved = withVersion([...TREE, version('other', null)], version('b', 'other', { from: hour(4) }));
    expect(losses({ main: 1000, a: 600, b: 400 }, moved)).toMatchObject({
      amount: 6 * 400,
      subs: { measured: 6_000 + 1_600 },
    });
  });

  it('leave out time in which nothing is below', () => {
    const late = [version('main', null), version('a', 'main', { from: hour(6) })];
    expect(losses({ main: 1000, a: 990 }, late)).toMatchObject({ verdict: 'ok', amount: 40, comparedMs: 4 * HOUR_MS });
    expect(losses({ main: 1000, a: 990 }, late, 6)).toMatchObject({ verdict: 'unknown', amount: 0, comparedMs: 0 });
  });

  it('are unknown while a meter was not measured for long enough, which is named', () => {
    const steady = steadily({ main: 1000, a: 100, b: 380 });
    const holed: typeof steady = (meter, period) => {
      const quantity = steady(meter, period);
      return meter.device === 'binhai/a' ? { ...quantity, measuredMs: quantity.dueMs * 0.89 } : quantity;
    };
    const found = lossesBelow(TREE, meterOf('main'), during(0, 10), holed, LIMITS);
    expect(found).toMatchObject({ verdict: 'unknown', incomplete: [meterOf('a')], amount: 5_200 });
  });
});
