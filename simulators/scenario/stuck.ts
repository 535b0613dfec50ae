import { declare } from './declare.js';
import { choose, moment, type Scenario, type Stage } from './stage.js';

const METRIC = 'cod_mg_l';
/** Seconds without a change after which an analyser counts as stuck. */
const STUCK_S = 8 * 3_600;

/** A COD analyser shows a constant value; the outlet's other values change. */
export const analyserStuck: Scenario = {
  summary: 'a COD analyser shows the same value all the time',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => METRIC in one.values(stage.start));
    const [from, to] = [moment(stage, 0.1), moment(stage, 0.95)];
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'analyser-stuck', ...common, metric: METRIC, at: stage.start });
    const rises = [{ level: 'alarm', from, delayS: STUCK_S }];
    declare(stage, { ...common, rule: 'cod-stuck', rises, end: to });
    const stuck = device.values(from)[METRIC]!;
    stage.live.affect(device.id, (ts, values) => (ts >= from && ts < to ? { ...values, [METRIC]: stuck } : values));
  },
};
