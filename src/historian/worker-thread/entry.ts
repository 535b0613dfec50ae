import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openJournalReader } from '../../journal/reader-port.js';
import type { RawQuery } from '../port/queries.js';
import { Answers } from './answers.js';
import { closeStore } from './closing.js';
import { makeStore, needsNewThread } from './open-store.js';
import { atLowPriority } from './pacing/priority.js';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.js';
import { QuarantineRelay } from './quarantine-relay.js';
import { VersionFile } from './versions/version-file.js';
import { listVersions } from './versions/version-list.js';
import { OverwrittenVersions } from './versions/versions.js';
import { Writer } from './writer.js';

/** How long a query waits until batches that were durable when it came are visible. */
const VISIBLE_MS = 2_000;
/** How long a thread that must end waits for operations in flight. */
const LAST_WORDS_MS = 10_000;
/** How often a thread that must end looks whether native code has returned. */
const LEAVE_MS = 100;

const port = parentPort!;
const { store: options, countedSeq, ...around } = workerData as WorkerOptions;
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const warn = (message: string) => {
  post({ type: 'warning', message });
  // This answer may have a gap; the main thread asks for gaps when it has the pieces.
  if (writer !== undefined) post({ type: 'status', status: writer.status() });
};

let writer: Writer | undefined;
let dying = false;
const refusals = new QuarantineRelay(post);
const store = await makeStore(options, {
  ...around,
  keepRefused: (refused) => refusals.keep(refused),
  onBackgroundError: (error) => writer?.failHousekeeping(error),
  onWarning: warn,
});
const journal = openJournalReader(around.journalAddress);
// Outside the store's folder, so that the versions stay when an operator moves history to another store.
const versionFile = VersionFile.open(join(dirname(around.statePath), 'versions.sqlite'), { onWarning: warn });
const queries = {
  raw: store.raw.bind(store),
  windows: store.windows.bind(store),
  buckets: store.buckets.bind(store),
  latest: store.latest.bind(store),
  results: store.results.bind(store),
  replaceResults: store.replaceResults.bind(store),
  versions: (query: RawQuery) => listVersions(store, versionFile, query),
};
const answers = new Answers(queries, post, { workMs: around.queryTimeoutMs });
process.on('uncaughtException', die);
/** What came while the store was opening. */
const early: ToWorker[] = [];
const hold = (message: ToWorker) => {
  early.push(message);
  if (message.type === 'close') store.giveUp?.();
};
port.on('message', hold);
try {
  await atLowPriority(() => store.open());
  port.off('message', hold);
  serve();
} catch (error) {
  crash(error);
  journal.close();
  versionFile.close();
  port.close();
  setTimeout(leave, LAST_WORDS_MS, 1).unref();
}

function serve(): void {
  const onError = (error: unknown) => {
    if (needsNewThread(options, error)) die(error);
  };
  const started = new Writer(store, journal, {
    rawDays: around.rawDays,
    countedSeq,
    versions: new OverwrittenVersions(store, versionFile, { warn, onError }),
    setAside: (replays) => refusals.keep(replays),
    refused: () => refusals.kept,
    report: (status) => post({ type: 'status', status }),
    warn,
    onError,
  });
  writer = started;
  port.on('message', (message: ToWorker) => {
    void respond(message, started);
  });
  post({ type: 'open', durableSeq: store.durableSeq() });
  for (const message of early) void respond(message, started);
  started.start();
}

async function respond(message: ToWorker, writer: Writer): Promise<void> {
  switch (message.type) {
    case 'head':
      writer.poke();
      break;
    case 'tick':
      writer.tick(message.now);
      break;
    case 'ask':
      await answers.answer(message.id, message.question, async () => {
        await writer.visible(message.seq, VISIBLE_MS);
        const { appliedSeq, receivedTo } = writer;
        if (appliedSeq < message.seq) post({ type: 'late', appliedSeq, receivedTo });
      });
      break;
    case 'more':
      answers.more(message.id);
      break;
    case 'cancel':
      answers.cancel(message.id);
      break;
    case 'kept':
      refusals.answered(message.id, message.error);
      break;
    case 'close':
      await close(writer);
  }
}

async function close(writer: Writer): Promise<void> {
  const closed = await closeStore({ answers, refusals, writer, store, warn });
  journal.close();
  versionFile.close();
  post({ type: 'closed', status: writer.status() });
  port.close();
  // Handles that a stuck store holds open would keep the thread alive.
  if (!closed) leave(0);
}

/** Ends the thread, as soon as no native code runs: ending under it would abort the whole process. */
function leave(code: number): void {
  if (!store.holdsThread?.()) process.exit(code);
  setTimeout(leave, LEAVE_MS, code);
}

/**
 * Reports the error; the thread then ends once nothing is in flight, at the latest after `LAST_WORDS_MS` unless native
 * code still runs.
 */
function die(error: unknown): void {
  if (dying) return;
  dying = true;
  crash(error);
  setTimeout(leave, LAST_WORDS_MS, 1).unref();
  store.giveUp?.();
  answers.cancelAll();
  refusals.close();
  void Promise.resolve(writer?.stop())
    .then(() => store.close())
    .catch(() => undefined)
    .then(() => port.close());
}

function crash(error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  post({ type: 'crashed', failure: { name, message, ...(stack !== undefined && { stack }) } });
}
