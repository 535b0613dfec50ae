import { metric } from '../e2e/helpers/api.js';
import type { RunningService } from '../e2e/helpers/service.js';
import type { Broker } from './brokers.js';
import type { LoadJob, LoadMode, LoadResult } from './load/job.js';
import { startLoad } from './load/run-load.js';
import { type ProcessUse, untilIdle, watchProcess } from './watch.js';

/** Messages in flight per connection: the default of the common client libraries. */
const WINDOW = 20;
const WARM_UP_MS = 3_000;
const SETTLE_MS = 120_000;

/** What one stretch of load showed. */
export interface Round extends LoadResult {
  readonly use: ProcessUse;
  /** Service only: its own event-loop delay, p99 in ms. */
  readonly loopDelayMs: number | undefined;
  /** Service only: seconds after the last message until every one was in the history; NaN when it took too long. */
  readonly historyBehindS: number | undefined;
}

/** Loads the broker, then waits until it has come to rest, so that no round burdens the next. */
export async function runRound(broker: Broker, mode: LoadMode, durationMs: number): Promise<Round> {
  const { host, port, gateways, pid, service } = broker;
  const job: LoadJob = { host, port, gateways, window: WINDOW, burst: 16, mode, warmUpMs: WARM_UP_MS, durationMs };
  const load = startLoad(job);
  await load.reached('measuring');
  // Reading the metric starts its window anew.
  if (service) await eventLoopDelay(service);
  const watch = watchProcess(pid);
  const use = await load.reached('measured').then(watch.stop, watch.stop);
  const loopDelayMs = service && (await eventLoopDelay(service));
  const result = await load.result;
  const historyBehindS = service && (await untilInHistory(service));
  await untilIdle(pid, SETTLE_MS);
  return { ...result, use, loopDelayMs, historyBehindS };
}

/** Microseconds of the broker's CPU, all threads, for one message: steadier than its rate on a machine others use. */
export const cpuPerMessage = (round: Round) => (round.use.cpu * 1e6) / round.messagesPerSecond;
export const mainCpuPerMessage = (round: Round) => (round.use.mainThreadCpu * 1e6) / round.messagesPerSecond;

/** What people should know before they believe a round. */
export function remarksOn(name: string, round: Round): string[] {
  const remarks: string[] = [];
  if (round.bottleneck) remarks.push(`${name}: the load generator may be the bottleneck: ${round.bottleneck}`);
  if (round.unacknowledged > 0) remarks.push(`${name}: ${round.unacknowledged} messages were never acknowledged`);
  if (round.unexpectedAcks > 0) remarks.push(`${name}: ${round.unexpectedAcks} acknowledgements of nothing in flight`);
  if (round.lostConnections > 0) {
    remarks.push(`${name}: ${round.lostConnections} connections were lost (${round.lostReason})`);
  }
  return remarks;
}

/** The service's event-loop delay since it was last asked, p99 in ms; undefined where it is not offered. */
async function eventLoopDelay(service: RunningService): Promise<number | undefined> {
  const seconds = await metric(service, 'nodejs_eventloop_lag_p99_seconds');
  // The monitor counts its own interval of 10 ms.
  return seconds === undefined ? undefined : Math.max(0, seconds * 1000 - 10);
}

async function untilInHistory(service: RunningService): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < SETTLE_MS) {
    if (((await metric(service, 'park_historian_lag_batches')) ?? 0) === 0) {
      return (performance.now() - startedAt) / 1000;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return Number.NaN;
}
