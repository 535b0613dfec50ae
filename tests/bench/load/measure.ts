import { createHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** What one stretch of time showed. Times are milliseconds. */
export interface Measured {
  readonly seconds: number;
  readonly acked: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Cores this process used. */
  readonly cpu: number;
  /** Busy share of this process's event loop. */
  readonly loopBusy: number;
  /** How late its timers ran. */
  readonly loopDelayP99: number;
}

/** Latencies and counts of a measured stretch, and what the measuring process itself needed meanwhile. */
export class Measure {
  acked = 0;
  private readonly histogram = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
  private readonly delay = monitorEventLoopDelay({ resolution: 1 });
  private startedAt = 0;
  private cpu = process.cpuUsage();
  private loop = performance.eventLoopUtilization();

  /** Forgets what came before. */
  start(): void {
    this.acked = 0;
    this.histogram.reset();
    this.delay.enable();
    this.delay.reset();
    this.cpu = process.cpuUsage();
    this.loop = performance.eventLoopUtilization();
    this.startedAt = performance.now();
  }

  add(latencyMs: number): void {
    this.acked += 1;
    this.histogram.record(Math.max(1, Math.round(latencyMs * 1000)));
  }

  /** Of all that was added until now, also after `stop`. */
  latencies(): Pick<Measured, 'p50' | 'p99' | 'max'> {
    const atPercent = (percentile: number) => this.histogram.percentile(percentile) / 1000;
    return { p50: atPercent(50), p99: atPercent(99), max: this.histogram.max / 1000 };
  }

  stop(): Measured {
    const seconds = (performance.now() - this.startedAt) / 1000;
    const cpu = process.cpuUsage(this.cpu);
    this.delay.disable();
    return {
      seconds,
      acked: this.acked,
      ...this.latencies(),
      cpu: (cpu.user + cpu.system) / 1e6 / seconds,
      loopBusy: performance.eventLoopUtilization(this.loop).utilization,
      // The monitor counts its own interval of 1 ms.
      loopDelayP99: Math.max(0, this.delay.percentile(99) / 1e6 - 1),
    };
  }
}
