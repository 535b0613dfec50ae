import { InfluxError } from '../errors.js';
import type { AnswerBlock, AnswerDecoder } from './answer-block.js';
import { type AnswerTable, readAnswerTable } from './answer-table.js';

/** More bytes than any of our statements can return in one line. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
/** The server is healthy and reports the error within its answer. */
const ANSWERED = 200;
/** Within JSON text the quotes would be escaped: this is always the key. */
const ROWS = Buffer.from('"values":[');

interface Line {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    /** More lines follow. */
    readonly partial?: boolean;
    readonly series?: readonly Series[];
  }[];
}

interface Series {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values?: readonly unknown[];
}

/**
 * Chunked JSON of `/query` of InfluxDB 1.x and 2.x: each line says whether another follows, which reveals a cut answer.
 */
export class JsonAnswer implements AnswerDecoder {
  private readonly parts: Uint8Array[] = [];
  private size = 0;
  private whole = false;

  *accept(bytes: Uint8Array): Generator<AnswerBlock> {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      this.keep(bytes.subarray(from, at));
      from = at + 1;
      yield* this.line();
    }
    this.keep(bytes.subarray(from));
  }

  *end(): Generator<AnswerBlock> {
    yield* this.line();
    if (!this.whole) throw new InfluxError('retry', 'the answer of InfluxDB ends before it is complete');
  }

  private keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    if (this.size > MAX_LINE_BYTES) {
      throw new InfluxError('too_large', `a line of the answer of InfluxDB has more than ${MAX_LINE_BYTES} bytes`);
    }
    this.parts.push(bytes);
  }

  private *line(): Generator<AnswerBlock> {
    if (this.size === 0) return;
    const line = Buffer.concat(this.parts, this.size);
    this.parts.length = 0;
    this.size = 0;
    const { document, tables } = parse(line);
    const failed = document.error ?? document.results?.find(({ error }) => error !== undefined)?.error;
    if (failed !== undefined)
      throw new InfluxError('retry', `InfluxDB could not answer: ${failed}`, { status: ANSWERED });
    this.whole = document.results?.at(-1)?.partial !== true && document.results !== undefined;
    let next = 0;
    for (const { series } of document.results ?? []) {
      for (const each of series ?? []) {
        if (each.values !== undefined) yield blockOf(each, tables[next++]!);
      }
    }
  }
}

/** Reads rows directly into columns; JSON.parse reads the small rest. */
function parse(line: Buffer): { document: Line; tables: AnswerTable[] } {
  const tables: AnswerTable[] = [];
  let around = '';
  try {
    for (let at = 0; ; ) {
      const rows = line.indexOf(ROWS, at);
      if (rows < 0) {
        around += line.toString('utf8', at);
        return { document: JSON.parse(around) as Line, tables };
      }
      around += line.toString('utf8', at, rows + ROWS.length);
      const table = readAnswerTable(line, rows + ROWS.length);
      tables.push(table);
      at = table.end;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InfluxError('retry', 'the answer of InfluxDB breaks off or is no JSON', { cause: error });
  }
}

function blockOf({ name = '', tags = {}, columns }: Series, { rows, numbers, texts }: AnswerTable): AnswerBlock {
  return {
    ...{ name, tags, columns, rows },
    numbers: (column) => numbers[column]!.subarray(0, rows),
    texts: (column) => texts[column] ?? new Array<string | undefined>(rows),
  };
}
