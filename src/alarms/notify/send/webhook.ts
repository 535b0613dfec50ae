import type { Notice } from '../../model/notify/message.js';
import type { WriteTime } from '../../model/wire.js';
import { webhookSignature } from '../channels/sign.js';
import type { Outcome } from '../delivery/outcome.js';
import { type PostOptions, post } from './http.js';

/** The body of a webhook: the same, byte for byte, at every attempt. */
export function webhookBody(notice: Notice, time: WriteTime): string {
  const { id, event, level, at, alarm } = notice;
  return JSON.stringify({ id, event, level, at: time(at), alarm });
}

/** Posts a notice, signed as webhookSignature says. */
export async function sendWebhook(
  notice: Notice,
  secret: string,
  time: WriteTime,
  options: Omit<PostOptions, 'body' | 'headers' | 'answerBytes'>,
): Promise<Outcome> {
  const body = webhookBody(notice, time);
  const timestamp = `${Math.floor(options.now / 1_000)}`;
  const headers = {
    'x-park-delivery': notice.id,
    'x-park-timestamp': timestamp,
    'x-park-signature': webhookSignature(secret, timestamp, body),
  };
  return (await post({ ...options, body, headers, answerBytes: 0 })).outcome;
}
