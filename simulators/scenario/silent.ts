import { declareByClock } from './declare.js';
import { choose, moment, type Scenario, type Stage } from './stage.js';

/** Expected intervals after which a series counts as silent, the least time, and the seconds to notice it. */
const [INTERVALS, LEAST_S, NOTICED_S] = [3, 60, 15];

/** A sensor is silent for a while; its gateway continues with all other devices. */
export const sensorSilent: Scenario = {
  summary: 'a hydrant sensor says nothing for a while; its gateway goes on with all others',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-hydrant-'));
    const [from, to] = [moment(stage, 0.15), moment(stage, 0.9)];
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'sensor-silent', ...common, from, to, at: stage.start });
    const delayS = Math.max(LEAST_S, (INTERVALS * stage.live.intervalMs) / 1_000);
    // Its last message came up to one interval before it fell silent.
    const silent = [from - stage.live.intervalMs, from] as const;
    declareByClock(
      stage,
      { ...common, rule: 'fire-device-silent', rises: [{ level: 'alarm', from: silent, delayS }], end: to },
      NOTICED_S,
    );
    const end = stage.live.affect(device.id, (ts, values) => (ts >= from && ts < to ? null : values));
    stage.live.at(to, () => {
      end();
      stage.live.publishNow(device.id);
    });
  },
};
