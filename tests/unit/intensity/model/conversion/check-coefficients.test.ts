import { describe, expect, it } from 'vitest';
import {
  checkCo2Factors,
  checkCoefficients,
  checkMeasuredHeat,
} from '../../../../../src/intensity/model/conversion/check-coefficients.js';
import { DEFAULT_CO2_FACTORS } from '../../../../../src/intensity/model/conversion/co2.js';
import type { Coefficient } from '../../../../../src/intensity/model/conversion/coefficient.js';
import { DEFAULT_COEFFICIENTS } from '../../../../../src/intensity/model/conversion/gb2589.js';

const [ELECTRICITY] = DEFAULT_COEFFICIENTS as readonly [Coefficient];
const good = (over: Partial<Coefficient> = {}): Coefficient => ({
  ...ELECTRICITY,
  ...{ from: '2024-01', to: '2025-01' },
  ...over,
});
const HEAT = { carrier: 'natural_gas', owner: 'park:p', kjPerUnit: 35_000, unit: 'm³', source: 'report' } as const;

describe('coefficients', () => {
  it('that the service begins with hold', () => {
    expect(checkCoefficients(DEFAULT_COEFFICIENTS)).toEqual([]);
    expect(checkCo2Factors(DEFAULT_CO2_FACTORS)).toEqual([]);
  });

  it.each([
    ['nothing', { kgcePerUnit: 0 }, 'kgcePerUnit'],
    ['less than nothing', { kgcePerUnit: -0.1 }, 'kgcePerUnit'],
    ['1e308', { kgcePerUnit: 1e308 }, 'kgcePerUnit'],
    ['a value per tonne under kg', { kgcePerUnit: 128.6 }, 'kgcePerUnit'],
    ['no number', { kgcePerUnit: Number.NaN }, 'kgcePerUnit'],
    ['an unknown unit', { unit: 'kcal' as 'MJ' }, 'unit'],
    ['an unknown basis', { basis: 'both' as 'calorific' }, 'basis'],
    ['an unknown mark', { mark: 'X' as 'V' }, 'mark'],
    ['no source', { source: ' ' }, 'source'],
    ['no label', { labelEn: '' }, 'labelZh'],
    ['no carrier', { carrier: '' }, 'carrier'],
    ['no first month', { from: '2024' }, 'from'],
    ['an end before its beginning', { from: '2024-05', to: '2024-05' }, 'to'],
  ])('%s is named at its place', (_, over, field) => {
    expect(checkCoefficients([good({ carrier: 'coke' }), good(over)])).toEqual([
      { field: `coefficients.1.${field}`, expected: expect.stringMatching(/\w/) },
    ]);
  });

  it.each([
    ['the same months', good(), good(), true],
    ['one shared month', good(), good({ from: '2024-12', to: null }), true],
    ['one without end before', good({ to: null }), good({ from: '2030-01', to: null }), true],
    ['one that begins earlier and has no end', good(), good({ from: '2000-01', to: null }), true],
    ['one that follows on', good(), good({ from: '2025-01', to: null }), false],
    ['another basis', good(), good({ basis: 'equal_value' }), false],
    ['another carrier', good(), good({ carrier: 'coke' }), false],
  ])('validity overlaps: %s', (_, first, second, overlapping) => {
    expect(checkCoefficients([first, second])).toEqual(
      overlapping ? [{ field: 'coefficients.1.from', expected: expect.stringContaining('coefficients.0') }] : [],
    );
  });

  it('heat values measured by two owners do not overlap, by one they do', () => {
    const one = { ...HEAT, from: '2024-01', to: null };
    expect(checkMeasuredHeat([one, { ...one, owner: 'park:q' }])).toEqual([]);
    expect(checkMeasuredHeat([one, { ...one, from: '2025-01' }]).map(({ field }) => field)).toEqual([
      'measured.1.from',
    ]);
    expect(checkMeasuredHeat([{ ...one, kjPerUnit: 1e308, source: '' }]).map(({ field }) => field)).toEqual([
      'measured.0.kjPerUnit',
      'measured.0.source',
    ]);
  });

  it('factors of CO2 overlap by carrier and region', () => {
    const [factor] = DEFAULT_CO2_FACTORS;
    if (factor === undefined) throw new Error('no factor');
    expect(checkCo2Factors([factor, { ...factor, region: 'zhejiang' }])).toEqual([]);
    expect(checkCo2Factors([factor, { ...factor, kgPerUnit: 0 }]).map(({ field }) => field)).toEqual([
      'factors.1.kgPerUnit',
      'factors.1.from',
    ]);
  });
});
