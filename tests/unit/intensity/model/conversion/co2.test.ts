import { describe, expect, it } from 'vitest';
import { DEFAULT_CO2_FACTORS, toCo2 } from '../../../../../src/intensity/model/conversion/co2.js';

const kWh = (month: string) => ({ carrier: 'electricity', month, amount: 1000, unit: 'kWh', owner: 'park:p' });
const co2 = (month: string, regions: readonly string[]) => toCo2([kWh(month)], DEFAULT_CO2_FACTORS, regions);

describe('CO2', () => {
  it.each([
    ['2022-07', ['china'], 0.5366, null],
    ['2023-07', ['china'], 0.5306, null],
    ['2023-07', ['east_china', 'china'], 0.55, null],
    ['2022-07', ['east_china', 'china'], 0.5366, null],
    ['2026-07', ['east_china', 'china'], 0.55, 2023],
    ['2026-07', ['zhejiang', 'china'], 0.5306, 2023],
  ])('1000 kWh in %s by %j make %d t', (month, regions, t, carriedFrom) => {
    const { tCo2, parts } = co2(month, regions);
    expect(tCo2).toBeCloseTo(t, 12);
    expect(parts[0]).toMatchObject({ carriedFrom, factor: { mark: 'S' } });
  });

  it('is missing before the first factor, for an unknown region or unit', () => {
    expect(co2('2019-07', ['china'])).toMatchObject({ tCo2: 0, missing: [{ month: '2019-07' }] });
    expect(co2('2023-07', ['mars'])).toMatchObject({ tCo2: 0, parts: [], missing: [{}] });
    expect(toCo2([{ ...kWh('2023-07'), unit: 't' }], DEFAULT_CO2_FACTORS, ['china']).missing).toHaveLength(1);
  });
});
