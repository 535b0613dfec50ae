import { PARKS } from '../../../src/registry/parks/data/parks.js';
import type { LoadGateway } from './job.js';

const PARK_IDS = PARKS.map((park) => park.id);

/** Gateways over all parks, each with its own electricity meters; secrets are set when the gateways are made. */
export function loadGateways(perPark: number, metersPerGateway: number): LoadGateway[] {
  return Array.from({ length: PARK_IDS.length * perPark }, (_, i) => {
    const park = PARK_IDS[i % PARK_IDS.length] as string;
    const id = `load-${park}-${Math.floor(i / PARK_IDS.length) + 1}`;
    return {
      id,
      secret: 'unset',
      park,
      devices: Array.from({ length: metersPerGateway }, (_, k) => `${id}-m${String(k + 1).padStart(3, '0')}`),
    };
  });
}
