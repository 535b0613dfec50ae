import type { DeviceReadings } from '../reading.js';
import type { ItemRejection } from './readings.js';

/**
 * A message as it arrived on a readings topic, or a packet of HJ 212 with what decodes it; as the journal stores it.
 * Times are epoch milliseconds; `replayedAt` is set when the message waited in quarantine until then.
 */
export interface ReadingsEntry {
  readonly topic: string;
  readonly gateway: string;
  readonly receivedAt: number;
  readonly replayedAt?: number;
  readonly payload: Uint8Array;
}

/** Readings and rejections of an entry; `message` is null when it has no valid reading. */
export interface DecodedEntry {
  readonly message: DeviceReadings | null;
  readonly rejections: readonly ItemRejection[];
}
