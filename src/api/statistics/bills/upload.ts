import { z } from 'zod';
import { principalOf, WRITERS } from '../../../http/auth/access.js';
import { acceptFiles, Uploads } from '../../../http/bodies/uploads.js';
import { ok, route, routes } from '../../../http/route.js';
import type { Supposed } from '../../../intensity/assess/port.js';
import type { Bill } from '../../../intensity/model/bills/bill.js';
import type { CountedSet } from '../../../intensity/model/statistics/counted-set.js';
import { enterpriseSubject } from '../../../intensity/model/statistics/subject.js';
import type { TableName, TableRow, WrongCell } from '../../../intensity/upload/port.js';
import type { Principal } from '../../../model/access.js';
import type { FieldError } from '../../../model/field-error.js';
import type { ApiDeps } from '../../deps.js';
import { sourceAndReason } from '../../intensity-query.js';
import { billsToldBy, effectsAnswer, NOTHING_TOLD, toldBy, verdictEffectsOf } from '../effects.js';
import { readFileOf, wrongCellsOf } from '../files.js';
import { flatMapInTurns, mapInTurns } from '../in-turns.js';
import { FILE_TYPES, uploadBody, uploadQuery, wrongCell } from '../upload-schemas.js';

type Deps = Pick<ApiDeps, 'bills' | 'statistics' | 'statisticsFiles' | 'registry' | 'assessments'>;

const answerShape = z.strictObject({
  dryRun: z.boolean(),
  recorded: z.boolean().describe('false in a dry run, and when nothing differs from what is believed'),
  version: z.number().int().describe('of the ledger, after this request; 0: nothing was recorded yet'),
  read: z.number().int().describe('rows without a wrong cell'),
  changed: z.number().int().describe('bills, or sets, that are new or differ'),
  wrongCount: z
    .number()
    .int()
    .describe('cells that the service cannot read; it records nothing of a file that has one'),
  wrong: z.array(wrongCell).describe('the first of these cells'),
  effects: effectsAnswer
    .optional()
    .describe('of a dry run: what would become of the verdicts; without items while a cell is wrong'),
});

interface Told {
  readonly source: string;
  readonly reason?: string;
  readonly basedOn?: number;
}

interface Done {
  readonly changed: number;
  readonly version: number;
  /** What differs. */
  readonly supposed: Supposed;
}

/** How the rows of a table become entries of a ledger. */
interface Book {
  readonly path: string;
  readonly what: string;
  /** What is wrong of the rows, and what they change; `told`: null in a dry run, which writes nothing. */
  check(rows: readonly TableRow[], who: Principal): Promise<WrongCell[]>;
  put(rows: readonly TableRow[], who: Principal, told: Told | null): Promise<Done>;
}

