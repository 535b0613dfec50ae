import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  isCarrier,
  meteringOf,
  registerOf,
  registersOf,
} from '../../../../../src/intensity/model/boundary/carriers.js';
import { metric } from '../../../../../src/model/catalogue/index.js';

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
});
