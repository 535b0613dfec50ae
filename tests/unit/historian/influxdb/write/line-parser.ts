/** One line as a server reads it. */
interface ParsedLine {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Numbers; integers as bigint; texts. */
  readonly fields: Readonly<Record<string, number | bigint | string>>;
  readonly time: number;
}

/** A parser of line protocol after its published grammar, independent of the code under test. */
export function parseLine(line: string): ParsedLine {
  const reader = new Reader(line);
  const measurement = reader.name(', ', ', ');
  const tags: Record<string, string> = {};
  while (reader.takes(',')) {
    const key = reader.name('=', ',= ');
    reader.expect('=');
    tags[key] = reader.name(', ', ',= ');
  }
  reader.expect(' ');
  const fields: Record<string, number | bigint | string> = {};
  do {
    const key = reader.name('=', ',= ');
    reader.expect('=');
    if (key in fields) throw new SyntaxError(`field ${key} twice: ${line}`);
    fields[key] = reader.value();
  } while (reader.takes(','));
  reader.expect(' ');
  return { measurement, tags, fields, time: reader.time() };
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  expect(character: string): void {
    if (!this.takes(character)) throw new SyntaxError(`expected ${character} at ${this.at}: ${this.text}`);
  }

  /** Reads up to an unescaped character of `ends`; a backslash escapes only a character of `escapable`. */
  name(ends: string, escapable: string): string {
    let name = '';
    for (; this.at < this.text.length && !ends.includes(this.text[this.at]!); this.at += 1) {
      if (this.text[this.at] === '\n') throw new SyntaxError(`line break within ${this.text}`);
      if (this.text[this.at] === '\\' && escapable.includes(this.text[this.at + 1] ?? '\0')) this.at += 1;
      name += this.text[this.at];
    }
    if (name === '') throw new SyntaxError(`empty name at ${this.at}: ${this.text}`);
    return name;
  }

  value(): number | bigint | string {
    if (this.takes('"')) return this.quoted();
    const [literal] = /^[^, ]+/.exec(this.text.slice(this.at)) ?? [''];
    this.at += literal.length;
    if (/^-?\d+i$/.test(literal)) return BigInt(literal.slice(0, -1));
    if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(literal)) throw new SyntaxError(`no number: ${literal}`);
    return Number(literal);
  }

  time(): number {
    const literal = this.text.slice(this.at);
    if (!/^-?\d+$/.test(literal)) throw new SyntaxError(`no time: ${literal}`);
    return Number(literal);
  }

  private quoted(): string {
    let text = '';
    for (; this.text[this.at] !== '"'; this.at += 1) {
      if (this.at >= this.text.length) throw new SyntaxError(`unended text: ${this.text}`);
      if (this.text[this.at] === '\\' && '"\\'.includes(this.text[this.at + 1] ?? '\0')) this.at += 1;
      text += this.text[this.at];
    }
    this.at += 1;
    return text;
  }
}
