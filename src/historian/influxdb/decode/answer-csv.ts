import { InfluxError } from '../errors.js';
import type { AnswerBlock, AnswerDecoder } from './answer-block.js';

const BLOCK_ROWS = 2_000;
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;
const MEASUREMENT = 'iox::measurement';

/**
 * CSV of InfluxDB 3 Core: measurement, time (UTC, RFC 3339 without an offset), then the selected columns and tags. On
 * an error midway the server cuts the connection, which the transport reports; an answer that ends is complete.
 */
export class CsvAnswer implements AnswerDecoder {
  private readonly decoder = new TextDecoder();
  private text = '';
  private header: readonly string[] | null = null;
  private block: CsvBlock | null = null;

  constructor(private readonly groupBy: readonly string[]) {}

  *accept(bytes: Uint8Array): Generator<AnswerBlock> {
    this.text += this.decoder.decode(bytes, { stream: true });
    if (this.text.length > MAX_RECORD_CHARACTERS) {
      throw new InfluxError('too_large', `a record of the answer has more than ${MAX_RECORD_CHARACTERS} characters`);
    }
    let from = 0;
    for (let end = recordEnd(this.text, 0); end >= 0; end = recordEnd(this.text, from)) {
      yield* this.record(this.text.slice(from, end));
      from = end + 1;
    }
    this.text = this.text.slice(from);
  }

  *end(): Generator<AnswerBlock> {
    yield* this.record(this.text + this.decoder.decode());
    if (this.block !== null) yield this.block;
  }

  private *record(line: string): Generator<AnswerBlock> {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text === '') return;
    if (this.header === null && text.startsWith('{'))
      throw new InfluxError('retry', `InfluxDB could not answer: ${text}`);
    const cells = cellsOf(text);
    if (this.header === null) {
      this.header = cells;
      return;
    }
    if (cells.length !== this.header.length) {
      throw new InfluxError('retry', 'the answer of InfluxDB breaks off or is no CSV');
    }
    const block = new CsvBlock(this.header, cells, this.groupBy);
    if (this.block === null || !this.block.continues(block) || this.block.rows >= BLOCK_ROWS) {
      if (this.block !== null) yield this.block;
      this.block = block;
    }
    this.block.push(cells);
  }
}

/** Index of the newline that ends the record, outside quotes; -1 if it has not arrived. */
function recordEnd(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x22) quoted = !quoted;
    else if (character === 0x0a && !quoted) return at;
  }
  return -1;
}

/** RFC 4180. */
function cellsOf(record: string): string[] {
  if (!record.includes('"')) return record.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= record.length; ) {
    if (record[at] !== '"') {
      const comma = record.indexOf(',', at);
      const end = comma < 0 ? record.length : comma;
      cells.push(record.slice(at, end));
      at = end + 1;
      continue;
    }
    let cell = '';
    for (at += 1; at < record.length; at += 1) {
      if (record[at] === '"') {
        if (record[at + 1] !== '"') break;
        at += 1;
      }
      cell += record[at];
    }
    cells.push(cell);
    at += 2;
  }
  return cells;
}

class CsvBlock implements AnswerBlock {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  rows = 0;
  private readonly kept: readonly number[];
  private readonly cells: string[][];

  constructor(header: readonly string[], first: readonly string[], groupBy: readonly string[]) {
    this.name = first[header.indexOf(MEASUREMENT)] ?? '';
    this.tags = Object.fromEntries(groupBy.map((tag) => [tag, first[header.indexOf(tag)] ?? '']));
    this.kept = [...header.keys()].filter((i) => header[i] !== MEASUREMENT && !groupBy.includes(header[i]!));
    this.columns = this.kept.map((i) => header[i]!);
    this.cells = this.columns.map(() => []);
  }

  continues({ name, tags }: CsvBlock): boolean {
    return name === this.name && Object.entries(tags).every(([tag, value]) => this.tags[tag] === value);
  }

  push(cells: readonly string[]): void {
    this.kept.forEach((i, column) => {
      this.cells[column]!.push(cells[i]!);
    });
    this.rows += 1;
  }

  numbers(column: number): Float64Array {
    const parse = this.columns[column] === 'time' ? instantOf : numberOf;
    return Float64Array.from(this.cells[column]!, parse);
  }

  texts(column: number): readonly (string | undefined)[] {
    return this.cells[column]!.map((cell) => (cell === '' ? undefined : cell));
  }
}

const numberOf = (cell: string): number => (cell === '' ? Number.NaN : Number(cell));
const instantOf = (cell: string): number => Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(cell) ? cell : `${cell}Z`);
