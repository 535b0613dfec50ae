import { type LimitSource, site } from '../../../model/limits/limit.js';
import {
  ELECTROPLATING as ELECTROPLATING_LIMITS,
  ELECTROPLATING_PH,
  SEWER,
  SEWER_PH,
  SEWER_TEMPERATURE,
} from '../../../model/limits/wastewater.js';
import type { Comparison } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, below, causes, level, operations, rate, reaches, rulesOf, type Texts, text } from './build.js';
import { type Instrument, metricLabels, missingSeries, oftenBad, stuck } from './instruments.js';
import { DAY_SHIFT, ELECTROPLATING_PROFILE, OFF_SHIFT } from './scope.js';

const wastewater = rulesOf('wastewater');

/** Analysers give a value an hour (HJ 355-2019); pH and temperature at least every ten minutes. */
const ANALYSER_GAP_S = 7_200;
const PROBE_GAP_S = 1_800;

/** One instantaneous sample is enough by the standard's own text (GB 21900-2008, 6.2): toxic metals do not wait. */
const DELAY_S = 60;
/** Shares of the limit: where the warning begins, and the deadband. */
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

/** Null for the general limits. */
type Profile = typeof ELECTROPLATING_PROFILE | null;
const named = (family: string, profile: Profile) => (profile === null ? family : `${family}-${profile}`);
const ofProfile = (profile: Profile) => profile !== null && { limitProfile: profile };
const labels = (metric: string) => metricLabels({ domain: 'wastewater', metric });

function exceedance(profile: Profile, { metric, values: [limit], source }: (typeof SEWER)[number]): AlarmRule {
  const toxic = TOXIC.has(metric);
  const share = (of: number) => Number((limit * of).toPrecision(3));
  const { zh, en } = labels(metric);
  const near = text(`${zh}超过限值的${WARNING * 100}%`, `${en} above ${WARNING * 100} % of its limit`);
  const comparison = above(
    { ...level('warning', 'low', share(WARNING), share(DEADBAND)), onDelayS: DELAY_S, message: near },
    level('alarm', toxic ? 'high' : 'medium', limit, share(DEADBAND)),
  );
  return limitRule(profile, metric, comparison, source, toxic ? 0 : DELAY_S);
}

/** A limit rule of one profile; its family is the same in all profiles. */
function limitRule(
  profile: Profile,
  metric: string,
  comparison: Comparison,
  source: LimitSource,
  onDelayS = DELAY_S,
): AlarmRule {
  const { zh, en } = labels(metric);
  const { side } = comparison;
  const family = `${metric.replace(/_mg_l$/, '').replaceAll('_', '-')}-${side}`;
  const maxGapS = metric.endsWith('_mg_l') ? ANALYSER_GAP_S : PROBE_GAP_S;
  const exceeded: Texts =
    side === 'high' ? [`${zh}超标`, `${en} above its limit`] : [`${zh}低于下限`, `${en} below its limit`];
  return wastewater(named(family, profile), metric, source)
    .when(comparison, { family, ...ofProfile(profile), onDelayS, maxGapS })
    .says(...exceeded)
    .advises(
      '核对仪表，检查处理设施，必要时停止排放并留样',
      'Check the analyser and the treatment plant; stop the discharge and keep a sample if it persists',
    );
}

const acidity = (profile: Profile, { values: [low, high], source }: typeof SEWER_PH): AlarmRule[] => [
  limitRule(profile, 'ph', above(alarm('medium', high, 0.1)), source),
  limitRule(profile, 'ph', below(alarm('medium', low, 0.1)), source),
];

/** Rise in an hour, as a share of the limit, that indicates a fault in the plant. */
const RISE = 0.25;
/** Lead time of this warning before the ordinary one. */
const AHEAD_S = 2 * 3_600;

/** Rules on a fast rise, which warn before the limit is reached. */
const rising = (name: string): AlarmRule[] =>
  ([null, ELECTROPLATING_PROFILE] as const).map((profile) => {
    const metric = `${name}_mg_l`;
    const { zh, en } = labels(metric);
    const limits = profile === null ? SEWER : ELECTROPLATING_LIMITS;
    const [limit] = limits.find((one) => one.metric === metric)!.values;
    const source = operations('a quarter of the limit in an hour, 90 % of it within two hours; set by the site');
    return wastewater(named(`${name}-rising`, profile), metric, source)
      .when(above(alarm('low', limit * RISE, limit * RISE * 0.2)), {
        ...{ family: `${name}-rising`, ...ofProfile(profile), offDelayS: 600, maxGapS: ANALYSER_GAP_S },
        signal: { ...rate('rise'), windowS: 2_700, towards: { value: limit * WARNING, withinS: AHEAD_S } },
        suppressedBy: causes('device', named(`${name}-high`, profile)),
      })
      .says(`${zh}快速上升，将接近限值`, `${en} rising fast, soon near its limit`)
      .advises('检查进水和处理工艺，提前采取措施', 'Look at the inflow and the treatment before the limit is passed');
  });

