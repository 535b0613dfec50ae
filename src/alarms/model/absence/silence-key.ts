import { isSystemMetric } from '../system.js';

/** The whole device, where a rule of the signal `silence` is not about one of its series. */
export const DEVICE_SILENCE = 'silence_s';

/** Under what the silence of a metric is handed to rules, apart from the metric's readings. */
export function silenceKey(metric: string): string {
  return metric === DEVICE_SILENCE || isSystemMetric(metric) ? metric : `${metric}:silence`;
}
