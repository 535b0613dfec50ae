import { makeGateway } from '../e2e/helpers/gateways.js';
import { startServiceBroker } from './brokers.js';
import { LoadConnection } from './load/connection.js';
import type { FeedResult } from './load/feed/job.js';
import { type FeedClientsProcess, startFeedClients } from './load/feed/run.js';
import { FireDevices } from './load/fire.js';
import { atMost, type BenchOptions, type BenchResult, type Figure, percentile } from './report.js';
import { type ProcessUse, watchMachine, watchProcess } from './watch.js';

const BENCH = 'feed';
const PARK = 'oh-diandu';
const EVENTS_PER_SECOND = 50;
/** Each reports every ten seconds, smoke and none in turn. */
const DEVICES = 500;
const QUIET_EVENTS_PER_SECOND = 2;
const WARM_UP_MS = 2_000;
/** Above it other work on the machine shows in the latencies; cores. */
const OTHERS_LIMIT = 0.3;
const BUSY_MS = 90_000;
/** Below this growth a run of a minute and a half cannot be told from the garbage collector's own waves. */
const FLAT_MB_PER_MIN = 30;

/**
 * Every alarm event to many clients of `/ws/alarms`: from the time a smoke detector's message is due to its receipt by
 * each client, on the wall clock that all processes of a machine share, to the millisecond.
 */
export async function benchFeed(options: BenchOptions): Promise<BenchResult> {
  const count = options.quick ? 200 : 2_000;
  const service = await startServiceBroker([]);
  let clients: FeedClientsProcess | undefined;
  try {
    const url = `${service.service.http.replace('http', 'ws')}/ws/alarms`;
    clients = await startFeedClients({ url, token: service.service.adminToken, clients: count });
    const fire = await Fire.open(service);
    options.progress(`${count} clients are subscribed`);
    await fire.publish(EVENTS_PER_SECOND, WARM_UP_MS);
    fire.pubacks.splice(0);
    const stretch = async (rate: number, ms: number): Promise<Stretch> => {
      await (clients as FeedClientsProcess).start();
      const [watch, machine] = [watchProcess(service.pid), watchMachine()];
      const events = await fire.publish(rate, ms);
      const [use, machineCpu] = [watch.stop(), machine.stop()];
      const pubacks = fire.pubacks.splice(0);
      const seen = await (clients as FeedClientsProcess).stop(events);
      return { rate, events, use, pubacks, seen, othersCpu: machineCpu - use.cpu - seen.cpu };
    };
    const busy = await stretch(EVENTS_PER_SECOND, options.quick ? 5_000 : BUSY_MS);
    const quiet = await stretch(QUIET_EVENTS_PER_SECOND, options.quick ? 3_000 : 10_000);
    await fire.close();
    options.progress(`p99 ${busy.seen.p99.toFixed(0)} ms at ${EVENTS_PER_SECOND} events/s`);
    const name = (rate: number) => `${count} clients, ${rate} events/s`;
    return {
      figures: [...busyFigures(name(busy.rate), options.quick, busy), ...quietFigures(name(quiet.rate), quiet)],
      remarks: [...remarksOn(name(busy.rate), busy), ...remarksOn(name(quiet.rate), quiet)],
    };
  } finally {
    clients?.end();
    await service.stop();
  }
}

interface Stretch {
  readonly rate: number;
  readonly events: number;
  readonly use: ProcessUse;
  readonly seen: FeedResult;
  /** PUBACK latencies of the events' own messages, ms. */
  readonly pubacks: readonly number[];
  /** Cores used by whatever else runs on the machine. */
  readonly othersCpu: number;
}

