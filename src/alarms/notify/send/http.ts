import { failureCode, type Outcome, SENT } from '../delivery/outcome.js';

export interface PostOptions {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Bytes to read of the answer; 0: its status is enough. */
  readonly answerBytes: number;
  /** Epoch milliseconds; a Retry-After may be a date. */
  readonly now: number;
}

/** Whether the status accepts the message, and the start of the answer. */
interface HttpAnswer {
  readonly outcome: Outcome;
  readonly text: string;
  /** Whether the answer was longer than the bytes read. */
  readonly clipped: boolean;
}

/** Posts JSON. Follows no redirect: the signature is for this receiver alone. Never throws. */
export async function post(options: PostOptions): Promise<HttpAnswer> {
  const { url, body, headers, signal, answerBytes, now } = options;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'park-monitor', ...headers },
      body,
      redirect: 'manual',
      signal,
    });
    const outcome = byStatus(response.status, response.headers.get('retry-after'), now);
    return { outcome, ...(await readStart(response, answerBytes)) };
  } catch (error) {
    return { outcome: { kind: 'retry', error: failureCode(error), askedMs: null }, text: '', clipped: false };
  }
}

function byStatus(status: number, retryAfter: string | null, now: number): Outcome {
  if (status >= 200 && status < 300) return SENT;
  if (status >= 300 && status < 400) return { kind: 'final', error: `HTTP ${status}: redirects are not followed` };
  const passing = status === 408 || status === 429 || status >= 500;
  if (!passing) return { kind: 'final', error: `HTTP ${status}` };
  return { kind: 'retry', error: `HTTP ${status}`, askedMs: waitAsked(retryAfter, now) };
}

/** Retry-After (RFC 9110, 10.2.3), seconds or a date, in milliseconds; null without one. */
export function waitAsked(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

async function readStart(response: Response, most: number): Promise<{ text: string; clipped: boolean }> {
  const chunks: Uint8Array[] = [];
  let left = most;
  if (most === 0) {
    await response.body?.cancel();
    return { text: '', clipped: false };
  }
  // Leaving the loop cancels the body, and with it the connection.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
    if (left < 0) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), clipped: left < 0 };
}
