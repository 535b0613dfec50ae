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
  // One per channel; channelPart() names it.
  channel_failing_s: seconds('channel', '通知渠道失效时间', 'Time for which a channel of notification has failed'),
} as const satisfies Readonly<Record<string, SystemMetric>>;

export type SystemMetricKey = keyof typeof SYSTEM_METRICS;

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
