import type { QuarantinedMessage, Rejection } from '../../ingest/port.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import type { TimeZone } from '../../model/time/zone.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A rejection as clients of the API get it; topic and time stand beside it. */
export const toWireRejection = ({ index, code, reason }: Rejection) => ({ index, code, reason });

export function toWire(message: QuarantinedMessage, zone: TimeZone) {
  const time = instantFormatter(zone);
  const { id, topic, gateway, park, payloadBytes, replayedAt, replayedBy } = message;
  return {
    id,
    topic,
    gateway,
    park,
    receivedAt: time(message.receivedAt),
    payloadBytes,
    rejections: message.rejections.map(toWireRejection),
    codes: message.codes,
    replayedAt: replayedAt === null ? null : time(replayedAt),
    replayedBy,
  };
}

export function withPayload(message: QuarantinedMessage & { readonly payload: Uint8Array }, zone: TimeZone) {
  return {
    ...toWire(message, zone),
    payloadText: textOf(message.payload),
    payloadBase64: Buffer.from(message.payload).toString('base64'),
  };
}

function textOf(payload: Uint8Array): string | null {
  try {
    return utf8.decode(payload);
  } catch {
    return null;
  }
}
