import { performance } from 'node:perf_hooks';
import { LoadConnection, type PacketSource } from './connection.js';
import type { LoadGateway, LoadJob, LoadPhase, LoadResult } from './job.js';
import { Measure, type Measured } from './measure.js';
import { MeterMessages, READINGS_PER_MESSAGE } from './meter.js';

const SIGN_INS_AT_ONCE = 4;
const DRAIN_MS = 10_000;
/** Above this share of its loop the load process no longer answers at once. */
const BUSY_LIMIT = 0.9;
/** A load process that wakes this late (ms, p99) adds to the latencies it measures. */
const DELAY_LIMIT_MS = 10;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The meters of one gateway in turn. */
class MeterSource implements PacketSource {
  readonly maxPacketBytes: number;
  readonly payloadBytes: number;
  private readonly meters: readonly MeterMessages[];
  private next = 0;

  constructor(gateway: LoadGateway, seed: number) {
    this.meters = gateway.devices.map((device, i) => new MeterMessages(gateway.park, device, seed + i));
    this.maxPacketBytes = Math.max(...this.meters.map((meter) => meter.length));
    this.payloadBytes = this.meters[0]?.payloadLength ?? 0;
  }

  write(into: Buffer, at: number, packetId: number): number {
    const meter = this.meters[this.next] as MeterMessages;
    this.next = this.next + 1 === this.meters.length ? 0 : this.next + 1;
    return meter.write(into, at, packetId, Date.now());
  }
}

/** Publishes as the job says and measures; resolves once the last messages are acknowledged or given up. */
export function generateLoad(job: LoadJob, onPhase: (phase: LoadPhase) => void = () => {}): Promise<LoadResult> {
  return new LoadRun(job, onPhase).run();
}

class LoadRun {
  private readonly measure = new Measure();
  private readonly connections: LoadConnection[] = [];
  private publishing = false;
  private sent = 0;
  private acked = 0;
  private lost = 0;
  private lostReason: string | null = null;
  /** One clock reading per chunk of acknowledgements; NaN between chunks. */
  private chunkAt = Number.NaN;
  private startedAt = 0;
  private turn = 0;
  /** Open loop: messages are due that no window had room for. */
  private heldUp = false;

  constructor(
    private readonly job: LoadJob,
    private readonly onPhase: (phase: LoadPhase) => void,
  ) {}

  async run(): Promise<LoadResult> {
    const { job } = this;
    const sources = job.gateways.map((gateway, i) => new MeterSource(gateway, i * 1000));
    for (let i = 0; i < sources.length; i += SIGN_INS_AT_ONCE) {
      const some = sources.slice(i, i + SIGN_INS_AT_ONCE);
      await Promise.all(some.map((source, k) => this.signIn(i + k, source)));
    }
    this.publishing = true;
    this.onPhase('publishing');
    this.startedAt = performance.now();
    for (const connection of this.connections) this.fill(connection);
    const ticker = job.mode.kind === 'open' ? setInterval(() => this.sendDue(), 1) : undefined;

    await sleep(job.warmUpMs);
    const sentBefore = this.sent;
    this.measure.start();
    this.onPhase('measuring');
    await sleep(job.durationMs);
    const measured = this.measure.stop();
    this.onPhase('measured');
    const sentMeanwhile = this.sent - sentBefore;

    this.publishing = false;
    clearInterval(ticker);
    await this.drain();
    await Promise.all(this.connections.map((connection) => connection.end()));
    return {
      ...measured,
      messagesPerSecond: measured.acked / measured.seconds,
      readingsPerSecond: (measured.acked * READINGS_PER_MESSAGE) / measured.seconds,
      payloadBytes: sources[0]?.payloadBytes ?? 0,
      unacknowledged: this.sent - this.acked,
      unexpectedAcks: this.connections.reduce((sum, connection) => sum + connection.unexpectedAcks, 0),
      lostConnections: this.lost,
      lostReason: this.lostReason,
      bottleneck: bottleneck(job, measured, sentMeanwhile),
    };
  }

  private async signIn(i: number, source: PacketSource): Promise<void> {
    const { host, port, window, gateways } = this.job;
    const connection = await LoadConnection.open({
      host,
      port,
      window,
      source,
      login: gateways[i] as LoadGateway,
      events: {
        onAcked: (_id, sentAt) => this.onAcked(sentAt),
        onWindowOpen: () => {
          this.chunkAt = Number.NaN;
          this.fill(connection);
        },
        onLost: (reason) => {
          this.lost += 1;
          this.lostReason ??= reason;
        },
      },
    });
    this.connections[i] = connection;
  }

  private onAcked(sentAt: number): void {
    if (Number.isNaN(this.chunkAt)) this.chunkAt = performance.now();
    this.acked += 1;
    this.measure.add(this.chunkAt - sentAt);
  }

  private fill(connection: LoadConnection): void {
    if (!this.publishing) return;
    if (this.job.mode.kind === 'closed') this.sent += connection.send(connection.room, performance.now());
    else if (this.heldUp) this.sendDue();
  }

  private sendDue(): void {
    if (this.job.mode.kind !== 'open' || !this.publishing) return;
    const { connections } = this;
    const stepMs = 1000 / this.job.mode.messagesPerSecond;
    let due = Math.floor((performance.now() - this.startedAt) / stepMs) - this.sent;
    let full = 0;
    while (due > 0 && full < connections.length) {
      const connection = connections[this.turn] as LoadConnection;
      this.turn = (this.turn + 1) % connections.length;
      const count = connection.send(Math.min(due, this.job.burst), this.startedAt + this.sent * stepMs, stepMs);
      this.sent += count;
      due -= count;
      full = count === 0 ? full + 1 : 0;
    }
    this.heldUp = due > 0;
  }

  private async drain(): Promise<void> {
    const giveUpAt = performance.now() + DRAIN_MS;
    while (this.sent > this.acked && this.lost < this.connections.length && performance.now() < giveUpAt) {
      await sleep(20);
    }
  }
}

function bottleneck(job: LoadJob, measured: Measured, sent: number): string | null {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  if (measured.loopBusy > BUSY_LIMIT) return `the load process is busy ${percent(measured.loopBusy)} of the time`;
  if (job.mode.kind === 'closed') return null;
  if (measured.loopDelayP99 > DELAY_LIMIT_MS) {
    return `the load process wakes ${measured.loopDelayP99.toFixed(1)} ms late (p99)`;
  }
  const due = job.mode.messagesPerSecond * measured.seconds;
  return sent < due * 0.98 ? `only ${percent(sent / due)} of the messages due were sent` : null;
}
