/** Cells of a JSON array of rows, by column. */
export interface AnswerTable {
  readonly rows: number;
  /** At least `rows` long; NaN where the cell is no number. */
  readonly numbers: readonly Float64Array[];
  /** Only columns that have text in some row. */
  readonly texts: readonly (string | undefined)[][];
  /** Index of the array's closing bracket. */
  readonly end: number;
}

const FIRST_ROWS = 256;
/** Digits and powers of ten that a double holds exactly, so that one division rounds like a parser. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: 23 }, (_, n) => 10 ** n);

const [QUOTE, COMMA, MINUS, DOT] = [0x22, 0x2c, 0x2d, 0x2e];
const [ZERO, NINE] = [0x30, 0x39];
const [OPEN, BACKSLASH, CLOSE] = [0x5b, 0x5c, 0x5d];
const [UPPER_E, LOWER_E, F, N, T] = [0x45, 0x65, 0x66, 0x6e, 0x74];

/** Reads compact JSON rows after the outer bracket: numbers, text, null, true (1), false (0). @throws SyntaxError */
export function readAnswerTable(bytes: Buffer, from: number): AnswerTable {
  return new TableReader(bytes, from).read();
}

class TableReader {
  private rows = 0;
  private room = FIRST_ROWS;
  private readonly numbers: Float64Array[] = [];
  private readonly texts: (string | undefined)[][] = [];

  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  read(): AnswerTable {
    while (this.bytes[this.at] !== CLOSE) {
      if (this.rows > 0) this.expect(COMMA);
      this.row();
    }
    return { rows: this.rows, numbers: this.numbers, texts: this.texts, end: this.at };
  }

  private row(): void {
    this.expect(OPEN);
    if (this.rows === this.room) this.grow();
    let column = 0;
    for (; this.bytes[this.at] !== CLOSE; column += 1) {
      if (column > 0) this.expect(COMMA);
      if (column === this.numbers.length) this.addColumn();
      this.numbers[column]![this.rows] = this.cell(column);
    }
    if (column !== this.numbers.length) throw this.malformed();
    this.at += 1;
    this.rows += 1;
  }

  private cell(column: number): number {
    const first = this.bytes[this.at]!;
    if (first === QUOTE) {
      this.texts[column] ??= [];
      this.texts[column][this.rows] = this.text();
      return Number.NaN;
    }
    if (first === N) return this.literal(4, Number.NaN);
    if (first === T) return this.literal(4, 1);
    if (first === F) return this.literal(5, 0);
    return this.number();
  }

  private number(): number {
    const { bytes } = this;
    const start = this.at;
    const negative = bytes[start] === MINUS;
    let at = negative ? start + 1 : start;
    let mantissa = 0;
    let digits = 0;
    let exponent = 0;
    let byte = bytes[at]!;
    for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!, digits += 1) mantissa = mantissa * 10 + byte - ZERO;
    if (byte === DOT) {
      byte = bytes[++at]!;
      for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!, digits += 1, exponent -= 1) {
        mantissa = mantissa * 10 + byte - ZERO;
      }
    }
    if (digits === 0) throw this.malformed();
    const scientific = byte === LOWER_E || byte === UPPER_E;
    if (scientific) while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE) at += 1;
    this.at = at;
    if (scientific || digits > EXACT_DIGITS || -exponent >= POWERS.length) {
      const value = Number(bytes.toString('latin1', start, at));
      if (Number.isNaN(value)) throw this.malformed();
      return value;
    }
    const value = mantissa / POWERS[-exponent]!;
    return negative ? -value : value;
  }

  private text(): string {
    const start = this.at;
    let at = start + 1;
    for (; at < this.bytes.length && this.bytes[at] !== QUOTE; at += 1) if (this.bytes[at] === BACKSLASH) at += 1;
    this.at = at + 1;
    return JSON.parse(this.bytes.toString('utf8', start, this.at)) as string;
  }

  private literal(length: number, value: number): number {
    this.at += length;
    return value;
  }

  private expect(byte: number): void {
    if (this.bytes[this.at] !== byte) throw this.malformed();
    this.at += 1;
  }

  private addColumn(): void {
    if (this.rows > 0) throw this.malformed();
    this.numbers.push(new Float64Array(this.room));
  }

  private grow(): void {
    this.room *= 2;
    this.numbers.forEach((column, i) => {
      const wider = new Float64Array(this.room);
      wider.set(column);
      this.numbers[i] = wider;
    });
  }

  private malformed(): SyntaxError {
    return new SyntaxError(`unexpected byte ${this.bytes[this.at] ?? 'after the end'} at ${this.at}`);
  }
}
