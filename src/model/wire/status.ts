import { parseInstant } from './instant.js';

/** A gateway's status: what it says of itself, and what its will says when it is gone. */
interface GatewayStatus {
  readonly online: boolean;
  /** Epoch milliseconds; null when the gateway did not say. */
  readonly ts: number | null;
}

/** The longest status payload that is read, in bytes. */
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
