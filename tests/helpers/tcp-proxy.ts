import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A link on loopback that can be cut and mended, on the same port each time; it ends with the test. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private port = 0;
  /** What the target answers is swallowed. */
  private muted = false;
  private readonly server = createServer((client) => {
    const upstream = connect(this.target);
    client.pipe(upstream);
    upstream.on('data', (data) => this.muted || client.write(data));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  });

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.mend();
    onTestFinished(() => proxy.cut());
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** From now on, until it is cut, answers get lost. */
  mute(): void {
    this.muted = true;
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    this.muted = false;
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }
}
