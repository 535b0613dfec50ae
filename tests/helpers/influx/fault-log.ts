import { gunzipSync } from 'node:zlib';

/** What a request is for: readings in, answers out, the making and dropping of buckets, or the rest. */
export type RequestKind = 'write' | 'query' | 'admin' | 'other';

export interface SeenRequest {
  readonly kind: RequestKind;
  readonly method: string;
  /** With its parameters. */
  readonly path: string;
  /** As it was sent; see `bodyText`. */
  readonly body: Buffer;
  readonly gzip: boolean;
  /** What the proxy did to it. */
  fault: string | null;
  /** Whether the engine answered it. */
  reached: boolean;
  /** As the client was told, null when it was not. */
  status: number | null;
}

const KEPT = 1_000;

/** The newest requests, and how many there were. */
export class RequestLog {
  /** Ended ones, oldest first; at most the newest 1,000. */
  readonly ended: SeenRequest[] = [];
  /** Requests begun and not ended. */
  open = 0;
  /** Answers the client did not wait for, or was not given to the end. */
  cut = 0;
  private readonly counts: Record<RequestKind, number> = { write: 0, query: 0, admin: 0, other: 0 };
  private waiting: { readonly kind: RequestKind; readonly resolve: (seen: SeenRequest) => void }[] = [];
  private resting: (() => void)[] = [];

  /** Requests of this kind that began. */
  count(kind: RequestKind): number {
    return this.counts[kind];
  }

  /** Resolves with the next request of this kind that ends, however it ends. */
  next(kind: RequestKind): Promise<SeenRequest> {
    return new Promise((resolve) => this.waiting.push({ kind, resolve }));
  }

  /**
   * Resolves once every request that began has ended. A client may have its whole answer a moment before: wait for this
   * before `ended` and `cut` are read.
   */
  async quiet(): Promise<void> {
    if (this.open > 0) await new Promise<void>((resolve) => this.resting.push(resolve));
  }

  begin(seen: SeenRequest): void {
    this.counts[seen.kind] += 1;
    this.open += 1;
  }

  end(seen: SeenRequest, whole: boolean): void {
    this.open -= 1;
    if (!whole) this.cut += 1;
    this.ended.push(seen);
    if (this.ended.length > KEPT) this.ended.shift();
    const told = this.waiting.filter(({ kind }) => kind === seen.kind);
    this.waiting = this.waiting.filter(({ kind }) => kind !== seen.kind);
    for (const { resolve } of told) resolve(seen);
    if (this.open === 0) for (const resolve of this.resting.splice(0)) resolve();
  }
}

export function bodyText(seen: Pick<SeenRequest, 'body' | 'gzip'>): string {
  return (seen.gzip ? gunzipSync(seen.body) : seen.body).toString();
}

const ADMIN = /^\s*(create|alter|drop|grant|revoke|set)\b/i;

export function kindOf(method: string, path: string, body: Buffer): RequestKind {
  const url = new URL(path, 'http://engine');
  if (/^(\/write|\/api\/v2\/write|\/api\/v3\/write_lp)$/.test(url.pathname)) return 'write';
  if (url.pathname === '/query') {
    const asked =
      url.searchParams.get('q') ?? (method === 'POST' ? new URLSearchParams(body.toString()).get('q') : null);
    return ADMIN.test(asked ?? '') ? 'admin' : 'query';
  }
  if (/^\/api\/v[23]\/query/.test(url.pathname)) return 'query';
  return /^\/api\/(v2\/(buckets|orgs|dbrps)|v3\/configure)/.test(url.pathname) ? 'admin' : 'other';
}
