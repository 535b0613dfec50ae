import { type Journal, type JournalFollower, positionFrom } from '../../journal/port.js';
import { HistorianUnavailableError } from '../port/errors.js';
import type { Historian, LatestQuery, LatestValue } from '../port/queries.js';
import type { ResultSpan } from '../port/results.js';
import { type HistorianStats, NO_STATS, NO_VERSIONS, type TimeSpan } from '../port/stats.js';
import type { KeepRefused } from '../port/store.js';
import { Backoff } from '../worker-thread/pacing/waiting.js';
import type {
  AnswerPiece,
  HistorianQuestion,
  Late,
  ResultsReplaced,
  WorkerOptions,
  WorkerStatus,
} from '../worker-thread/protocol.js';
import { countsOf, failureKind } from '../worker-thread/write-errors.js';
import { WorkerClient } from './client.js';

interface HistorianLog {
  info(obj: object, msg: string): void;
  warn(obj: object, msg: string): void;
  error(obj: object, msg: string): void;
}

export interface HistorianOptions extends Omit<WorkerOptions, 'countedSeq' | 'journalAddress' | 'queryTimeoutMs'> {
  /** Milliseconds that one query may compute. */
  readonly queryTimeoutMs?: number;
  /** Keeps readings that the store's server refuses; without it they and all later batches stay in the journal. */
  readonly keepRefused?: KeepRefused;
  readonly journal: Pick<Journal, 'address' | 'head' | 'follow' | 'onCommitted' | 'skip'>;
  readonly clock?: () => number;
  readonly workerUrl?: URL;
  readonly log: HistorianLog;
  /** Milliseconds between two housekeeping ticks. */
  readonly tickMs?: number;
}

/** The main thread reports new batches to the worker at most this often; a query reports them at once. */
const POKE_MS = 10;
/** Late answers that are remembered: more than come while one request is answered. */
const MAX_LATE = 2_000;
const QUERY_TIMEOUT_MS = 60_000;
const WORKER_URL = new URL('../worker-thread/entry.js', import.meta.url);
/** A crash after a run of this length restarts the thread without the longer waits of repeated crashes. */
const STEADY_MS = 60_000;
const OLD_STATE =
  'the state file is older than the history: the journal continues after the last batch of the history, which alone has the batches between';
const CLOSED =
  'history cannot be opened: readings and alarms continue, the journal keeps incoming readings, and the service tries again';
/** More batches than a store can have received since the backup that a restored state file comes from. */
const UNSEEN_BATCHES = 1_000_000_000;

/**
 * Starts the historian's thread on its store, from the store's last durable batch. It retries a store that cannot be
 * opened; until then the journal keeps incoming readings and queries fail.
 */
export async function startHistorian(options: HistorianOptions): Promise<Historian> {
  const historian = new ThreadedHistorian(options);
  await historian.start();
  return historian;
}

const refuseThem: KeepRefused = async (refused) => {
  throw new Error(`the store refuses a reading: ${refused[0]?.reason ?? ''}`);
};

class ThreadedHistorian implements Historian {
  readonly stats: HistorianStats;
  private client!: WorkerClient;
  private follower: JournalFollower | null = null;
  private readonly waiting = new Set<{ seq: number; resolve: () => void; reject: (error: Error) => void }>();
  private readonly restarts = new Backoff(200, 30_000);
  private readonly ticker: NodeJS.Timeout;
  private restarting: NodeJS.Timeout | null = null;
  private poking: NodeJS.Timeout | null = null;
  /** Counts of earlier runs of the thread: a batch that is applied again is not counted again. */
  private counted = { seq: 0, readings: 0, refused: 0, rewrites: 0, writeErrors: countsOf(() => 0) };
  /** Highest sequence that any run of the thread applied; the current run may start lower. */
  private reached = 0;
  /** What the last answers had that could not wait, and how many there were. */
  private readonly late: Late[] = [];
  private lateCount = 0;
  private launchedAt = 0;
  private closed = false;

  constructor(private readonly options: HistorianOptions) {
    this.stats = {
      adapter: options.store.kind,
      appliedSeq: 0,
      durableSeq: 0,
      receivedTo: null,
      readings: 0,
      turnedAway: 0,
      restarts: 0,
      failing: null,
      failingKind: null,
      refused: 0,
      writeErrors: countsOf(() => 0),
      batchBytes: 0,
      ...NO_STATS,
      chores: {},
      versions: NO_VERSIONS,
      blind: null,
    };
    const { clock = Date.now, tickMs = 1_000 } = options;
    this.ticker = setInterval(() => this.client.send({ type: 'tick', now: clock() }), tickMs);
    this.ticker.unref();
  }

  async start(): Promise<void> {
    try {
      await this.launch();
    } catch {
      // The store's last sequence is unknown: the journal must not give any of its positions again.
      await this.options.journal.skip(UNSEEN_BATCHES).catch(() => undefined);
    }
    this.options.journal.onCommitted(() => {
      if (!this.closed) this.poking ??= setTimeout(() => this.poke(), POKE_MS);
    });
  }

  readonly raw: Historian['raw'] = (query) => this.ask({ kind: 'raw', query });
  readonly versions: Historian['versions'] = (query) => this.ask({ kind: 'versions', query });
  readonly windows: Historian['windows'] = (query) => this.ask({ kind: 'windows', query });
  readonly buckets: Historian['buckets'] = (query) => this.ask({ kind: 'buckets', query });

  readonly results: Historian['results'] = (query) => this.ask({ kind: 'results', query });

