import { LoadConnection } from '../../bench/load/connection.js';
import type { Login } from '../../bench/load/packets.js';
import type { Ledger } from './ledger.js';
import type { RunningService } from './service.js';

const TICK_MS = 5;
const RETRY_MS = 100;

/** A gateway that publishes its ledger at a steady rate and signs in again whenever its connection is lost. */
export class LedgerPublisher {
  /** Connections lost or refused so far. */
  lost = 0;
  private connection: LoadConnection | null = null;
  private timer: NodeJS.Timeout | null = null;
  private retry: NodeJS.Timeout | null = null;
  private opening: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly service: Pick<RunningService, 'mqtt'>,
    private readonly login: Login,
    readonly ledger: Ledger,
    private readonly options: { readonly messagesPerSecond: number; readonly window: number },
  ) {}

  /** Resolves once the first sign-in succeeded or failed. */
  start(): Promise<void> {
    const perTick = Math.max(1, Math.round((this.options.messagesPerSecond * TICK_MS) / 1000));
    this.timer = setInterval(() => this.connection?.send(perTick, performance.now()), TICK_MS);
    return this.open();
  }

  /** Stops sending and closes once what is in flight is acknowledged, or at once when `abrupt`. */
  async stop({ abrupt = false } = {}): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    if (this.retry) clearTimeout(this.retry);
    await this.opening;
    const { connection } = this;
    if (!connection) return;
    const giveUpAt = performance.now() + 10_000;
    while (!abrupt && this.connection && connection.inFlight > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    if (abrupt) connection.destroy();
    else await connection.end();
    this.ledger.resend();
  }

  private open(): Promise<void> {
    const { ledger, login, service, options } = this;
    this.opening = LoadConnection.open({
      ...service.mqtt,
      login,
      window: options.window,
      source: ledger,
      events: {
        onAcked: (packetId) => ledger.acked(packetId),
        onWindowOpen() {},
        onLost: () => {
          this.connection = null;
          ledger.resend();
          this.openLater();
        },
      },
    }).then(
      (connection) => {
        this.connection = connection;
      },
      () => this.openLater(),
    );
    return this.opening;
  }

  private openLater(): void {
    this.lost += 1;
    if (this.stopped) return;
    this.retry = setTimeout(() => void this.open(), RETRY_MS);
  }
}
