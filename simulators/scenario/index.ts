import { badPayloadsScenario } from './bad-payloads.js';
import { crowd } from './crowd.js';
import { dischargeExceedance } from './discharge.js';
import { fire } from './fire.js';
import { meterSwap } from './meter-swap.js';
import { gatewayOutage } from './outage.js';
import type { Scenario } from './stage.js';

export type { Scenario, Stage } from './stage.js';

/** Everything out of the ordinary that the simulators can play, by the name given on the command line. */
export const SCENARIOS = {
  fire,
  'discharge-exceedance': dischargeExceedance,
  crowd,
  'gateway-outage': gatewayOutage,
  'meter-swap': meterSwap,
  'bad-payloads': badPayloadsScenario,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
