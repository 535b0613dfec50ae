import { createHmac } from 'node:crypto';
import type { WriteTime } from '../../../model/time/rfc3339.js';
import type { Notice } from '../../model/notify/message.js';
import type { Outcome } from '../delivery/outcome.js';
import { type PostOptions, post } from './http.js';

/** Posts a notice, signed by `webhookSignature`. */
export async function sendWebhook(
  notice: Notice,
  secret: string,
  time: WriteTime,
  options: Omit<PostOptions, 'body' | 'headers' | 'answerBytes'>,
): Promise<Outcome> {
  const { id, event, level, at, alarm } = notice;
  // Byte for byte the same at every attempt.
  const body = JSON.stringify({ id, event, level, at: time(at), alarm });
  const timestamp = `${Math.floor(options.now / 1_000)}`;
  const headers = {
    'x-park-delivery': id,
    'x-park-timestamp': timestamp,
    'x-park-signature': webhookSignature(secret, timestamp, body),
  };
  return (await post({ ...options, body, headers, answerBytes: 0 })).outcome;
}

/**
 * Header `X-Park-Signature` of a webhook: `v1=` and the HMAC-SHA256, in lower-case hex, of `{timestamp}.{body}` under
 * the channel's secret; timestamp is the text of the header `X-Park-Timestamp` (seconds since the epoch), body the
 * bytes as received. A receiver compares in constant time, refuses timestamps more than five minutes off, and
 * recognises duplicates by `X-Park-Delivery`, which is also the body's `id`.
 */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
