import { declare } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

/** Residual current beyond its warning and its alarm setting, mA. */
const [WARNING_MA, ALARM_MA] = [360, 620];

/** Insulation of one feeder fails: residual current rises in two steps until the feeder is switched off. */
export const earthLeakage: Scenario = {
  summary: 'insulation of a feeder fails: residual current warns, alarms, and ends',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-elfire-'));
    const [begins, grows, off] = [0.1, 0.45, 0.8].map((share) => moment(stage, share)) as [number, number, number];
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'earth-leakage', ...common, at: stage.start });
    declare(stage, {
      ...common,
      rule: 'residual-current-high',
      rises: [
        { level: 'warning', from: begins, delayS: 10 },
        { level: 'alarm', from: grows, delayS: 10 },
      ],
      end: off,
    });
    during(stage, device.id, [begins, grows], (values) => ({ ...values, residual_current_ma: WARNING_MA }));
    during(stage, device.id, [grows, off], (values) => ({ ...values, residual_current_ma: ALARM_MA }));
  },
};
