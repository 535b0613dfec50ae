import { createHmac } from 'node:crypto';

/**
 * Header `X-Park-Signature` of a webhook: `v1=` and the HMAC-SHA256, in lower-case hex, of `{timestamp}.{body}` under
 * the channel's secret, where the timestamp is the text of the header `X-Park-Timestamp` (seconds since the epoch) and
 * the body is taken as it was received. A receiver compares in constant time, refuses timestamps more than five minutes
 * off, and knows by `X-Park-Delivery`, which is the body's `id` too, what it already has.
 */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/**
 * The robot's URL with DingTalk's parameters `timestamp` (epoch milliseconds) and `sign`, which is
 * base64(HMAC-SHA256(secret, timestamp + "\n" + secret)); without a secret as it is.
 */
export function dingtalkUrl(url: string, secret: string | null, now: number): string {
  if (secret === null) return url;
  const signed = new URL(url);
  signed.searchParams.set('timestamp', `${now}`);
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'));
  return signed.href;
}