function busyFigures(name: string, quick: boolean, { seen, use, pubacks, othersCpu }: Stretch): Figure[] {
  const add = (what: string, value: number, unit: string, more: Partial<Figure> = {}): Figure => ({
    bench: BENCH,
    name: `${name}: ${what}`,
    value,
    unit,
    ...more,
  });
  return [
    add('event to client p50', seen.p50, 'ms', { note: `${seen.received} receipts` }),
    add('event to client p99', seen.p99, 'ms', { target: atMost(100) }),
    add('event to client max', seen.max, 'ms'),
    add('PUBACK p99', percentile(pubacks, 99), 'ms', { note: 'of the smoke detectors, meanwhile' }),
    add('memory at the start', use.rssStart, 'MB'),
    add('memory, highest', use.rssMax, 'MB', {
      note: `middle ${use.rssMiddle.toFixed(0)}, end ${use.rssEnd.toFixed(0)}`,
    }),
    // A few seconds show the garbage collector's waves, not a trend.
    ...(quick
      ? []
      : [add('memory, slope of the second half', use.rssSlope, 'MB/min', { target: atMost(FLAT_MB_PER_MIN) })]),
    add('CPU of the service', use.cpu, 'cores', { note: `main thread ${use.mainThreadCpu.toFixed(2)}` }),
    add('CPU of the clients', seen.cpu, 'cores', { note: `event loop busy ${Math.round(seen.loopBusy * 100)} %` }),
    add('CPU of all else', othersCpu, 'cores'),
  ];
}

function quietFigures(name: string, { seen }: Stretch): Figure[] {
  const add = (what: string, value: number): Figure => ({ bench: BENCH, name: `${name}: ${what}`, value, unit: 'ms' });
  return [
    add('event to client p50', seen.p50),
    add('event to client p99', seen.p99),
    add('event to client max', seen.max),
  ];
}

function remarksOn(name: string, { seen, events, othersCpu }: Stretch): string[] {
  const remarks: string[] = [];
  if (seen.incomplete > 0) remarks.push(`${name}: ${seen.incomplete} clients did not get exactly the ${events} events`);
  if (seen.outOfOrder > 0) remarks.push(`${name}: ${seen.outOfOrder} messages were out of order`);
  if (seen.closed > 0) remarks.push(`${name}: ${seen.closed} clients were closed`);
  if (othersCpu > OTHERS_LIMIT) {
    remarks.push(`${name}: something else used ${othersCpu.toFixed(1)} cores: latencies are too high`);
  }
  if (seen.loopBusy > 0.9) {
    remarks.push(`${name}: the clients' process is busy ${Math.round(seen.loopBusy * 100)} % of the time`);
  }
  return remarks;
}

/** Smoke detectors of one park on a connection of their own. */
class Fire {
  readonly pubacks: number[] = [];
  private lost: string | null = null;
  private connection: LoadConnection | undefined;
  private readonly devices = new FireDevices(PARK, DEVICES);

  static async open(broker: Awaited<ReturnType<typeof startServiceBroker>>): Promise<Fire> {
    const fire = new Fire();
    fire.connection = await LoadConnection.open({
      ...broker.service.mqtt,
      login: await makeGateway(broker.service, 'bench-fire', PARK),
      window: 1_000,
      source: fire.devices,
      events: {
        onAcked: (_id, dueAt) => fire.pubacks.push(Date.now() - dueAt),
        onWindowOpen() {},
        onLost(reason) {
          fire.lost = reason;
        },
      },
    });
    return fire;
  }

  /** Publishes at the rate whatever happens; every message carries the time at which it was due. */
  async publish(perSecond: number, durationMs: number): Promise<number> {
    const startedAt = Date.now();
    const count = Math.floor((durationMs / 1000) * perSecond);
    for (let i = 0; i < count; i += 1) {
      const dueAt = startedAt + Math.round((i * 1000) / perSecond);
      const wait = dueAt - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.lost) throw new Error(`the fire gateway was cut off: ${this.lost}`);
      this.devices.nextKey(dueAt);
      this.connection?.send(1, dueAt);
    }
    // The last one goes its way before the stretch ends.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return count;
  }

  async close(): Promise<void> {
    await this.connection?.end();
  }
}
