import { metric as catalogued } from '../../../model/catalogue/index.js';
import { site } from '../../../model/limits/limit.js';
import { ELECTROPLATING as ELECTROPLATING_LIMITS, SEWER } from '../../../model/limits/wastewater.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, reaches, rule, text } from './build.js';
import { type Instrument, missing, oftenBad, stuck } from './instruments.js';
import { DAY_SHIFT, ELECTROPLATING, OFF_SHIFT } from './scope.js';

/** Analysers give a value an hour (HJ 355-2019); pH and temperature every ten minutes at least. */
export const ANALYSER_GAP_S = 7_200;
export const PROBE_GAP_S = 1_800;

/** Share of the limit by which a value rises in an hour when something has gone wrong in the plant. */
const RISE = 0.25;
/** Share of the limit from where on operators are warned anyhow, and how long before that they are to know. */
const NEAR = 0.9;
const AHEAD_S = 2 * 3_600;

/** Rises so fast that the limit will be near within hours: told before it is. */
const rising = (name: string): AlarmRule[] =>
  ([null, ELECTROPLATING] as const).map((profile) => {
    const metric = `${name}_mg_l`;
    const { labelZh, labelEn } = catalogued('wastewater', metric)!;
    const limits = profile === null ? SEWER : ELECTROPLATING_LIMITS;
    const [limit] = limits.find((one) => one.metric === metric)!.values;
    return rule('wastewater', {
      id: profile === null ? `${name}-rising` : `${name}-rising-${profile}`,
      family: `${name}-rising`,
      metric,
      ...(profile !== null && { limitProfile: profile }),
      signal: {
        kind: 'rate',
        windowS: 2_700,
        per: 'hour',
        direction: 'rise',
        towards: { value: limit * NEAR, withinS: AHEAD_S },
      },
      comparison: above(alarm('low', limit * RISE, limit * RISE * 0.2)),
      offDelayS: 600,
      maxGapS: ANALYSER_GAP_S,
      suppressedBy: [{ rule: profile === null ? `${name}-high` : `${name}-high-${profile}`, scope: 'device' }],
      message: text(`${labelZh}快速上升，将接近限值`, `${labelEn} rising fast, soon near its limit`),
      advice: text(
        '检查进水和处理工艺，提前采取措施',
        'Look at the inflow and the treatment before the limit is passed',
      ),
      source: site(
        'park operations',
        'a quarter of the limit in an hour, 90 % of it within two hours; set by the site',
      ),
    });
  });

/** What HJ 355 and its kin have watched, and the metals of electroplating. */
const INSTRUMENTS: readonly (readonly [metric: string, name: string])[] = [
  ['ph', 'ph'],
  ['cod_mg_l', 'cod'],
  ['nh3n_mg_l', 'nh3n'],
  ['tp_mg_l', 'tp'],
  ['tn_mg_l', 'tn'],
  ['total_chromium_mg_l', 'total-chromium'],
  ['hexavalent_chromium_mg_l', 'hexavalent-chromium'],
  ['total_nickel_mg_l', 'total-nickel'],
  ['total_copper_mg_l', 'total-copper'],
  ['total_cyanide_mg_l', 'total-cyanide'],
];
const VALIDITY = site('HJ 356-2019', 'frozen values and three quarters of valid data; to be confirmed by the site');

const careOf = INSTRUMENTS.flatMap(([metric, name]): AlarmRule[] => {
  const common = {
    domain: 'wastewater',
    alarmClass: 'maintenance',
    source: VALIDITY,
    maxGapS: ANALYSER_GAP_S,
  } as const;
  const instrument: Instrument = { ...common, metric, name, priority: 'low' };
  const silence = { ...instrument, source: site('park operations', 'three of its intervals without a reading') };
  return [stuck(instrument, 8), oftenBad(instrument, 8, 6, 'medium'), missing(silence, 'wastewater-device-silent')];
});

const operation: readonly AlarmRule[] = [
  rule('wastewater', {
    id: 'discharge-off-shift',
    metric: 'flow_l_s',
    signal: { kind: 'deviation', weeks: 4, as: 'percent', minBaseline: 0.5, assumedBaseline: 25 },
    comparison: above(alarm('medium', 100, 20)),
    onDelayS: 900,
    offDelayS: 900,
    maxGapS: PROBE_GAP_S,
    schedule: OFF_SHIFT,
    message: text('非生产时段排水量异常', 'Discharge outside the shifts far above what is usual'),
    advice: text('核实是否偷排或管网串流，留样', 'Find out who discharges, or whether rain gets in; keep a sample'),
    source: site('park operations', 'twice the same hour of the past four weeks; set by the site'),
  }),
  rule('wastewater', {
    id: 'discharge-counter-still',
    metric: 'discharge_volume_m3',
    alarmClass: 'maintenance',
    signal: { kind: 'counter_still' },
    comparison: reaches(alarm('low', 4 * 3_600)),
    onDelayS: 3_600,
    maxGapS: 3_600,
    schedule: DAY_SHIFT,
    message: text('生产时段流量计累计量不走', 'Flow meter stands still in shift hours'),
    advice: text('检查流量计和计量堰槽', 'Check the flow meter and its flume'),
    source: site('park operations', 'time set by the site'),
  }),
  rule('wastewater', {
    id: 'conductivity-rising-electroplating',
    family: 'conductivity-rising',
    metric: 'conductivity_us_cm',
    limitProfile: ELECTROPLATING,
    signal: { kind: 'rate', windowS: 3_600, per: 'hour', direction: 'rise' },
    comparison: above(alarm('medium', 2_000, 500)),
    offDelayS: 600,
    maxGapS: PROBE_GAP_S,
    message: text('电导率突升，疑似槽液排放', 'Conductivity jumps: perhaps a bath was let out'),
    advice: text('切换至事故池，查找排放车间', 'Turn the flow to the emergency tank, find the workshop'),
    source: site('park operations', 'rise set by the site'),
  }),
];

/** How the plant runs, and its instruments. */
export const PLANT_RULES: readonly AlarmRule[] = [...rising('cod'), ...rising('nh3n'), ...careOf, ...operation];