  async replaceResults(spans: readonly ResultSpan[]): Promise<number> {
    let changed = 0;
    for await (const piece of this.ask<ResultsReplaced>({ kind: 'replaceResults', query: spans })) {
      changed += piece.changed;
    }
    return changed;
  }

  async latest(query: LatestQuery): Promise<LatestValue[]> {
    const values: LatestValue[] = [];
    for await (const piece of this.ask<readonly LatestValue[]>({ kind: 'latest', query })) values.push(...piece);
    return values;
  }

  missing(from: number, to: number): readonly TimeSpan[] {
    return this.stats.damage.gaps
      .filter((gap) => gap.from < to && gap.to > from)
      .map((gap) => ({ from: Math.max(gap.from, from), to: Math.min(gap.to, to) }));
  }

  lagSince() {
    const asked = this.options.journal.head();
    const before = this.lateCount;
    return () => {
      // The historian may have caught up after an answer was made without what came before its question.
      const since = this.late.slice(Math.max(0, this.late.length - (this.lateCount - before)));
      const late = [...since, this.stats].find(({ appliedSeq }) => appliedSeq < asked);
      return late === undefined ? null : { completeThrough: late.receivedTo };
    };
  }

  caughtUp(seq: number): Promise<void> {
    if (this.stats.appliedSeq >= seq) return Promise.resolve();
    if (this.closed) return Promise.reject(new HistorianUnavailableError('the historian is closed'));
    return new Promise((resolve, reject) => {
      this.waiting.add({ seq, resolve, reject });
      this.poke();
    });
  }

  /** @throws HistorianStuckError when its thread does not end; all else is closed */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.ticker);
    if (this.restarting !== null) clearTimeout(this.restarting);
    if (this.poking !== null) clearTimeout(this.poking);
    try {
      await this.client.close();
    } finally {
      for (const { reject } of this.waiting) reject(new HistorianUnavailableError('the historian is closed'));
      this.waiting.clear();
    }
  }

  private ask<P extends AnswerPiece>(question: HistorianQuestion): AsyncIterable<P> {
    return this.client.ask(question, this.options.journal.head()) as AsyncIterable<AnswerPiece> as AsyncIterable<P>;
  }

  private poke(): void {
    if (this.poking !== null) clearTimeout(this.poking);
    this.poking = null;
    this.client.send({ type: 'head', seq: this.options.journal.head() });
  }

  private async launch(): Promise<void> {
    const { statePath, journal, store, rawDays, timeZone, queryTimeoutMs = QUERY_TIMEOUT_MS, log } = this.options;
    const { address: journalAddress } = journal;
    this.client = new WorkerClient(
      this.options.workerUrl ?? WORKER_URL,
      { statePath, journalAddress, store, rawDays, timeZone, queryTimeoutMs, countedSeq: this.counted.seq },
      {
        onStatus: (status) => this.apply(status),
        onWarning: (message) => log.warn({}, message),
        onTurnedAway: () => {
          this.stats.turnedAway += 1;
        },
        onLate: (late) => {
          this.lateCount += 1;
          if (this.late.push(late) > MAX_LATE) this.late.shift();
        },
        keepRefused: this.options.keepRefused ?? refuseThem,
        onCrash: (error) => this.crashed(error),
      },
    );
    const durableSeq = await this.client.ready;
    if (durableSeq > journal.head()) {
      log.warn({ durableSeq, head: journal.head() }, OLD_STATE);
    }
    this.follower ??= journal.follow('historian', positionFrom(durableSeq));
    this.launchedAt = performance.now();
    this.stats.failing = null;
    this.stats.failingKind = null;
    this.stats.durableSeq = durableSeq;
    this.stats.appliedSeq = durableSeq;
    this.stats.receivedTo = null;
    log.info({ durableSeq }, 'historian open');
  }

  private apply(status: WorkerStatus): void {
    const { stats } = this;
    if (stats.failing !== null && status.failing === null) {
      this.options.log.info({}, 'historian continues');
    }
    const { releasedSeq, ...told } = status;
    const { readings, refused, rewrites, writeErrors } = this.counted;
    Object.assign(stats, told, {
      readings: readings + told.readings,
      refused: refused + told.refused,
      writeErrors: countsOf((kind) => writeErrors[kind] + told.writeErrors[kind]),
      rewrite: { ...told.rewrite, times: rewrites + told.rewrite.times },
    });
    this.reached = Math.max(this.reached, status.appliedSeq);
    this.follower?.release(positionFrom(releasedSeq));
    for (const waiter of this.waiting) {
      if (waiter.seq > status.appliedSeq) continue;
      this.waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** The journal still holds every batch after the last seal, so that the next run loses nothing. */
  private crashed(error: Error): void {
    if (this.closed) return;
    const { stats } = this;
    const again = stats.failing === error.message;
    stats.failing = error.message;
    stats.failingKind = failureKind(error);
    if (this.follower !== null) stats.restarts += 1;
    const { readings, refused, writeErrors } = stats;
    this.counted = { seq: this.reached, readings, refused, rewrites: stats.rewrite.times, writeErrors };
    if (performance.now() - this.launchedAt > STEADY_MS) this.restarts.succeeded();
    const what = this.follower === null ? CLOSED : 'the historian ended; the service restarts it';
    if (!again) this.options.log.error({ err: error }, what);
    void this.client.gone.then(() => {
      if (this.closed) return;
      this.restarting = setTimeout(() => {
        this.launch().catch(() => undefined);
      }, this.restarts.delay());
    });
  }
}
