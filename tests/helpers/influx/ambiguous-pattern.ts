/** One part of a pattern: characters, a group of alternatives, or a place between characters. */
interface Part {
  readonly kind: 'characters' | 'group' | 'place';
  readonly source: string;
  readonly options: readonly (readonly Part[])[];
  readonly least: number;
  readonly most: number;
}

/** More repetitions than this are as good as no bound. */
const BOUNDED = 1_000;

/** Why a backtracking engine may take more steps than the text has characters, for a pattern; empty when it cannot. */
export function ambiguities(source: string, flags = ''): string[] {
  const found = new Set<string>();
  const reader = new PatternReader(source);
  for (const line of expand(reader.alternatives(), found)) judge(line, flags, found);
  return [...found];
}

function judge(line: readonly Part[], flags: string, found: Set<string>): void {
  const open = line.findIndex((part) => part.most > BOUNDED);
  if (open < 0) return;
  const canFail = line.slice(open + 1).some((part) => part.least > 0 || part.kind === 'place');
  const repeated = line[open] as Part;
  // A repetition that begins behind something of another kind is not tried again from within.
  const fenced = line
    .slice(0, open)
    .some((part) => part.kind === 'characters' && part.least > 0 && !overlap(part, repeated, flags));
  if (canFail && !fenced && line[0]?.source !== '^' && !flags.includes('y')) {
    found.add('tried again from every place: not anchored, and what follows a repetition may fail');
  }
  line.forEach((part, at) => {
    if (part.most <= BOUNDED) return;
    for (const next of line.slice(at + 1)) {
      if (next.kind !== 'characters') continue;
      const shared = overlap(part, next, flags);
      if (shared && next.most > BOUNDED) found.add(`${part.source} and ${next.source} compete for the same characters`);
      if (!shared && next.least > 0) return;
    }
  });
}

/** Every way through the alternatives, with groups opened; a group that repeats is a fault of its own. */
function expand(options: readonly (readonly Part[])[], found: Set<string>): Part[][] {
  return options.flatMap((parts) =>
    parts.reduce<Part[][]>(
      (lines, part) => {
        if (part.kind !== 'group') return lines.map((line) => [...line, part]);
        if (part.most > 1) found.add(`a group repeats: ${part.source}`);
        const inner = expand(part.options, found);
        return lines.flatMap((line) => inner.map((more) => [...line, ...more]));
      },
      [[]],
    ),
  );
}

function overlap(one: Part, other: Part, flags: string): boolean {
  const kept = flags.replace(/[gy]/g, '');
  const [a, b] = [one, other].map((part) => new RegExp(`^(?:${part.source})$`, kept)) as [RegExp, RegExp];
  for (let code = 0; code < 0x300; code += 1) {
    const character = String.fromCharCode(code);
    if (a.test(character) && b.test(character)) return true;
  }
  return false;
}

class PatternReader {
  private at = 0;

  constructor(private readonly text: string) {}

  alternatives(): Part[][] {
    const options: Part[][] = [[]];
    while (this.at < this.text.length && this.text[this.at] !== ')') {
      if (this.text[this.at] === '|') {
        this.at += 1;
        options.push([]);
      } else options.at(-1)?.push(this.part());
    }
    return options;
  }

  private part(): Part {
    const start = this.at;
    const character = this.text[this.at++] ?? '';
    let kind: Part['kind'] = 'characters';
    let options: Part[][] = [];
    if (character === '^' || character === '$') kind = 'place';
    else if (character === '(') {
      kind = /^\?<?[=!]/.test(this.text.slice(this.at, this.at + 3)) ? 'place' : 'group';
      this.at += /^(\?:|\?<?[=!]|\?<\w{1,40}>)?/.exec(this.text.slice(this.at))?.[0].length ?? 0;
      options = this.alternatives();
      this.at += 1;
    } else if (character === '[') {
      while (this.text[this.at] !== ']') this.at += this.text[this.at] === '\\' ? 2 : 1;
      this.at += 1;
    } else if (character === '\\') {
      const letter = this.text[this.at++] ?? '';
      if (letter === 'b' || letter === 'B') kind = 'place';
      if ('pP'.includes(letter)) this.at = this.text.indexOf('}', this.at) + 1;
      if (letter === 'u') this.at += this.text[this.at] === '{' ? this.text.indexOf('}', this.at) - this.at + 1 : 4;
      if (letter === 'x') this.at += 2;
    }
    const source = this.text.slice(start, this.at);
    return { kind, source, options, ...this.repetition() };
  }

  private repetition(): { readonly least: number; readonly most: number } {
    const [sign = '', least, comma, most] =
      /^(?:[*+?]|\{(\d{1,9})(,?)(\d{0,9})\})\??/.exec(this.text.slice(this.at, this.at + 24)) ?? [];
    this.at += sign.length;
    if (sign === '') return { least: 1, most: 1 };
    if (sign[0] === '*') return { least: 0, most: Infinity };
    if (sign[0] === '+') return { least: 1, most: Infinity };
    if (sign[0] === '?') return { least: 0, most: 1 };
    return { least: Number(least), most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) };
  }
}
