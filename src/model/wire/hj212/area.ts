import { type Result, read, refuse } from './dialect.js';

/** One `name=value`. */
export type AreaField = readonly [name: string, value: string];
/** Fields joined by `,`: those of one factor. */
export type AreaItem = readonly AreaField[];
/** Items joined by `;`, HJ 212-2017 section 6.3.3. */
export type DataArea = readonly AreaItem[];

const INFO = '//';

/**
 * Parses the text of a data area. Text between `//` and `//`, as logs of 3020 have it, may contain `,` and `;`. Lenient:
 * blanks around names and values, empty items.
 */
export function parseArea(text: string, strict: boolean): Result<DataArea> {
  const items: AreaField[][] = [];
  let item: AreaField[] = [];
  let at = 0;
  if (strict ? text === '' : text.trim() === '') return read(items);
  for (;;) {
    const end = fieldEnd(text, at);
    const field = parseField(text.slice(at, end), strict);
    if (!field.ok) return field;
    if (field.value !== null) item.push(field.value);
    if (end >= text.length || text[end] === ';') {
      if (item.length > 0) items.push(item);
      item = [];
    }
    if (end >= text.length) return read(items);
    at = end + 1;
  }
}

function fieldEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== ',' && text[at] !== ';') {
    if (text[at] === '=' && text.startsWith(INFO, at + 1)) {
      const close = text.indexOf(INFO, at + 1 + INFO.length);
      // Without an end the separators count, so that one log entry never takes the items behind it.
      at = close < 0 ? at + 1 + INFO.length : close + INFO.length;
    } else at += 1;
  }
  return at;
}

function parseField(text: string, strict: boolean): Result<AreaField | null> {
  if (!strict && text.trim() === '') return read(null);
  const at = text.indexOf('=');
  if (at <= 0) return refuse('a field of the data area has no name or no "="');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  return read(strict ? [name, value] : [name.trim(), value.trim()]);
}

export function printArea(area: DataArea): string {
  return area.map((item) => item.map(([name, value]) => `${name}=${value}`).join(',')).join(';');
}

/** The first value of that name; null when there is none. Names compare without case where not strict. */
export function areaValue(area: DataArea, name: string, strict: boolean): string | null {
  const wanted = strict ? name : name.toLowerCase();
  for (const item of area) {
    for (const [key, value] of item) if ((strict ? key : key.toLowerCase()) === wanted) return value;
  }
  return null;
}
