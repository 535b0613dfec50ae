import type { Duplex } from 'node:stream';

interface WatchedConnection {
  /** Milliseconds of silence after which the broker closes the connection; Infinity without keep-alive. */
  limitMs: number;
  heardAt: number;
  /** The broker does not read from the connection, so that it cannot hear the client. */
  held: boolean;
}

/**
 * Closes connections that were silent for one and a half times their keep-alive (MQTT-3.1.2-24). aedes cannot do this,
 * because it does not see the packets that the lane takes. Times are milliseconds of a monotonic clock.
 */
export class Keepalive {
  timeouts = 0;
  private readonly watched = new Map<Duplex, WatchedConnection>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly uptime: () => number,
    sweepMs = 1_000,
  ) {
    this.sweeper = setInterval(() => this.sweep(), sweepMs).unref();
  }

  watch(stream: Duplex): void {
    this.watched.set(stream, { limitMs: Number.POSITIVE_INFINITY, heardAt: this.uptime(), held: false });
    stream.once('close', () => this.watched.delete(stream));
  }

  /** `seconds` from the client's CONNECT; 0 is none. */
  expect(stream: Duplex, seconds: number): void {
    const watched = this.watched.get(stream);
    if (watched !== undefined && seconds > 0) watched.limitMs = seconds * 1_500;
  }

  noteRead(stream: Duplex): void {
    const watched = this.watched.get(stream);
    if (watched !== undefined) watched.heardAt = this.uptime();
  }

  /** A client does not count as silent while the broker does not read from it. */
  hold(stream: Duplex, held: boolean): void {
    const watched = this.watched.get(stream);
    if (watched === undefined) return;
    watched.held = held;
    watched.heardAt = this.uptime();
  }

  sweep(): void {
    const now = this.uptime();
    for (const [stream, { limitMs, heardAt, held }] of this.watched) {
      if (held || now - heardAt <= limitMs) continue;
      this.timeouts += 1;
      stream.destroy();
    }
  }

  close(): void {
    clearInterval(this.sweeper);
  }
}
