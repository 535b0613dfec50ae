import type { WrongCell } from './port.js';

/** What stands in a cell, whichever file it is of; `wrong` says why no value can be taken from it. */
export type CellContent =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'wrong'; readonly found: string; readonly wrong: string; readonly expected?: string };

/** A table as it stands in a file. */
export interface Sheet {
  /** Null in CSV. */
  readonly name: string | null;
  /** Rows may be of different lengths. */
  readonly rows: readonly (readonly CellContent[])[];
  /** Ranges such as `A1:B2`. */
  readonly merges: readonly string[];
  /** Whether numbers stand there as text, as in CSV. */
  readonly numbersAreText: boolean;
}

export const EMPTY: CellContent = { kind: 'empty' };
/** A number as people write it in a text cell. */
export const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

export const hasContent = (row: readonly CellContent[]): boolean => row.some(({ kind }) => kind !== 'empty');

/** A header without what does not matter in it: blanks, case and the width of brackets. */
export const plainHeader = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase();

/** Merged cells, none of which the reader accepts. */
export const mergedCells = ({ name, merges }: Sheet): WrongCell[] =>
  merges.map((range) => ({
    ...{ sheet: name, cell: range.split(':')[0] ?? range, found: null },
    ...{ wrong: `the cells ${range} are merged`, expected: 'each value in a cell of its own: unmerge them' },
  }));

/** A text cell; empty when nothing but blanks stands there. */
export function textCell(text: string): CellContent {
  const trimmed = text.trim();
  return trimmed === '' ? EMPTY : { kind: 'text', text: trimmed };
}

/** What stood there, for people, clipped. */
export function shownCell(cell: CellContent): string | null {
  if (cell.kind === 'empty') return null;
  const text = cell.kind === 'text' ? cell.text : cell.kind === 'number' ? String(cell.number) : cell.found;
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
