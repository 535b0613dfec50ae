import { metric as catalogued } from '../../../model/catalogue/index.js';
import type { Comparison } from '../rule/comparison.js';
import type { AlarmRule, RuleSource } from '../rule/rule.js';
import { above, alarm, below, level, rule, secondary, site, text, verified } from './build.js';
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

const GB8978_T4 = verified('GB 8978-1996', '表4 三级');
const GB8978_T1 = verified('GB 8978-1996', '表1');
const GB31962_B = site('GB/T 31962-2015', 'grade B; limit to be confirmed by the site');
const DB33_887 = site('DB33/ 887-2013', 'limit to be confirmed by the site');
const DB33_2260 = secondary('DB33/ 2260-2020', 'direct discharge outside the Taihu basin');
const DB33_2260_SITE = site('DB33/ 2260-2020', 'limit to be confirmed by the site');

type Limit = readonly [metric: string, limit: number, source: RuleSource];

/** To the sewer of a town with a treatment plant. */
const GENERAL: readonly Limit[] = [
  ['cod_mg_l', 500, GB8978_T4],
  ['ss_mg_l', 400, GB8978_T4],
  ['petroleum_mg_l', 20, GB8978_T4],
  ['total_cyanide_mg_l', 1.0, GB8978_T4],
  ['fluoride_mg_l', 20, GB8978_T4],
  ['total_copper_mg_l', 2.0, GB8978_T4],
  ['total_zinc_mg_l', 5.0, GB8978_T4],
  ['total_chromium_mg_l', 1.5, GB8978_T1],
  ['hexavalent_chromium_mg_l', 0.5, GB8978_T1],
  ['total_nickel_mg_l', 1.0, GB8978_T1],
  ['total_cadmium_mg_l', 0.1, GB8978_T1],
  ['total_silver_mg_l', 0.5, GB8978_T1],
  ['total_lead_mg_l', 1.0, GB8978_T1],
  ['total_mercury_mg_l', 0.05, GB8978_T1],
  ['nh3n_mg_l', 35, DB33_887],
  ['tp_mg_l', 8, DB33_887],
  ['tn_mg_l', 70, GB31962_B],
  ['total_iron_mg_l', 10, GB31962_B],
];

/** Wenzhou is outside the Taihu basin: metals as GB 21900 table 3 but Cd and Ni; COD, NH3-N, TN as table 2. */
const PLATING: readonly Limit[] = [
  ['total_chromium_mg_l', 0.5, DB33_2260],
  ['hexavalent_chromium_mg_l', 0.1, DB33_2260],
  ['total_nickel_mg_l', 0.3, DB33_2260_SITE],
  ['total_cadmium_mg_l', 0.05, DB33_2260_SITE],
  ['total_silver_mg_l', 0.1, DB33_2260],
  ['total_lead_mg_l', 0.1, DB33_2260],
  ['total_mercury_mg_l', 0.005, DB33_2260],
  ['total_copper_mg_l', 0.3, DB33_2260],
  ['total_zinc_mg_l', 1.0, DB33_2260],
  ['total_iron_mg_l', 2.0, DB33_2260],
  ['total_aluminium_mg_l', 2.0, DB33_2260],
  ['ss_mg_l', 30, DB33_2260],
  ['cod_mg_l', 80, DB33_2260],
  ['nh3n_mg_l', 15, DB33_2260],
  ['tn_mg_l', 20, DB33_2260],
  ['tp_mg_l', 0.5, DB33_2260],
  ['petroleum_mg_l', 2.0, DB33_2260],
  ['fluoride_mg_l', 10, DB33_2260],
  ['total_cyanide_mg_l', 0.2, DB33_2260],
];

const ADVICE = text(
  '核对仪表，检查处理设施，必要时停止排放并留样',
  'Check the analyser and the treatment plant; stop the discharge and keep a sample if it persists',
);

function labelled(metric: string) {
  const known = catalogued('wastewater', metric);
  return { zh: known?.labelZh ?? metric, en: known?.labelEn ?? metric };
}

function exceedance(profile: string | null, [metric, limit, source]: Limit): AlarmRule {
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
  source: RuleSource,
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

const acidity = (profile: string | null, source: RuleSource): AlarmRule[] => [
  limitRule(profile, 'ph', 'high', above(alarm('medium', 9, 0.1)), DELAY_S, source),
  limitRule(profile, 'ph', 'low', below(alarm('medium', 6, 0.1)), DELAY_S, source),
];

export const WASTEWATER_RULES: readonly AlarmRule[] = [
  ...acidity(null, GB8978_T4),
  ...GENERAL.map((limit) => exceedance(null, limit)),
  limitRule(null, 'temperature_c', 'high', above(alarm('low', 40, 1)), DELAY_S, GB31962_B),
  ...acidity(ELECTROPLATING, DB33_2260),
  ...PLATING.map((limit) => exceedance(ELECTROPLATING, limit)),
  ...PLANT_RULES,
];
