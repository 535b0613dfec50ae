import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Fault, FaultList, type Injected, type Injection } from './fault-list.js';
import { kindOf, type RequestKind, RequestLog, type SeenRequest } from './fault-log.js';
import { quietPort } from './port.js';

export type { Fault, Injected, Injection } from './fault-list.js';
export type { RequestKind, SeenRequest } from './fault-log.js';

/** An HTTP proxy on loopback in front of an engine, with faults that are switched on and off. */
export class FaultProxy {
  readonly log = new RequestLog();
  private readonly faults = new FaultList();
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server: Server;

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {
    this.server = createServer((incoming, outgoing) => {
      this.pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** `target` is the engine's address; the engine may come and go behind the proxy. */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target), await quietPort());
    await proxy.up();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Faults are tried in the order they were injected; the first that fits a request acts on it. */
  inject(fault: Fault, injection: Injection = {}): Injected {
    return this.faults.add(fault, injection);
  }

  /** Takes all faults away; what is held goes on. */
  clear(): void {
    this.faults.clear();
  }

  /** Connections are refused, and those that are open are cut. */
  async down(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Takes connections (again), always on the same port. */
  async up(): Promise<void> {
    if (this.server.listening) return;
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    this.clear();
    await this.down();
    this.agent.destroy();
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const kind: RequestKind = kindOf(incoming.method ?? 'GET', incoming.url ?? '/', body);
    const seen: SeenRequest = {
      kind,
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      body,
      gzip: incoming.headers['content-encoding'] === 'gzip',
      fault: null,
      reached: false,
      status: null,
    };
    this.log.begin(seen);
    outgoing.once('close', () => this.log.end(seen, outgoing.writableFinished));
    const injected = this.faults.take(seen);
    if (!injected) return this.forward(incoming, outgoing, seen);
    const { fault } = injected;
    seen.fault = fault.kind;
    switch (fault.kind) {
      case 'delay':
        await Promise.race([new Promise((resolve) => setTimeout(resolve, fault.ms)), once(outgoing, 'close')]);
        return this.forward(incoming, outgoing, seen);
      case 'hold':
        await Promise.race([injected.released, once(outgoing, 'close')]);
        return this.forward(incoming, outgoing, seen);
      case 'answer':
        if (fault.afterwards) await this.taken(incoming, outgoing, seen);
        return answer(outgoing, seen, fault.status, fault.headers, fault.body);
      case 'limit':
        return answer(outgoing, seen, 413, {}, '{"error":"Request Entity Too Large"}');
      case 'cut-before':
        outgoing.destroy();
        return;
      case 'cut-request':
        await this.half(incoming, outgoing, seen);
        return;
      case 'cut-after':
        await this.taken(incoming, outgoing, seen);
        outgoing.destroy();
        return;
      case 'cut-answer':
        return this.forward(incoming, outgoing, seen, { bytes: fault.bytes });
      case 'trickle':
        return this.forward(incoming, outgoing, seen, { pieces: fault.bytes, everyMs: fault.everyMs });
    }
  }

  /** Starts the request to the engine; it ends with the client's connection. */
  private open(incoming: IncomingMessage, outgoing: ServerResponse): ClientRequest {
    const upstream = httpRequest({
      host: this.target.hostname,
      port: this.target.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: this.target.host },
      agent: this.agent,
    });
    upstream.on('error', () => undefined);
    outgoing.once('close', () => upstream.destroy());
    return upstream;
  }

  private async ask(incoming: IncomingMessage, outgoing: ServerResponse, seen: SeenRequest): Promise<IncomingMessage> {
    if (outgoing.closed) throw new Error('the client is gone');
    const upstream = this.open(incoming, outgoing);
    upstream.end(seen.body);
    const [response] = (await once(upstream, 'response')) as [IncomingMessage];
    seen.reached = true;
    return response;
  }

  /** Resolves once the engine has answered in full; the client is told nothing. */
  private async taken(incoming: IncomingMessage, outgoing: ServerResponse, seen: SeenRequest): Promise<void> {
    await buffer(await this.ask(incoming, outgoing, seen));
  }

  /** The engine gets the first half of the body, and then the end of the connection; so does the client. */
  private async half(incoming: IncomingMessage, outgoing: ServerResponse, seen: SeenRequest): Promise<void> {
    const upstream = this.open(incoming, outgoing);
    upstream.setHeader('content-length', seen.body.length);
    upstream.removeHeader('transfer-encoding');
    await new Promise<void>((resolve) => {
      upstream.once('error', () => resolve());
      upstream.write(seen.body.subarray(0, Math.floor(seen.body.length / 2)), () => resolve());
    });
    outgoing.destroy();
  }

  private async forward(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    seen: SeenRequest,
    how: { readonly bytes?: number; readonly pieces?: number; readonly everyMs?: number } = {},
  ): Promise<void> {
    const response = await this.ask(incoming, outgoing, seen);
    seen.status = response.statusCode ?? null;
    const { connection: _, 'keep-alive': __, ...headers } = response.headers;
    outgoing.writeHead(response.statusCode ?? 502, headers);
    let left = how.bytes ?? Number.POSITIVE_INFINITY;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const piece of cut(chunk.subarray(0, left), how.pieces)) {
        if (!outgoing.write(piece)) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
        if (how.everyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, how.everyMs));
        if (outgoing.closed) return;
      }
      left -= chunk.length;
      if (left <= 0) break;
    }
    if (how.bytes === undefined) outgoing.end();
    // What was written must be on its way before the connection ends.
    else outgoing.write('', () => outgoing.destroy());
  }
}

function answer(
  outgoing: ServerResponse,
  seen: SeenRequest,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): void {
  seen.status = status;
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(body);
}

function* cut(chunk: Buffer, size = chunk.length): Iterable<Buffer> {
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}
