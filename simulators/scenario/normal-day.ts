import type { Scenario, Stage } from './stage.js';

/** Nothing happens: the parks go about their day, and no alarm is right. */
export const normalDay: Scenario = {
  summary: 'nothing out of the ordinary, and so not one alarm',
  play({ truth, start }: Stage): void {
    truth.record({ type: 'scenario', scenario: 'normal-day', at: start });
  },
};