/** Instruments that HJ 355 and related standards require, and the metals of electroplating. */
const INSTRUMENTS = [
  ...['ph', 'cod_mg_l', 'nh3n_mg_l', 'tp_mg_l', 'tn_mg_l', 'total_chromium_mg_l', 'hexavalent_chromium_mg_l'],
  ...['total_nickel_mg_l', 'total_copper_mg_l', 'total_cyanide_mg_l'],
];
const VALIDITY = site('HJ 356-2019', 'frozen values and three quarters of valid data; to be confirmed by the site');

const careOf = INSTRUMENTS.flatMap((metric): AlarmRule[] => {
  const instrument: Instrument = {
    ...{ domain: 'wastewater', metric, name: metric.replace(/_mg_l$/, '').replaceAll('_', '-') },
    ...{ alarmClass: 'maintenance', source: VALIDITY, priority: 'low', maxGapS: ANALYSER_GAP_S },
  };
  const silence = { ...instrument, source: operations('three of its intervals without a reading') };
  return [
    stuck(instrument, 8),
    oftenBad(instrument, 8, 6, 'medium'),
    missingSeries(silence, 'wastewater-device-silent'),
  ];
});

/** Operation of the plant. */
const OPERATION_RULES: readonly AlarmRule[] = [
  wastewater(
    'discharge-off-shift',
    'flow_l_s',
    operations('twice the same hour of the past four weeks; set by the site'),
  )
    .when(above(alarm('medium', 100, 20)), {
      signal: { kind: 'deviation', weeks: 4, as: 'percent', minBaseline: 0.5, assumedBaseline: 25 },
      ...{ onDelayS: 900, offDelayS: 900, maxGapS: PROBE_GAP_S, schedule: OFF_SHIFT },
    })
    .says('非生产时段排水量异常', 'Discharge outside the shifts far above what is usual')
    .advises('核实是否偷排或管网串流，留样', 'Find out who discharges, or whether rain gets in; keep a sample'),
  wastewater('discharge-counter-still', 'discharge_volume_m3', operations('time set by the site'))
    .when(reaches(alarm('low', 4 * 3_600)), {
      ...{ signal: { kind: 'counter_still' }, alarmClass: 'maintenance', onDelayS: 3_600, maxGapS: 3_600 },
      schedule: DAY_SHIFT,
    })
    .says('生产时段流量计累计量不走', 'Flow meter stands still in shift hours')
    .advises('检查流量计和计量堰槽', 'Check the flow meter and its flume'),
  wastewater('conductivity-rising-electroplating', 'conductivity_us_cm', operations('rise set by the site'))
    .when(above(alarm('medium', 2_000, 500)), {
      ...{ family: 'conductivity-rising', limitProfile: ELECTROPLATING_PROFILE },
      ...{ signal: rate('rise'), offDelayS: 600, maxGapS: PROBE_GAP_S },
    })
    .says('电导率突升，疑似槽液排放', 'Conductivity jumps: perhaps a bath was let out')
    .advises('切换至事故池，查找排放车间', 'Turn the flow to the emergency tank, find the workshop'),
];

const { metric: temperature, values, source: sewer } = SEWER_TEMPERATURE;

export const WASTEWATER_RULES: readonly AlarmRule[] = [
  ...acidity(null, SEWER_PH),
  ...SEWER.map((limit) => exceedance(null, limit)),
  limitRule(null, temperature, above(alarm('low', values[0], 1)), sewer),
  ...acidity(ELECTROPLATING_PROFILE, ELECTROPLATING_PH),
  ...ELECTROPLATING_LIMITS.map((limit) => exceedance(ELECTROPLATING_PROFILE, limit)),
  ...rising('cod'),
  ...rising('nh3n'),
  ...careOf,
  ...OPERATION_RULES,
];
