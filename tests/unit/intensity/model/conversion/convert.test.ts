import { describe, expect, it } from 'vitest';
import {
  type CarrierAmount,
  monthsMissing,
  toStandardCoal,
} from '../../../../../src/intensity/model/conversion/convert.js';
import { DEFAULT_COEFFICIENTS, KJ_PER_KGCE } from '../../../../../src/intensity/model/conversion/gb2589.js';

const used = (carrier: string, amount: number, unit: string, month = '2023-06', owner = 'park:p'): CarrierAmount => ({
  ...{ carrier, amount, unit, month, owner },
});
const convert = (amounts: CarrierAmount[], settings = {}) => toStandardCoal(amounts, DEFAULT_COEFFICIENTS, settings);

describe('standard coal', () => {
  it.each([
    ['electricity', 1000, 'kWh', 0.1229],
    ['electricity', 1, 'MWh', 0.1229],
    ['natural_gas', 1000, 'm³', 1.33],
    ['natural_gas', 1000, 'm3', 1.33],
    ['natural_gas_gas_field', 1000, 'm³', 1.2143],
    ['raw_coal', 1, 't', 0.7143],
    ['diesel', 1000, 'kg', 1.4571],
    ['heat', 1, 'GJ', 0.03412],
    ['steam', 1, 't', 0.1286],
  ])('%s: %d %s make %d tce', (carrier, amount, unit, tce) => {
    expect(convert([used(carrier, amount, unit)]).tce).toBeCloseTo(tce, 12);
  });

  it('says of each part which coefficient made it, from where and how sure', () => {
    const [part] = convert([used('electricity', 1000, 'kWh')]).parts;
    expect(part?.coefficient).toEqual({
      ...{ carrier: 'electricity', kgcePerUnit: 0.1229, unit: 'kWh', basis: 'calorific', mark: 'C' },
      ...{ labelZh: '电力（当量值）', labelEn: 'electricity, calorific value', source: 'GB/T 2589-2020, appendix A' },
    });
  });

  it('takes electricity at its equal value only when asked to, labelled with the year', () => {
    const { tce, parts } = convert([used('electricity', 1000, 'kWh')], { electricity: 'equal_value' });
    expect(tce).toBeCloseTo(0.3, 12);
    expect(parts[0]?.coefficient).toMatchObject({ basis: 'equal_value', mark: 'M' });
    expect(parts[0]?.coefficient.labelZh).toContain('等价值，2023 年');
  });

  it('names an equal value that a year does not have, and never takes another one for it', () => {
    const conversion = convert(
      [used('electricity', 1000, 'kWh', '2026-03'), used('electricity', 1, 'kWh', '2026-01')],
      { electricity: 'equal_value' },
    );
    expect(conversion).toMatchObject({ tce: 0, parts: [] });
    expect(conversion.missing.map(({ reason }) => reason)).toEqual(['no_coefficient', 'no_coefficient']);
    expect(monthsMissing(conversion)).toEqual(['2026-01', '2026-03']);
  });

  it('leaves water and compressed air out of the policy figure, and counts them when asked to', () => {
    const media = [used('water', 1000, 't'), used('compressed_air', 1000, 'm³')];
    expect(convert(media)).toMatchObject({ tce: 0, missing: [] });
    expect(convert(media).leftOut.map(({ carrier, reason }) => [carrier, reason])).toEqual([
      ['water', 'medium_left_out'],
      ['compressed_air', 'medium_left_out'],
    ]);
    expect(convert(media, { media: true }).tce).toBeCloseTo(0.2971, 12);
    // Meters count water in m³, of which one weighs 1 t; of nothing else.
    expect(convert([used('water', 1000, 'm³')], { media: true }).tce).toBeCloseTo(0.2571, 12);
    expect(convert([used('steam', 1000, 'm³')]).missing.map(({ reason }) => reason)).toEqual(['unit_unknown']);
  });

  it('a measured heat value goes before the standard, for its owner and months only', () => {
    const measured = [
      {
        ...{ carrier: 'natural_gas', owner: 'park:p', kjPerUnit: KJ_PER_KGCE * 1.21, unit: 'm³' as const },
        ...{ from: '2023-06', to: '2023-07', source: 'report 17' },
      },
    ];
    const { parts } = convert(
      [
        used('natural_gas', 1000, 'm³'),
        used('natural_gas', 1000, 'm³', '2023-07'),
        used('natural_gas', 1000, 'm³', '2023-06', 'park:q'),
      ],
      { measured },
    );
    expect(parts.map(({ tce }) => tce)).toEqual([expect.closeTo(1.21, 12), 1.33, 1.33]);
    expect(parts[0]?.coefficient).toMatchObject({ mark: 'measured', source: 'report 17', labelZh: '实测热值' });
  });

  it('takes green power off the electricity of its owner and month, by the same coefficient, and never more', () => {
    const greenPower = [
      { owner: 'park:p', month: '2023-06', kWh: 400, source: 'GEC 1' },
      { owner: 'park:p', month: '2023-06', kWh: 900, source: 'GEC 2' },
      { owner: 'park:q', month: '2023-06', kWh: 50, source: 'GEC 3' },
    ];
    const amounts = [used('electricity', 1000, 'kWh'), used('natural_gas', 1000, 'm³')];
    const conversion = convert(amounts, { greenPower });
    expect(conversion.tce).toBeCloseTo(1.33, 12);
    expect(conversion.greenPowerUnused).toBeCloseTo(350, 9);
    expect(conversion.parts.slice(2).map(({ amount, coefficient }) => [amount, coefficient.source])).toEqual([
      [-400, 'GEC 1; GB/T 2589-2020, appendix A'],
      [-600, 'GEC 2; GB/T 2589-2020, appendix A'],
    ]);
    const [certificate] = greenPower;
    const equal = convert(amounts.slice(0, 1), { electricity: 'equal_value', greenPower: [certificate] });
    expect(equal.tce).toBeCloseTo(0.18, 12);
  });

  it.each([
    ['a carrier without coefficient', used('peat', 1, 'kg'), 'no_coefficient'],
    ['an unknown unit', used('electricity', 1, 'kVAh'), 'unit_unknown'],
    ['a unit of something else', used('natural_gas', 1, 'kg'), 'unit_unknown'],
    ['no month', used('electricity', 1, 'kWh', '2023-13'), 'month_unknown'],
    ['an amount that is no number', used('electricity', Number.NaN, 'kWh'), 'amount_unusable'],
  ])('%s is missing, not zero', (_, amount, reason) => {
    const conversion = convert([amount, used('electricity', 1000, 'kWh')]);
    expect(conversion.tce).toBeCloseTo(0.1229, 12);
    expect(conversion.missing).toEqual([{ ...amount, reason }]);
  });
});
