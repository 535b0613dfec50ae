import { MINUTE_MS } from '../../../model/time/duration.js';

export interface AbsenceSettings {
  /** A gateway is down once offline for this long. */
  readonly gatewayDownMs: number;
  /** Longest time that a connected gateway may be mute, unless each of its series is expected more rarely. */
  readonly gatewaySilentMs: number;
  readonly maxSeries: number;
  readonly maxGateways: number;
  /** Series looked at in one tick, about; the rest wait for the next, so that a tick stays short. */
  readonly maxPerTick: number;
}

export const ABSENCE_DEFAULTS: AbsenceSettings = {
  gatewayDownMs: 2 * MINUTE_MS,
  gatewaySilentMs: 15 * MINUTE_MS,
  maxSeries: 100_000,
  maxGateways: 2_000,
  maxPerTick: 2_000,
};

const EXPECTED_INTERVALS = 3;

/** How long a series may say nothing: as configured, else three expected intervals and at least a minute; null: any. */
export function silenceBoundMs(expectedIntervalMs: number | null, configuredMs: number | null = null): number | null {
  if (configuredMs !== null) return configuredMs;
  return expectedIntervalMs === null ? null : Math.max(EXPECTED_INTERVALS * expectedIntervalMs, MINUTE_MS);
}
