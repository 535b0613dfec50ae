import { declare } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

/** A hydrant's main bursts: its static pressure is zero until the repair. */
export const pressureLoss: Scenario = {
  summary: 'a hydrant loses its pressure, briefly and then for long',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-hydrant-'));
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'pressure-loss', ...common, at: stage.start });
    // First a user draws water, for much less time than the rule's delay, which must suppress it.
    for (const span of [
      [0.04, 0.1],
      [0.15, 0.85],
    ] as const) {
      const [from, to] = span.map((share) => moment(stage, share)) as [number, number];
      const rises = [{ level: 'alarm', from, delayS: 30 }];
      declare(stage, { ...common, rule: 'hydrant-pressure-low', rises, end: to });
      during(stage, device.id, [from, to], (values) => ({ ...values, hydrant_pressure_mpa: 0.04 }));
    }
  },
};
