import type { Values } from '../model/device.js';
import { choose, during, expectAlarm, moment, type Scenario, type Stage } from './stage.js';

/** What an outlet discharges during the exceedance: above GB 8978-1996 class 3 and GB 21900-2008 table 2 alike. */
const EXCESSIVE: Readonly<Record<string, readonly [value: number, limit: number]>> = {
  cod_mg_l: [640, 500],
  ph: [9.6, 9],
  hexavalent_chromium_mg_l: [0.82, 0.5],
};

/** One outlet discharges too much: of the electroplating base where it takes part, a workshop outlet as well. */
export const dischargeExceedance: Scenario = {
  summary: 'an outlet exceeds its limits of COD and pH, the electroplating base those of hexavalent chromium too',
  play(stage: Stage): void {
    const plating = stage.fleet.some((park) => park.site.industry === 'electroplating');
    const { park, device } = choose(
      stage,
      (one, at) => one.id.includes('-ww-') && (!plating || at.site.industry === 'electroplating'),
    );
    const workshop = park.devices.find((one) => one.id.includes('-ws-chromium-'));
    const outlets = workshop ? [device, workshop] : [device];
    const devices = outlets.map(({ id }) => id);
    stage.truth.record({
      type: 'scenario',
      scenario: 'discharge-exceedance',
      park: park.site.id,
      devices,
      at: stage.start,
    });
    for (const outlet of outlets) {
      const metrics = Object.keys(outlet.values(stage.start)).filter((metric) => EXCESSIVE[metric] !== undefined);
      for (const metric of metrics) {
        const [, limit] = EXCESSIVE[metric]!;
        const expected = { park: park.site.id, device: outlet.id, metric };
        expectAlarm(stage, { ...expected, condition: `> ${limit}`, holds: (value) => value > limit });
      }
      during(stage, outlet.id, [moment(stage, 0.1), moment(stage, 0.9)], (values) => exceed(values));
    }
  },
};

function exceed(values: Values): Values {
  const changed = { ...values };
  for (const [metric, [value]] of Object.entries(EXCESSIVE)) if (metric in changed) changed[metric] = value;
  return changed;
}
