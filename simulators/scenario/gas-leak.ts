import { declare } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

/** %LEL of a leak that exceeds the first setpoint, then the second, until the room is aired. */
const LEAK = [32, 64, 38] as const;

/** Gas leaks in one room: one alarm that escalates, comes down a level and ends. */
export const gasLeak: Scenario = {
  summary: 'gas leaks: one alarm that escalates from level 1 to level 2, comes down and ends',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-gasdet-'));
    const [leaks, grows, aired, over] = [0.15, 0.4, 0.6, 0.8].map((share) => moment(stage, share)) as Moments;
    const common = { park: park.site.id, device: device.id };
    stage.truth.record({ type: 'scenario', scenario: 'gas-leak', ...common, at: stage.start });
    declare(stage, {
      ...common,
      rule: 'combustible-gas',
      rises: [
        { level: 'level 1', from: leaks },
        { level: 'level 2', from: grows, to: aired },
      ],
      end: over,
    });
    const spans = [
      [leaks, grows],
      [grows, aired],
      [aired, over],
    ] as const;
    for (const [n, span] of spans.entries()) {
      during(stage, device.id, span, (values) => ({ ...values, combustible_gas_lel_pct: LEAK[n]! }));
    }
  },
};

type Moments = [number, number, number, number];
