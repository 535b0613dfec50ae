import { parkScope } from '../../http/auth/scope.js';
import { MAX_GROWTH } from '../../intensity/model/statistics/check-entries.js';
import type { StatEntry } from '../../intensity/model/statistics/entry.js';
import { enterpriseSubject } from '../../intensity/model/statistics/subject.js';
import type { ColumnName, FileEntry, WrongCell } from '../../intensity/upload/port.js';
import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import type { ApiDeps } from '../deps.js';
import { flatMapInTurns } from './in-turns.js';

type Lookups = Pick<ApiDeps['registry'], 'park' | 'enterprisesCalled'>;

/** The figure as the ledger keeps it. */
export function entryOf({ park, enterprise, period, figure, status }: FileEntry): StatEntry {
  const subject = enterprise === null ? `park:${park}` : enterpriseSubject(park, enterprise);
  return { subject, period, figure, status };
}

/** The value in the unit of the file. */
const valueInFile = (figure: StatEntry['figure']): number =>
  figure.kind === 'growth' ? Number((figure.rate * 100).toPrecision(15)) : figure.amount;

/** What the book says is wrong, as cells of the file. */
export function cellsOf(
  errors: readonly FieldError[],
  entries: readonly FileEntry[],
  who: Principal,
  registry: Lookups,
): Promise<WrongCell[]> {
  const sees = parkScope(who, registry);
  return flatMapInTurns(errors, ({ field, expected }) => {
    const [, index, part = ''] = /^entries\.(\d+)\.(.+)$/.exec(field) ?? [];
    const entry = entries[Number(index)];
    if (entry === undefined) return [];
    const column = columnOf(part, entry, sees(entry.park));
    const named = expected.replace(/entries\.(\d+)/g, (_, twin) => placeText(entries[Number(twin)] ?? entry));
    return [wrongCell(entry, column, ...wordsOf(column, named, part, entry))];
  });
}

/** Names that are not those of the ids beside them: rows have slipped. Tells nothing of parks that `who` does not see. */
export function wrongNames(entries: readonly FileEntry[], who: Principal, registry: Lookups): Promise<WrongCell[]> {
  const sees = parkScope(who, registry);
  const told = new Set<string>();
  return flatMapInTurns(entries, (entry) => {
    const { park, enterprise, name } = entry;
    const row = `${entry.sheet} ${entry.row}`;
    if (name === null || told.has(row) || !sees(park)) return [];
    told.add(row);
    const named =
      enterprise === null
        ? registry.park(park)
        : registry.enterprisesCalled(enterprise).find((one) => one.park === park);
    if (named === undefined || same(named.nameZh, name) || same(named.nameEn, name)) return [];
    const whose = enterprise === null ? `park ${park}` : `enterprise ${enterprise} of ${park}`;
    return [wrongCell(entry, 'name', `not the name of ${whose}`, `${named.nameZh}, ${named.nameEn}, or an empty cell`)];
  });
}

const same = (a: string, b: string) => a.trim() === b.trim();

function columnOf(part: string, { enterprise, figure }: FileEntry, seesPark: boolean): ColumnName {
  if (part === 'subject') return seesPark && enterprise !== null ? 'enterprise' : 'park';
  if (part === 'period' || part === 'status') return part;
  if (part === 'figure.baseYear') return 'baseYear';
  return figure.kind === 'level' ? figure.price : figure.kind;
}

function wordsOf(
  column: ColumnName,
  expected: string,
  part: string,
  entry: FileEntry,
): [wrong: string, expected: string] {
  if (column === 'park') return ['not a park whose statistics you may write', 'the id of one of your parks'];
  if (column === 'enterprise')
    return [`not an enterprise of ${entry.park}`, `the id of an enterprise of ${entry.park}`];
  if (part === 'figure.rate') return ['out of bounds', `above -100 and at most ${MAX_GROWTH * 100}, in %`];
  const contradicts = part === 'figure.kind' || expected.includes('withdraw') || expected.includes('has it already');
  return [contradicts ? 'does not go with another figure' : 'cannot be taken', expected];
}

function wrongCell(entry: FileEntry, column: ColumnName, wrong: string, expected: string): WrongCell {
  const letter = entry.letters[column];
  const cell = letter === undefined ? null : `${letter}${entry.row}`;
  return { sheet: entry.sheet, cell, found: foundIn(entry, column), wrong, expected };
}

function foundIn(entry: FileEntry, column: ColumnName): string | null {
  const { figure } = entry;
  if (column === 'baseYear') return figure.kind === 'level' ? String(figure.baseYear ?? '') : null;
  if (column === 'park' || column === 'enterprise' || column === 'name') return entry[column];
  return column === 'period' || column === 'status' ? entry[column] : String(valueInFile(figure));
}

const placeText = ({ sheet, row }: FileEntry) => (sheet === null ? `row ${row}` : `row ${row} of ${sheet}`);
