/** A quantity that the service measures about itself, or observes about gateways. */
interface SystemMetric {
  /** The part of the service, in the place of a device in other alarms. A gateway has its own id there. */
  readonly part: string;
  /** '' for a plain number. */
  readonly unit: string;
  readonly range: readonly [min: number, max: number];
  readonly labelZh: string;
  readonly labelEn: string;
}

const gauge =
  (unit: string, most: number = Number.MAX_SAFE_INTEGER) =>
  (part: string, labelZh: string, labelEn: string): SystemMetric => ({
    ...{ part, unit, range: [0, most], labelZh, labelEn },
  });
const seconds = gauge('s');
const number = gauge('');
const days = gauge('d');
const percent = gauge('%');

/** Metrics for rules of the domain `system`. */
export const SYSTEM_METRICS = {
  journal_fill_pct: gauge('%', 200)('journal', '日志已用比例', 'Journal, share of its bound in use'),
  historian_standstill_s: seconds('historian', '历史库停滞时间', 'Time for which the historian has stood still'),
  history_damaged_files: number('history', '损坏或缺失的历史文件数', 'Files of history that are missing or damaged'),
  // One per chore; chorePart() names it.
  housekeeping_failing_s: seconds(
    'housekeeping',
    '历史库维护任务失败时间',
    'Time for which a part of the housekeeping of history has failed',
  ),
  recent_failed_commits: number('disk', '近期写盘失败次数', 'Writes that failed a short while ago'),
  gateway_offline_s: seconds(
    'gateway',
    '网关离线时间',
    'Time for which a gateway has been offline beyond what is tolerated',
  ),
  gateway_silent_s: seconds(
    'gateway',
    '网关静默时间',
    'Time for which a connected gateway has delivered nothing beyond what is tolerated',
  ),
  gateway_lag_s: seconds('gateway', '网关数据滞后时间', 'Age at receipt of the newest readings of a gateway'),
  path_shortfall_pct: {
    ...{ part: 'intensity', unit: '%', range: [-100_000, 100_000] },
    labelZh: '预计年均降幅的缺口，占允许缺口的比例：0 为目标降幅，超过 100 为偏离',
    labelEn:
      'Expected annual decline short of the target, in % of what is tolerated: 0 is the target, above 100 off track',
  },
  path_blocks: number(
    'intensity',
    '强度结论无法评估的原因数',
    'Reasons why the verdict on intensity is not assessable',
  ),
  month_budget_expected_pct: percent(
    'intensity',
    '按预测进度本月用量占月度额度的比例',
    'Expected use of the running month, in % of its allowance',
  ),
  month_budget_used_pct: percent('intensity', '月用量占月度额度的比例', 'Use of a month, in % of its allowance'),
  statistics_age_d: days(
    'intensity',
    '最早缺报的增加值所属期结束以来的天数',
    'Days since the end of the oldest period whose added value is missing',
  ),
  month_measured_pct: gauge('%', 100)('intensity', '月计量完整率', 'Share of a month that was measured'),
  loss_beyond_limit_pct: {
    ...{ part: 'intensity', unit: '%', range: [-100_000, 100_000] },
    labelZh: '总表以下损耗超出限值的部分，占进入量的比例',
    labelEn: 'Losses below a main meter beyond their limits, in % of what came in',
  },
  // One per channel; channelPart() names it.
  channel_failing_s: seconds('channel', '通知渠道失效时间', 'Time for which a channel of notification has failed'),
} as const satisfies Readonly<Record<string, SystemMetric>>;

export type SystemMetricKey = keyof typeof SYSTEM_METRICS;

/** Of the 5 %; `device` of their alarms names the figure, such as `{park}.energy` or `{park}.electricity.2026-11`. */
export const isIntensityMetric = (key: string): boolean =>
  isSystemMetric(key) && SYSTEM_METRICS[key].part === 'intensity';

/** Of a gateway: it ends with the gateway. */
export const isGatewayMetric = (key: string): boolean => isSystemMetric(key) && SYSTEM_METRICS[key].part === 'gateway';

/** `device` of an alarm about a chore of the historian's housekeeping. */
export const chorePart = (chore: string): string => `housekeeping-${chore}`;

export function isSystemMetric(key: string): key is SystemMetricKey {
  return Object.hasOwn(SYSTEM_METRICS, key);
}

/** Metric of a silence rule on the whole device instead of one series. */
export const DEVICE_SILENCE = 'silence_s';

/** Key of the rules on a metric's silence, apart from the metric's readings. */
export function silenceKey(metric: string): string {
  return metric === DEVICE_SILENCE || isSystemMetric(metric) ? metric : `${metric}:silence`;
}
