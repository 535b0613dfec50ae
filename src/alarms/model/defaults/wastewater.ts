import { metric as catalogued } from '../../../model/catalogue/index.js';
import type { LimitSource } from '../../../model/limits/limit.js';
import {
  ELECTROPLATING as ELECTROPLATING_LIMITS,
  ELECTROPLATING_PH,
  SEWER,
  SEWER_PH,
  SEWER_TEMPERATURE,
} from '../../../model/limits/wastewater.js';
import type { Comparison } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, below, level, rule, text } from './build.js';
import { ELECTROPLATING } from './scope.js';
import { ANALYSER_GAP_S, PLANT_RULES, PROBE_GAP_S } from './wastewater-plant.js';

export { ELECTROPLATING } from './scope.js';

/** A standard's own text may be judged on one instantaneous sample (GB 21900-2008, 6.2): toxic metals do not wait. */
const DELAY_S = 60;
/** Shares of the limit: from where operators are warned, and what a value must come back by. */
const WARNING = 0.9;
const DEADBAND = 0.05;

const TOXIC: ReadonlySet<string> = new Set([
  'total_cyanide_mg_l',
  'total_chromium_mg_l',
  'hexavalent_chromium_mg_l',
  'total_nickel_mg_l',
  'total_cadmium_mg_l',
  'total_silver_mg_l',
  'total_lead_mg_l',
  'total_mercury_mg_l',
]);

const ADVICE = text(
  '核对仪表，检查处理设施，必要时停止排放并留样',
  'Check the analyser and the treatment plant; stop the discharge and keep a sample if it persists',
);

function labelled(metric: string) {
  const known = catalogued('wastewater', metric);
  return { zh: known?.labelZh ?? metric, en: known?.labelEn ?? metric };
}

function exceedance(profile: string | null, { metric, values: [limit], source }: (typeof SEWER)[number]): AlarmRule {
  const toxic = TOXIC.has(metric);
  const share = (of: number) => Number((limit * of).toPrecision(3));
  const { zh, en } = labelled(metric);
  const near = text(`${zh}超过限值的${WARNING * 100}%`, `${en} above ${WARNING * 100} % of its limit`);
  const comparison = above(
    { ...level('warning', 'low', share(WARNING), share(DEADBAND)), onDelayS: DELAY_S, message: near },
    level('alarm', toxic ? 'high' : 'medium', limit, share(DEADBAND)),
  );
  return limitRule(profile, metric, 'high', comparison, toxic ? 0 : DELAY_S, source);
}

/** A limit rule of one profile; its family is the same in all profiles. */
function limitRule(
  profile: string | null,
  metric: string,
  side: 'high' | 'low',
  comparison: Comparison,
  onDelayS: number,
  source: LimitSource,
): AlarmRule {
  const { zh, en } = labelled(metric);
  const family = `${metric.replace(/_mg_l$/, '').replaceAll('_', '-')}-${side}`;
  return rule('wastewater', {
    id: profile === null ? family : `${family}-${profile}`,
    family,
    metric,
    ...(profile !== null && { limitProfile: profile }),
    comparison,
    onDelayS,
    maxGapS: metric.endsWith('_mg_l') ? ANALYSER_GAP_S : PROBE_GAP_S,
    message:
      side === 'high' ? text(`${zh}超标`, `${en} above its limit`) : text(`${zh}低于下限`, `${en} below its limit`),
    advice: ADVICE,
    source,
  });
}

const acidity = (profile: string | null, { values: [low, high], source }: typeof SEWER_PH): AlarmRule[] => [
  limitRule(profile, 'ph', 'high', above(alarm('medium', high, 0.1)), DELAY_S, source),
  limitRule(profile, 'ph', 'low', below(alarm('medium', low, 0.1)), DELAY_S, source),
];

const {
  metric,
  values: [temperature],
  source,
} = SEWER_TEMPERATURE;

export const WASTEWATER_RULES: readonly AlarmRule[] = [
  ...acidity(null, SEWER_PH),
  ...SEWER.map((limit) => exceedance(null, limit)),
  limitRule(null, metric, 'high', above(alarm('low', temperature, 1)), DELAY_S, source),
  ...acidity(ELECTROPLATING, ELECTROPLATING_PH),
  ...ELECTROPLATING_LIMITS.map((limit) => exceedance(ELECTROPLATING, limit)),
  ...PLANT_RULES,
];
