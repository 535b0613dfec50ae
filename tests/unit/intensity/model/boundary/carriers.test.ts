import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  isCarrier,
  meteringOf,
  ratesOf,
  registerOf,
  registersOf,
} from '../../../../../src/intensity/model/boundary/carriers.js';
import { metric } from '../../../../../src/model/catalogue/index.js';
import type { Reading } from '../../../../../src/model/reading.js';

const flow = (value: number, quality: Reading['quality'] = 'good', of = 'flow_l_s'): Reading => ({
  ...{ metric: of, ts: 5, value, flag: 'N', quality },
});

describe('carriers', () => {
  it('have counters and gauges of the catalogue, whose units agree', () => {
    for (const carrier of CARRIERS) {
      const { domain, rate } = meteringOf(carrier);
      for (const key of [...registersOf(carrier, 'main'), ...registersOf(carrier, 'generation')]) {
        expect(registerOf(carrier, key)?.kind).toBe('counter');
      }
      if (rate === undefined) continue;
      const gauge = metric(domain, rate.metric)!;
      expect(gauge.kind).toBe('gauge');
      const unit = registerOf(carrier, registersOf(carrier, 'main')[0]!)!.unit;
      const perHour = { kW: ['kWh', 1], 'L/s': ['m³', 3.6], 'm³/h': ['m³', 1], 't/h': ['t', 1] }[gauge.unit];
      expect([unit, rate.perHour]).toEqual(perHour);
    }
  });

  it('are those of the list', () => {
    expect(isCarrier('steam')).toBe(true);
    expect(isCarrier('coal')).toBe(false);
    expect(registersOf('compressed_air', 'main')).toEqual([]);
  });

  it('turn good readings of the gauge into rates of the register', () => {
    const readings = [flow(17.5), flow(900, 'out_of_range'), flow(3, 'good', 'ph')];
    expect(ratesOf('wastewater', 'discharge_volume_m3', readings)).toEqual([{ ts: 5, perHour: 63 }]);
    expect(ratesOf('heat', 'heat_energy_gj', readings)).toEqual([]);
    const power = [flow(-40, 'good', 'active_power_kw')];
    expect(ratesOf('green_power', 'export_energy_kwh', power)).toEqual([{ ts: 5, perHour: 40 }]);
    expect(ratesOf('electricity', 'import_energy_kwh', power)).toEqual([{ ts: 5, perHour: -40 }]);
  });
});
