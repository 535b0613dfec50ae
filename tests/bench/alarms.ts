import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { makeGateway } from '../e2e/helpers/gateways.js';
import type { RunningService } from '../e2e/helpers/service.js';
import { startServiceBroker } from './brokers.js';
import { LoadConnection } from './load/connection.js';
import { FireDevices } from './load/fire.js';
import type { LoadMode } from './load/job.js';
import { startLoad } from './load/run-load.js';
import { loadGateways } from './load/topology.js';
import { atMost, type BenchOptions, type BenchResult, type Figure, percentile } from './report.js';

const BENCH = 'alarms';
const PARK = 'oh-diandu';
const TOGGLES_PER_SECOND = 50;
const DEVICES = 50;
/** Background load, messages a second, and the p99 to keep under it, ms. */
const STEPS = [
  [1_000, 10],
  [10_000, 50],
] as const;
/** The same while ingest is driven to this many times what it takes. */
const OVERLOAD = 2;
const OVERLOAD_P99_MS = 500;
const CAPACITY_MS = 5_000;

/** From the time a smoke detector's message is due to its alarm event on `/ws/alarms`, beside a background load. */
export async function benchAlarms(options: BenchOptions): Promise<BenchResult> {
  const service = await startServiceBroker(loadGateways(2, 20));
  const figures: Figure[] = [];
  const remarks: string[] = [];
  try {
    const fire = await FireLine.open(service.service);
    const { host, port, gateways } = service;
    const start = (mode: LoadMode, durationMs: number) =>
      startLoad({ host, port, gateways, window: 100, burst: 4, mode, warmUpMs: 2_000, durationMs });
    for (const step of [...STEPS, null]) {
      // Last, for what it leaves to the history would disturb the others.
      const [rate, targetMs] = step ?? [await twiceTheCapacity(start), OVERLOAD_P99_MS];
      const durationMs = options.quick ? 5_000 : 20_000;
      const load = start({ kind: 'open', messagesPerSecond: rate }, durationMs);
      await load.reached('measuring');
      const run = await fire.toggle(durationMs);
      const background = await load.result;
      const at = step === null ? `at ${OVERLOAD} × what is taken` : `at ${rate.toLocaleString('en-US')}/s`;
      const add = (what: string, value: number, unit: string, more: Partial<Figure> = {}) =>
        figures.push({ bench: BENCH, name: `${at}: ${what}`, value, unit, ...more });
      add('publish to WebSocket p50', percentile(run.latencies, 50), 'ms');
      add('publish to WebSocket p99', percentile(run.latencies, 99), 'ms', {
        target: atMost(targetMs),
        note: `${run.latencies.length} events`,
      });
      add('publish to WebSocket max', Math.max(...run.latencies), 'ms');
      add('background reached', background.messagesPerSecond, '1/s');
      if (run.missing > 0) remarks.push(`${at}: ${run.missing} alarm events never arrived`);
      if (background.bottleneck) remarks.push(`${at}: ${background.bottleneck}`);
      if (run.loopDelayP99 > 5) {
        remarks.push(`${at}: the measuring process itself was ${run.loopDelayP99.toFixed(1)} ms late (p99)`);
      }
      options.progress(`${rate} messages/s: p99 ${percentile(run.latencies, 99).toFixed(1)} ms`);
    }
    await fire.close();
    return { figures, remarks };
  } finally {
    await service.stop();
  }
}

async function twiceTheCapacity(
  start: (mode: LoadMode, durationMs: number) => ReturnType<typeof startLoad>,
): Promise<number> {
  const { messagesPerSecond } = await start({ kind: 'closed' }, CAPACITY_MS).result;
  return Math.round(OVERLOAD * messagesPerSecond);
}

interface ToggleRun {
  readonly latencies: readonly number[];
  readonly missing: number;
  readonly loopDelayP99: number;
}

/** Smoke detectors on a connection of their own, and the WebSocket on which their alarms come back. */
class FireLine {
  private readonly due = new Map<string, number>();
  private latencies: number[] = [];
  private connection: LoadConnection | undefined;
  private lost: string | null = null;

  private constructor(
    private readonly socket: WebSocket,
    private readonly devices: FireDevices,
  ) {
    socket.on('message', (data: Buffer) => this.onMessage(data.toString()));
  }

  static async open(service: RunningService): Promise<FireLine> {
    const socket = new WebSocket(`${service.http.replace('http', 'ws')}/ws/alarms`, {
      headers: { authorization: `Bearer ${service.adminToken}` },
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const line = new FireLine(socket, new FireDevices(PARK, DEVICES));
    line.connection = await LoadConnection.open({
      ...service.mqtt,
      login: await makeGateway(service, 'bench-fire', PARK),
      window: 1_000,
      source: line.devices,
      events: {
        onAcked() {},
        onWindowOpen() {},
        onLost(reason) {
          line.lost = reason;
        },
      },
    });
    const snapshot = new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ type: 'subscribe', parks: [PARK], domains: ['fire'], minPriority: 'low' }));
    await snapshot;
    return line;
  }

  async toggle(durationMs: number): Promise<ToggleRun> {
    this.latencies = [];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedAt = performance.now();
    const count = Math.floor((durationMs / 1000) * TOGGLES_PER_SECOND);
    for (let i = 0; i < count; i += 1) {
      const dueAt = startedAt + (i * 1000) / TOGGLES_PER_SECOND;
      const wait = dueAt - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.lost) throw new Error(`the fire gateway was cut off: ${this.lost}`);
      this.due.set(this.devices.nextKey(Date.now()), dueAt);
      this.connection?.send(1, dueAt);
    }
    const giveUpAt = performance.now() + 5_000;
    while (this.due.size > 0 && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
    delay.disable();
    const run = { latencies: this.latencies, missing: this.due.size, loopDelayP99: delay.percentile(99) / 1e6 - 1 };
    this.due.clear();
    return run;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.connection?.end();
  }

  private onMessage(text: string): void {
    const now = performance.now();
    const message = JSON.parse(text) as {
      type: string;
      alarm?: { device: string; raisedAt: string; clearedAt: string | null };
    };
    if (message.type !== 'alarm' || !message.alarm) return;
    const { device, raisedAt, clearedAt } = message.alarm;
    const key = `${device} ${Date.parse(clearedAt ?? raisedAt)}`;
    const dueAt = this.due.get(key);
    if (dueAt === undefined) return;
    this.due.delete(key);
    this.latencies.push(now - dueAt);
  }
}
