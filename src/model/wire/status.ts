import { parseInstant } from './instant.js';

/** A gateway's status, from the gateway itself or from its will. */
interface GatewayStatus {
  readonly online: boolean;
  /** Epoch milliseconds; null when the gateway sent none. */
  readonly ts: number | null;
}

/** Longest status payload that is parsed, in bytes. */
export const MAX_STATUS_BYTES = 1_024;

/** Null when the payload is no status. */
export function parseStatus(payload: string): GatewayStatus | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { online, ts } = parsed as { online?: unknown; ts?: unknown };
  return typeof online === 'boolean' ? { online, ts: parseInstant(ts) } : null;
}
