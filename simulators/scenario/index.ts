import { badPayloadsScenario } from './bad-payloads.js';
import { badQuality } from './bad-quality.js';
import { chattering } from './chattering.js';
import { crowd } from './crowd.js';
import { dischargeExceedance } from './discharge.js';
import { earthLeakage } from './earth-leakage.js';
import { fire } from './fire.js';
import { gasLeak } from './gas-leak.js';
import { meterSwap } from './meter-swap.js';
import { gatewayOutage } from './outage.js';
import { pressureLoss } from './pressure-loss.js';
import { sensorSilent } from './silent.js';
import type { Scenario } from './stage.js';
import { analyserStuck } from './stuck.js';
import { transformerOut } from './transformer-out.js';

export type { Scenario, Stage } from './stage.js';

/** Nothing unusual happens, so that every alarm is wrong. */
const normalDay: Scenario = {
  summary: 'nothing out of the ordinary, and so not one alarm',
  play: ({ truth, start }) => truth.record({ type: 'scenario', scenario: 'normal-day', at: start }),
};

/** All scenarios, by their names on the command line. */
export const SCENARIOS = {
  fire,
  'gas-leak': gasLeak,
  'earth-leakage': earthLeakage,
  'pressure-loss': pressureLoss,
  'chattering-detector': chattering,
  'discharge-exceedance': dischargeExceedance,
  crowd,
  'gateway-outage': gatewayOutage,
  'meter-swap': meterSwap,
  'bad-payloads': badPayloadsScenario,
  'bad-quality': badQuality,
  'sensor-silent': sensorSilent,
  'analyser-stuck': analyserStuck,
  'transformer-out': transformerOut,
  'normal-day': normalDay,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
