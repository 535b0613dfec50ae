import type { DeviceReadings } from '../domain/reading.js';
import { decodeReadings } from '../domain/wire/readings.js';
import { parseTopic } from '../domain/wire/topic.js';
import type { AlarmInput } from './port.js';

/** The readings of a journal entry: those ingest attached, else decoded again; null when it holds none. */
export function readingsOf(entry: AlarmInput): DeviceReadings | null {
  if (entry.decoded !== undefined) return entry.decoded;
  const topic = parseTopic(entry.topic);
  if (topic?.kind !== 'readings') return null;
  const { park, domain, device } = topic;
  const { gateway, receivedAt, payload } = entry;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  const { readings } = decodeReadings(text, domain, receivedAt);
  return readings.length === 0 ? null : { park, domain, device, gateway, receivedAt, readings };
}
