import { describe, expect, it } from 'vitest';
import { CATALOGUE, metric, metricByHj212, metricsOf } from '../../../../src/model/catalogue/index.js';
import { DOMAINS } from '../../../../src/model/reading.js';

describe('the metric catalogue', () => {
  it('names each metric once across all domains', () => {
    expect(new Set(CATALOGUE.map((m) => m.key)).size).toBe(CATALOGUE.length);
  });

  it('finds every metric under its own domain and under no other', () => {
    for (const m of CATALOGUE) {
      expect(DOMAINS.filter((domain) => metric(domain, m.key) === m)).toEqual([m.domain]);
    }
    expect(DOMAINS.map((domain) => metricsOf(domain).size).reduce((a, b) => a + b)).toBe(CATALOGUE.length);
    expect(metric('energy', 'no_such_metric')).toBeUndefined();
    expect(metric('energy', 'constructor')).toBeUndefined();
  });

  it.each(CATALOGUE)('$key is well formed', (m) => {
    expect(m.key).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(m.range[0]).toBeLessThan(m.range[1]);
    expect(m.labelZh).toMatch(/\p{Script=Han}|pH/u);
    expect(m.labelEn).not.toBe('');
    if (m.kind === 'counter') {
      expect(m.range).toEqual([0, m.rollover]);
      expect(m.maxRatePerHour).toBeGreaterThan(0);
      expect(m.maxRatePerHour).toBeLessThan(m.rollover! / 2);
    } else {
      expect([m.maxRatePerHour, m.rollover]).toEqual([undefined, undefined]);
    }
    if (m.kind === 'state') expect(m.range).toEqual([0, 1]);
  });

  const SUFFIX: Readonly<Record<string, string>> = {
    kW: '_kw',
    kWh: '_kwh',
    kvar: '_kvar',
    V: '_v',
    A: '_a',
    Hz: '_hz',
    '%': '_pct',
    '%LEL': '_lel_pct',
    'm³': '_m3',
    'm³/h': '_m3_h',
    t: '_t',
    't/h': '_t_h',
    GJ: '_gj',
    'L/s': '_l_s',
    'mg/L': '_mg_l',
    '℃': '_c',
    'µS/cm': '_us_cm',
    MPa: '_mpa',
    m: '_m',
    mA: '_ma',
    'km/h': '_km_h',
    '1/m²': '_per_m2',
  };
  it.each(CATALOGUE.filter((m) => m.unit !== ''))('$key ends in its unit, $unit', (m) => {
    expect(SUFFIX[m.unit]).toBeDefined();
    expect(m.key.endsWith(SUFFIX[m.unit]!)).toBe(true);
  });

  it('carries the factor codes of HJ 212-2017 table B.1, with µg/L where the table counts so', () => {
    const codes = Object.fromEntries(CATALOGUE.filter((m) => m.hj212).map((m) => [m.key, m.hj212]));
    expect(codes).toEqual({
      flow_l_s: 'w00000',
      ph: 'w01001',
      cod_mg_l: 'w01018',
      nh3n_mg_l: 'w21003',
      tp_mg_l: 'w21011',
      tn_mg_l: 'w21001',
      ss_mg_l: 'w01012',
      temperature_c: 'w01010',
      conductivity_us_cm: 'w01014',
      petroleum_mg_l: 'w22001',
      fluoride_mg_l: 'w21017',
      total_cyanide_mg_l: 'w21016',
      total_chromium_mg_l: 'w20116',
      hexavalent_chromium_mg_l: 'w20117',
      total_nickel_mg_l: 'w20121',
      total_cadmium_mg_l: 'w20115',
      total_silver_mg_l: 'w20126',
      total_lead_mg_l: 'w20120',
      total_mercury_mg_l: 'w20111',
      total_copper_mg_l: 'w20122',
      total_zinc_mg_l: 'w20123',
      total_iron_mg_l: 'w20125',
    });
    const inMicrograms = CATALOGUE.filter((m) => m.hj212PerUnit === 1000).map((m) => m.hj212);
    expect(inMicrograms.sort()).toEqual(['w20111', 'w20115', 'w20117', 'w20120']);
    expect(metricByHj212('w20117')?.key).toBe('hexavalent_chromium_mg_l');
  });
});
