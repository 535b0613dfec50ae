import type { BaseUnit, Basis, Coefficient, Mark } from './coefficient.js';

/** kJ in one kilogram of standard coal, GB/T 2589 (7000 kcal). */
export const KJ_PER_KGCE = 29_307.6;

const GB2589 = 'GB/T 2589-2020, appendix A';
const TABLE_2008 = 'GB/T 2589-2008, table A.1, as quoted by msthinker.com';

const coefficient =
  (basis: Basis, medium: boolean) =>
  (
    carrier: string,
    kgcePerUnit: number,
    unit: BaseUnit,
    [labelZh, labelEn]: readonly [string, string],
    source: string,
    mark: Mark,
    [from, to]: readonly [string, string | null] = ['2000-01', null],
  ): Coefficient => ({
    ...{ carrier, basis, kgcePerUnit, unit, from, to, medium, labelZh, labelEn, source, mark },
  });
const fuel = coefficient('calorific', false);
const medium = coefficient('calorific', true);
const equalValue = coefficient('equal_value', false);

const supplyCoal = (year: number): Coefficient =>
  equalValue(
    'electricity',
    0.3,
    'kWh',
    [`电力（等价值，${year} 年供电煤耗）`, `electricity, equal value, coal for power supply of ${year}`],
    `national coal for power supply, ${year}, rounded`,
    'M',
    [`${year}-01`, `${year + 1}-01`],
  );

/**
 * Coefficients that the service begins with; a site records its own over them. The equal value of electricity is a
 * rounded figure from memory, and there is none after 2023: such months are named as missing until one is recorded.
 */
export const DEFAULT_COEFFICIENTS: readonly Coefficient[] = [
  // 3600 kJ / 29 307.6 kJ, as the standard prints it.
  fuel('electricity', 0.1229, 'kWh', ['电力（当量值）', 'electricity, calorific value'], GB2589, 'C'),
  fuel('natural_gas', 1.33, 'm³', ['天然气（油田）', 'natural gas, oil field'], TABLE_2008, 'S'),
  fuel('natural_gas_gas_field', 1.2143, 'm³', ['天然气（气田）', 'natural gas, gas field'], TABLE_2008, 'S'),
  fuel('raw_coal', 0.7143, 'kg', ['原煤', 'raw coal'], TABLE_2008, 'S'),
  fuel('washed_coal', 0.9, 'kg', ['洗精煤', 'washed coal'], TABLE_2008, 'S'),
  fuel('coke', 0.9714, 'kg', ['焦炭', 'coke'], TABLE_2008, 'S'),
  fuel('gasoline', 1.4714, 'kg', ['汽油', 'gasoline'], TABLE_2008, 'S'),
  fuel('kerosene', 1.4714, 'kg', ['煤油', 'kerosene'], TABLE_2008, 'S'),
  fuel('diesel', 1.4571, 'kg', ['柴油', 'diesel'], TABLE_2008, 'S'),
  fuel('fuel_oil', 1.4286, 'kg', ['燃料油', 'fuel oil'], TABLE_2008, 'S'),
  fuel('crude_oil', 1.4286, 'kg', ['原油', 'crude oil'], TABLE_2008, 'S'),
  fuel('lpg', 1.7143, 'kg', ['液化石油气', 'liquefied petroleum gas'], TABLE_2008, 'S'),
  fuel('lng', 1.7572, 'kg', ['液化天然气', 'liquefied natural gas'], GB2589, 'M'),
  fuel('heat', 0.03412, 'MJ', ['热力（当量值）', 'heat, calorific value'], GB2589, 'C'),
  fuel('steam', 0.1286, 'kg', ['低压蒸汽', 'low-pressure steam'], GB2589, 'C'),
  medium('water', 0.2571, 't', ['新水', 'fresh water'], GB2589, 'C'),
  medium('compressed_air', 0.04, 'm³', ['压缩空气', 'compressed air'], GB2589, 'M'),
  medium('oxygen', 0.4, 'm³', ['氧气', 'oxygen'], GB2589, 'M'),
  medium('nitrogen', 0.6714, 'm³', ['氮气（主产品）', 'nitrogen, main product'], GB2589, 'M'),
  medium('nitrogen_by_product', 0.4, 'm³', ['氮气（副产品）', 'nitrogen, by-product'], GB2589, 'M'),
  ...[2020, 2021, 2022, 2023].map(supplyCoal),
];
