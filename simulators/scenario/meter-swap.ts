import { round } from '../model/device.js';
import { choose, moment, type Scenario, type Stage } from './stage.js';

const METRIC = 'import_energy_kwh';

/** A fitter replaces a meter with a new one that starts from zero; consumption continues unchanged. */
export const meterSwap: Scenario = {
  summary: 'an electricity meter is exchanged for a new one that starts from zero',
  play(stage: Stage): void {
    const { live, truth, end } = stage;
    const { park, device } = choose(stage, (one) => METRIC in one.values(stage.start));
    const at = moment(stage, 0.4);
    const common = { scenario: 'meter-swap', park: park.site.id, device: device.id, metric: METRIC };
    truth.record({ type: 'scenario', ...common, at: stage.start });
    const atSwap = Number(device.values(at)[METRIC]);
    live.affect(device.id, (ts, values) =>
      ts < at ? values : { ...values, [METRIC]: round(Math.max(0, Number(values[METRIC]) - atSwap), 2) },
    );

    const old = { first: null as number | null, last: 0 };
    let young = 0;
    live.observe(device.id, (ts, values) => {
      const value = Number(values[METRIC]);
      if (ts >= at) young = value;
      else {
        old.first ??= value;
        old.last = value;
      }
    });
    live.at(at, () => truth.record({ type: 'meter_swapped', ...common, at, oldRegister: old.last, newRegister: 0 }));
    live.at(end, () =>
      truth.record({ type: 'expected_delta', ...common, delta: round(old.last - (old.first ?? old.last) + young, 2) }),
    );
  },
};
