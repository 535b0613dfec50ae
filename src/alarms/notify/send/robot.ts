import { createHmac } from 'node:crypto';
import { clipBytes } from '../../model/notify/message.js';
import { type Outcome, SENT, withoutSecrets } from '../delivery/outcome.js';
import { type PostOptions, post } from './http.js';

/** WeCom accepts 2,048 bytes of text, DingTalk more. */
const TEXT_BYTES = 2_000;

interface Robot {
  /** Errors that recur until an operator changes the set-up. */
  readonly final: ReadonlySet<number>;
  /** Too many messages, and the milliseconds that this lasts. */
  readonly throttled: ReadonlySet<number>;
  readonly throttledMs: number;
}

/** Both accept 20 messages a minute per robot; DingTalk then refuses all for ten minutes. */
const ROBOTS: Readonly<Record<'dingtalk' | 'wecom', Robot>> = {
  dingtalk: {
    final: new Set([
      40035, 43004, 300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106, 430101, 430102, 430104,
    ]),
    throttled: new Set([130101, 410100]),
    throttledMs: 10 * 60_000,
  },
  wecom: { final: new Set([40008, 40058, 44004, 45002, 93000]), throttled: new Set([45009]), throttledMs: 60_000 },
};

/** Posts a text to a group robot, which answers 200 to everything and puts the outcome in `errcode`. */
export async function sendRobot(
  kind: 'dingtalk' | 'wecom',
  text: string,
  secrets: readonly (string | null)[],
  options: Omit<PostOptions, 'body' | 'headers'>,
): Promise<Outcome> {
  const body = JSON.stringify({ msgtype: 'text', text: { content: clipBytes(text, TEXT_BYTES) } });
  const answer = await post({ ...options, body });
  if (answer.outcome.kind !== 'sent') return answer.outcome;
  const { errcode, errmsg } = answer.clipped ? {} : readAnswer(answer.text);
  if (errcode === undefined) return { kind: 'retry', error: 'the answer has no errcode', askedMs: null };
  if (errcode === 0) return SENT;
  const error = `errcode ${errcode}${errmsg === undefined ? '' : `: ${withoutSecrets(errmsg, secrets)}`}`;
  const { final, throttled, throttledMs } = ROBOTS[kind];
  if (final.has(errcode)) return { kind: 'final', error };
  return { kind: 'retry', error, askedMs: throttled.has(errcode) ? throttledMs : null };
}

function readAnswer(text: string): { errcode?: number; errmsg?: string } {
  try {
    const answer = JSON.parse(text) as { errcode?: unknown; errmsg?: unknown } | null;
    return {
      ...(typeof answer?.errcode === 'number' && { errcode: answer.errcode }),
      ...(typeof answer?.errmsg === 'string' && { errmsg: answer.errmsg }),
    };
  } catch {
    return {};
  }
}

/**
 * The robot's URL with DingTalk's parameters `timestamp` (epoch milliseconds) and `sign`: base64(HMAC-SHA256(secret,
 * timestamp + "\n" + secret)). Unchanged without a secret.
 */
export function dingtalkUrl(url: string, secret: string | null, now: number): string {
  if (secret === null) return url;
  const signed = new URL(url);
  signed.searchParams.set('timestamp', `${now}`);
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'));
  return signed.href;
}
