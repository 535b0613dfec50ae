import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Language } from '../../model/language.js';
import { ShareLimiter } from '../../model/share-limiter.js';
import { UPLOAD_BOUNDS } from './limits.js';
import {
  type FileContent,
  type FileKind,
  type StatisticsFiles,
  type TableContent,
  type TableName,
  type TableSheet,
  type TemplateRow,
  TooManyFilesError,
  UnreadableFileError,
} from './port.js';
import type { Job, JobAnswer, PieceRead, RowsOfSheet } from './thread.js';

/** Reads and makes each file in a thread of its own, so that a bad file harms only that thread. */
export class FilesInThreads implements StatisticsFiles {
  readonly maxBytes = UPLOAD_BOUNDS.fileBytes;
  private readonly running = new Set<Worker>();
  private readonly waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  private readonly shares = new ShareLimiter(UPLOAD_BOUNDS.atOnce + UPLOAD_BOUNDS.waiting);
  private taken = 0;
  private closed = false;

  constructor(
    private readonly url: URL = new URL('./thread.js', import.meta.url),
    private readonly readMs: number = UPLOAD_BOUNDS.readMs,
    private readonly heapMiB: number = UPLOAD_BOUNDS.heapMiB,
  ) {}

  async read(kind: FileKind, bytes: Uint8Array, by?: string): Promise<FileContent> {
    // A copy can be handed over: a small Buffer is a piece of memory that others share, which Node keeps.
    const own = new Uint8Array(bytes);
    const answer = await this.run({ do: 'read', kind, bytes: own }, by, [own.buffer]);
    if ('content' in answer) return answer.content;
    throw 'refused' in answer ? new UnreadableFileError(answer.refused.code, answer.refused.message) : unexpected();
  }

  async readTable(table: TableName, kind: FileKind, bytes: Uint8Array, by?: string): Promise<TableContent> {
    const own = new Uint8Array(bytes);
    const answer = await this.run({ do: 'read', kind, bytes: own, table }, by, [own.buffer]);
    if ('table' in answer) return answer.table;
    throw 'refused' in answer ? new UnreadableFileError(answer.refused.code, answer.refused.message) : unexpected();
  }

  async tableTemplate(
    table: TableName,
    kind: FileKind,
    language: Language,
    rows: readonly TemplateRow[],
    by?: string,
  ): Promise<Uint8Array> {
    const answer = await this.run({ do: 'template', kind, language, rows, table }, by);
    if ('file' in answer) return answer.file;
    throw unexpected();
  }

  async template(kind: FileKind, language: Language, rows: readonly TemplateRow[], by?: string): Promise<Uint8Array> {
    const answer = await this.run({ do: 'template', kind, language, rows }, by);
    if ('file' in answer) return answer.file;
    throw unexpected();
  }

  async workbook(sheets: readonly TableSheet[], by?: string): Promise<Uint8Array> {
    const heads = sheets.map((sheet) => ({ ...sheet, rows: [] }));
    const answer = await this.run({ do: 'workbook', sheets: heads }, by, [], piecesOf(sheets));
    if ('file' in answer) return answer.file;
    throw unexpected();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { reject } of this.waiting.splice(0)) reject(new TooManyFilesError('the service stops'));
    await Promise.all([...this.running].map((thread) => thread.terminate()));
  }

  private async run(
    job: Job,
    by: string | undefined,
    handedOver: ArrayBuffer[] = [],
    pieces?: Iterable<RowsOfSheet>,
  ): Promise<JobAnswer> {
    const giveBack = this.shares.lend(by ?? null);
    if (this.closed || typeof giveBack === 'string') {
      const which = giveBack === 'own' ? 'of this token' : 'at once';
      throw new TooManyFilesError(`the service reads or makes too many files ${which} just now: try again`);
    }
    try {
      await this.turn();
    } catch (error) {
      giveBack();
      throw error;
    }
    try {
      return await this.inThread(job, handedOver, pieces);
    } finally {
      giveBack();
      const next = this.waiting.shift();
      if (next) next.resolve();
      else this.taken -= 1;
    }
  }

  /** Resolves when a thread may be started. @throws TooManyFilesError when the service stops */
  private async turn(): Promise<void> {
    if (this.taken < UPLOAD_BOUNDS.atOnce) this.taken += 1;
    else await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  private inThread(job: Job, transferList: ArrayBuffer[], pieces?: Iterable<RowsOfSheet>): Promise<JobAnswer> {
    const thread = new Worker(this.url, {
      ...{ workerData: job, transferList, name: 'statistics file' },
      resourceLimits: { maxOldGenerationSizeMb: this.heapMiB, maxYoungGenerationSizeMb: 32 },
    });
    this.running.add(thread);
    if (pieces !== undefined) void handOver(thread, pieces);
    let timer: NodeJS.Timeout | undefined;
    return new Promise<JobAnswer>((resolve, reject) => {
      timer = setTimeout(() => reject(beyond(`reading it takes more than ${this.readMs / 1000} s`)), this.readMs);
      const pieces: PieceRead['piece'][number][] = [];
      thread.on('message', (message: PieceRead | JobAnswer) => {
        if (!('piece' in message)) return resolve(withRows(message, pieces));
        for (const row of message.piece) pieces.push(row);
        // Nothing else would be answered between pieces that are there already.
        setImmediate(() => thread.postMessage(null));
      });
      thread.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? beyond('reading it takes too much memory') : error),
      );
      thread.once('exit', () => reject(unexpected()));
    }).finally(async () => {
      clearTimeout(timer);
      await thread.terminate();
      this.running.delete(thread);
    });
  }
}

/** Copied to a thread at once; a whole workbook would hold up everything else. */
const ROWS_AT_ONCE = 200;

function* piecesOf(sheets: readonly TableSheet[]): Generator<RowsOfSheet> {
  for (const [sheet, { rows }] of sheets.entries()) {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
      yield { sheet, rows: rows.slice(from, from + ROWS_AT_ONCE) };
  }
}

async function handOver(thread: Worker, pieces: Iterable<RowsOfSheet>): Promise<void> {
  for (const piece of pieces) {
    thread.postMessage(piece);
    await nextTurn();
  }
  thread.postMessage(null);
}

/** The answer with the rows that came before it. */
function withRows(answer: JobAnswer, rows: readonly PieceRead['piece'][number][]): JobAnswer {
  if ('content' in answer) return { content: { ...answer.content, entries: rows as FileContent['entries'] } };
  return 'table' in answer ? { table: { ...answer.table, rows: rows as TableContent['rows'] } } : answer;
}

const beyond = (what: string) => new UnreadableFileError('file_beyond_bounds', `the file is too large: ${what}`);
const unexpected = () => new Error('the thread that reads files of statistics ended without an answer');
