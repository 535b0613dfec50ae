import type { AlarmRule } from '../rule/rule.js';
import { ABSENCE_RULES } from './absence.js';
import { ENERGY_RULES } from './energy.js';
import { FIRE_RULES } from './fire.js';
import { INTENSITY_RULES } from './intensity.js';
import { SYSTEM_RULES } from './system.js';
import { TRAFFIC_RULES } from './traffic.js';
import { WASTEWATER_RULES } from './wastewater.js';

export {
  ELECTROPLATING_PROFILE as ELECTROPLATING,
  INCOMER,
  LOW_VOLTAGE,
  MUNICIPAL_HYDRANT_PROFILE as MUNICIPAL_HYDRANT,
  TRANSFORMER,
} from './scope.js';

/** The rules of a new service; sites change them, and a raised `version` replaces an unchanged one. */
export const DEFAULT_RULES: readonly AlarmRule[] = [
  ...FIRE_RULES,
  ...WASTEWATER_RULES,
  ...ENERGY_RULES,
  ...TRAFFIC_RULES,
  ...ABSENCE_RULES,
  ...SYSTEM_RULES,
  ...INTENSITY_RULES,
];