/** `POST …/upload` of bills and of counted enterprises. */
export function tableUploadRoutes(deps: Deps) {
  const { bills, statistics, statisticsFiles: files } = deps;
  const books: Readonly<Record<TableName, Book>> = {
    bills: {
      ...{ path: '/statistics/bills', what: 'bills of utilities' },
      async check(rows, who) {
        const wrong = await bills.check(await mapInTurns(rows, billOf), who);
        return cellsOf(wrong, (path) => rows[Number(path[1])], rows);
      },
      async put(rows, who, told) {
        const all = await mapInTurns(rows, billOf);
        const { changes, version } = await (told === null ? bills.preview(all, who) : bills.put(all, who, told));
        return { changed: changes.length, version, supposed: billsToldBy({ changes }) };
      },
    },
    counted_sets: {
      ...{ path: '/statistics/counted-sets', what: 'the enterprises that count (规上) of parks' },
      async check(rows, who) {
        const { sets, rowsOf } = setsOf(rows);
        const wrong = await statistics.check({ entries: [], sets }, who);
        return cellsOf(wrong, ([, set, , member = '0']) => rowsOf[Number(set)]?.[Number(member)], rows);
      },
      async put(rows, who, told) {
        const { sets } = setsOf(rows);
        const upload = { entries: [], sets };
        const changes = await (told === null
          ? statistics.preview(upload, who)
          : statistics.put(upload, who, {
              ...told,
              basedOn: told.basedOn === undefined ? {} : { countedSets: told.basedOn },
            }));
        return { changed: changes.sets.length, version: changes.versions.countedSets, supposed: toldBy(changes) };
      },
    },
  };
  const uploads = new Uploads();

  return routes((app, plain) => {
    acceptFiles(plain, Object.values(FILE_TYPES), files.maxBytes);
    for (const [table, book] of Object.entries(books) as [TableName, Book][]) {
      app.post(
        `${book.path}/upload`,
        {
          ...route(WRITERS, 'statistics', `Records ${book.what} from a CSV or XLSX file, all of it or nothing`, {
            description:
              'As `/statistics/upload`: the columns are those of the template, a dry run names each wrong cell and says what would ' +
              'become of verdicts.',
            querystring: uploadQuery,
            consumes: Object.values(FILE_TYPES),
            body: uploadBody,
            ...ok(answerShape, 'What the file says, and what it changes or would change'),
          }),
          bodyLimit: files.maxBytes,
          onRequest: uploads.enter,
        },
        async (request) => {
          const { dryRun, basedOn } = request.query;
          const who = principalOf(request);
          const read = await readFileOf(request, (kind, bytes) => files.readTable(table, kind, bytes, who.id));
          const wrong = wrongCellsOf(read, await book.check(read.rows, who), dryRun);
          const told = { ...sourceAndReason(request.query), ...(basedOn !== undefined && { basedOn }) };
          const { changed, version, supposed } = await book.put(read.rows, who, dryRun ? null : told);
          const recorded = !dryRun && changed > 0;
          const isWrong = wrong.wrongCount > 0;
          return {
            ...{ dryRun, recorded, version, read: read.rows.length, changed, ...wrong },
            ...(dryRun && { effects: await verdictEffectsOf(deps, isWrong ? NOTHING_TOLD : supposed, who) }),
          };
        },
      );
    }
  });
}

const subjectOf = ({ park, enterprise }: TableRow['values']): string =>
  enterprise === null || enterprise === undefined
    ? `park:${park}`
    : enterpriseSubject(String(park), String(enterprise));

const billOf = ({ values }: TableRow): Bill => ({
  owner: subjectOf(values),
  carrier: values.carrier as Bill['carrier'],
  account: String(values.account ?? ''),
  ...{ from: String(values.from), through: String(values.through) },
  ...{ amount: Number(values.amount), unit: String(values.unit) },
});

/** The set of each park and year that the rows name, with the rows of its members. */
function setsOf(rows: readonly TableRow[]): { readonly sets: CountedSet[]; readonly rowsOf: TableRow[][] } {
  const byKey = new Map<string, TableRow[]>();
  for (const row of rows) {
    const key = `${row.values.park} ${row.values.year}`;
    const some = byKey.get(key);
    if (some === undefined) byKey.set(key, [row]);
    else some.push(row);
  }
  const rowsOf = [...byKey.values()];
  const sets = rowsOf.map((some) => ({
    scope: `park:${some[0]!.values.park}`,
    year: Number(some[0]!.values.year),
    members: some.map(({ values }) => subjectOf(values)),
  }));
  return { sets, rowsOf };
}

/** Where the rows of a table say what is wrong by field. */
const COLUMN_OF: Readonly<Record<string, string>> = { owner: 'enterprise', members: 'enterprise', scope: 'park' };

function cellsOf(
  errors: readonly FieldError[],
  rowOf: (path: readonly string[]) => TableRow | undefined,
  rows: readonly TableRow[],
): Promise<WrongCell[]> {
  return flatMapInTurns(errors, ({ field, expected }) => {
    const path = field.split('.');
    const row = rowOf(path);
    if (row === undefined) return [];
    const named = path[2] ?? '';
    const plain = COLUMN_OF[named] ?? named;
    const column = plain === 'enterprise' && row.values.enterprise == null ? 'park' : plain;
    const letter = row.letters[column];
    const words = expected.replace(/bills\.(\d+)/g, (_, twin) => `row ${rows[Number(twin)]?.row}`);
    return [
      {
        ...{ sheet: row.sheet, cell: letter === undefined ? null : `${letter}${row.row}` },
        ...{ found: String(row.values[column] ?? ''), wrong: 'cannot be taken', expected: words },
      },
    ];
  });
}
