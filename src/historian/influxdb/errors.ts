import { HttpError } from '@influxdata/influxdb-client';

/** `retry`: again, later. `too_large`: less at once. `split`: the server refuses the content of some unknown lines. */
type Remedy = 'retry' | 'too_large' | 'split';

interface InfluxErrorDetails {
  readonly status?: number | null | undefined;
  readonly words?: string;
  readonly retryAfterMs?: number | null;
  /** No answer came in time: the server may still have done it. */
  readonly timedOut?: boolean;
  readonly cause?: unknown;
}

/** A request that InfluxDB refused or that did not reach it; the message contains the server's own text. */
export class InfluxError extends Error {
  override readonly name = 'InfluxError';
  readonly status: number | null;
  /** Milliseconds that the server asks us to wait. */
  readonly retryAfterMs: number | null;
  readonly timedOut: boolean;
  /** The server's own text; the message if it sent none. */
  readonly words: string;

  constructor(
    readonly remedy: Remedy,
    message: string,
    details: InfluxErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.timedOut = details.timedOut ?? false;
    this.words = details.words ?? message;
  }

  /** The same for a refused line of our own making, which any healthy server accepts. */
  asServersFault(): InfluxError {
    return this.remedy === 'retry' ? this : this.toRetry(`${this.message} (to a line that is in order)`);
  }

  /** The same with the remedy `retry`. */
  toRetry(message = this.message): InfluxError {
    return new InfluxError('retry', message, { cause: this, words: this.words, status: this.status });
  }
}

/**
 * What a failed request says of the server process. `broken`: it ended or restarted; `doubt`: perhaps; null: it runs.
 */
export function signOf({ status, timedOut, words }: InfluxError): 'broken' | 'doubt' | null {
  if (timedOut) return 'doubt';
  // A proxy in front did not reach the server either.
  if (status === null || status === 502 || (status > 500 && /\bstarting\b/i.test(words))) return 'broken';
  return status === 503 || status === 504 ? 'doubt' : null;
}

const MAX_WORDS = 500;
const MAX_RETRY_AFTER_MS = 300_000;

/** Describes the failure of a request to `where`, for operators. */
export function describeFailure(error: unknown, where: string, now: number): InfluxError {
  if (error instanceof InfluxError) return error;
  if (!(error instanceof HttpError)) {
    const words = error instanceof Error ? error.message || error.name : String(error);
    return new InfluxError('retry', `InfluxDB at ${where} does not answer: ${words}`, { cause: error });
  }
  const status = error.statusCode;
  const words = serverWords(error.body ?? '') || error.statusMessage || 'no reason given';
  const retryAfterMs = retryAfter(error.headers?.['retry-after'], now);
  const details = { status, words, cause: error, retryAfterMs };
  const said = `${status} ${words}`;
  if (status === 413) return new InfluxError('too_large', `InfluxDB finds a request too large: ${said}`, details);
  if (status === 400 || status === 422) {
    return new InfluxError('split', `InfluxDB refuses a request: ${said}`, details);
  }
  return new InfluxError('retry', `${complaint(status, where)}: ${said}`, details);
}

function complaint(status: number, where: string): string {
  if (status === 401) return `InfluxDB at ${where} refuses the credentials, check INFLUX_TOKEN`;
  if (status === 403) return `InfluxDB at ${where} grants INFLUX_TOKEN too few rights`;
  if (status === 404) return `InfluxDB at ${where} does not know it, check INFLUX_BUCKET, INFLUX_ORG and INFLUX_API`;
  if (status === 429) return `InfluxDB at ${where} accepts no more at present`;
  return `InfluxDB at ${where} fails`;
}

/** The reason in an error's body: `error` in 1.x, `message` in 2.x, `error` with the faulty lines in 3 Core. */
export function serverWords(body: string): string {
  let words = body;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) words = wordsOf(parsed as Record<string, unknown>) || body;
  } catch {
    // Plain text is the reason itself.
  }
  return words.replace(/\s+/g, ' ').trim().slice(0, MAX_WORDS);
}

function wordsOf({ error, message, data }: Record<string, unknown>): string {
  const parts = [error, message].filter((part) => typeof part === 'string' && part !== '') as string[];
  const first: unknown = Array.isArray(data) ? data[0] : data;
  if (typeof first === 'object' && first !== null && 'error_message' in first) parts.push(String(first.error_message));
  return parts.join(': ');
}

/** RFC 9110 10.2.3: seconds, or a date. */
function retryAfter(header: string | string[] | undefined, now: number): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || text.trim() === '') return null;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : null;
}
