import { parentPort, workerData } from 'node:worker_threads';
import { openJournalReader } from '../../journal/reader.js';
import { Answers } from './answers.js';
import { makeStore, needsNewThread } from './open-store.js';
import { atLowPriority } from './priority.js';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.js';
import { Refusals } from './refusals.js';
import { Writer } from './writer.js';

/** How long a query waits for batches that were durable when it came. */
const VISIBLE_MS = 2_000;
/** How long closing waits for what is under way to the store. */
const LAST_FLUSH_MS = 10_000;

const port = parentPort!;
const { statePath, store: options, rawDays, timeZone, queryTimeoutMs, countedSeq } = workerData as WorkerOptions;
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const warn = (message: string) => post({ type: 'warning', message });

let writer: Writer | undefined;
const refusals = new Refusals(post);
const store = await makeStore(options, {
  statePath,
  rawDays,
  timeZone,
  keepRefused: (refused) => refusals.keep(refused),
  onBackgroundError: (error) => writer?.failHousekeeping(error),
  onWarning: warn,
});
await atLowPriority(() => store.open());
const journal = openJournalReader(statePath);
writer = new Writer(store, journal, {
  rawDays,
  countedSeq,
  refused: () => refusals.kept,
  report: (status) => post({ type: 'status', status }),
  warn,
  onError: (error) => {
    if (!needsNewThread(options, error)) return;
    setImmediate(() => {
      throw error;
    });
  },
});
const answers = new Answers(store, post, { workMs: queryTimeoutMs });
port.on('message', (message: ToWorker) => {
  void handle(message, writer!);
});
post({ type: 'open', durableSeq: store.durableSeq() });
writer.start();

async function handle(message: ToWorker, writer: Writer): Promise<void> {
  switch (message.type) {
    case 'head':
      writer.poke();
      break;
    case 'tick':
      writer.tick(message.now);
      break;
    case 'ask':
      await answers.answer(message.id, message.question, () => writer.visible(message.seq, VISIBLE_MS));
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

/**
 * What is not yet durable in the store stays in the journal; flushing it now only shortens the next start, so a store
 * that does not answer is not waited for.
 */
async function close(writer: Writer): Promise<void> {
  answers.cancelAll();
  refusals.close();
  const stopped = writer.stop();
  const flushed = stopped.then(() => store.flush());
  await within(LAST_FLUSH_MS, flushed).catch((error: unknown) => warn(`last flush: ${String(error)}`));
  await store.close();
  await stopped;
  const status = writer.status();
  journal.close();
  post({ type: 'closed', status });
  port.close();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms / 1000} s`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
