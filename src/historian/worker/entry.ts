import { parentPort, workerData } from 'node:worker_threads';
import { openJournalReader } from '../../journal/reader.js';
import { LakeStore } from '../lake/store.js';
import { Answers } from './answers.js';
import { atLowPriority } from './priority.js';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.js';
import { Writer } from './writer.js';

/** How long a query waits for batches that were durable when it came. */
const VISIBLE_MS = 2_000;

const port = parentPort!;
const { statePath, store: options, rawDays, countedSeq } = workerData as WorkerOptions;
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

let writer: Writer | undefined;
if (options.kind !== 'lake') throw new Error(`there is no historian ${options.kind} yet`);
const store = new LakeStore({
  folder: options.folder,
  ...(options.sealRows !== undefined && { sealRows: options.sealRows }),
  ...(options.sealAgeMs !== undefined && { sealAgeMs: options.sealAgeMs }),
  onBackgroundError: (error) => writer?.failHousekeeping(error),
});
await atLowPriority(() => store.open());
const journal = openJournalReader(statePath);
writer = new Writer(
  store,
  journal,
  { rawDays, countedSeq },
  (status) => post({ type: 'status', status }),
  (message) => post({ type: 'warning', message }),
);
const answers = new Answers(store, post);
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
    case 'close':
      await close(writer);
  }
}

/** What is not sealed stays in the journal; sealing it now only shortens the next start. */
async function close(writer: Writer): Promise<void> {
  answers.cancelAll();
  await writer.stop();
  await store.flush().catch((error: unknown) => post({ type: 'warning', message: `last seal: ${String(error)}` }));
  const status = writer.status();
  await store.close();
  journal.close();
  post({ type: 'closed', status });
  port.close();
}
