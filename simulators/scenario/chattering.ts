import { declare } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

const TIMES = 5;
const [FIRST, EVERY, LASTS] = [0.2, 0.06, 0.02];

/** A dirty detector: it reports smoke and clears it, again and again. Each report is an alarm of its own. */
export const chattering: Scenario = {
  summary: `a dirty smoke detector reports smoke and takes it back, ${TIMES} times`,
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-fire-'));
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'chattering-detector', ...common, at: stage.start });
    for (let n = 0; n < TIMES; n += 1) {
      const from = moment(stage, FIRST + n * EVERY);
      const to = moment(stage, FIRST + n * EVERY + LASTS);
      declare(stage, { ...common, rule: 'smoke-alarm', rises: [{ level: 'alarm', from }], end: to });
      during(stage, device.id, [from, to], (values) => ({ ...values, smoke_alarm: true }));
    }
  },
};
