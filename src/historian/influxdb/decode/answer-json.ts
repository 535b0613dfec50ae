import { InfluxError } from '../errors.js';
import type { AnswerBlock, AnswerDecoder } from './answer-block.js';

/** More bytes than any of our statements can return in one line. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
/** The server is healthy and reports the error within its answer. */
const ANSWERED = 200;

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
    const { error, results } = parse(line);
    const failed = error ?? results?.find((result) => result.error !== undefined)?.error;
    if (failed !== undefined)
      throw new InfluxError('retry', `InfluxDB could not answer: ${failed}`, { status: ANSWERED });
    this.whole = results?.at(-1)?.partial !== true && results !== undefined;
    for (const { series } of results ?? []) {
      for (const each of series ?? []) if (each.values !== undefined) yield blockOf(each, each.values);
    }
  }
}

function parse(line: Buffer): Line {
  try {
    return JSON.parse(line.toString()) as Line;
  } catch (cause) {
    throw malformed({ cause });
  }
}

function blockOf({ name = '', tags = {}, columns }: Series, rows: readonly unknown[]): AnswerBlock {
  const numbers = columns.map(() => new Float64Array(rows.length).fill(Number.NaN));
  for (const [i, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== columns.length) throw malformed();
    for (let column = 0; column < row.length; column += 1) {
      const cell: unknown = row[column];
      if (typeof cell === 'number' || typeof cell === 'boolean') numbers[column]![i] = Number(cell);
      else if (cell !== null && typeof cell !== 'string') throw malformed();
    }
  }
  const textOf = (cell: unknown) => (typeof cell === 'string' ? cell : undefined);
  return {
    ...{ name, tags, columns, rows: rows.length },
    numbers: (column) => numbers[column]!,
    texts: (column) => (rows as readonly unknown[][]).map((row) => textOf(row[column])),
  };
}

const malformed = (options: ErrorOptions = {}) =>
  new InfluxError('retry', 'the answer of InfluxDB breaks off or is no JSON', options);
