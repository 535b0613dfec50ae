import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { acceptFiles, Uploads } from '../../http/bodies/uploads.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { statEntryKey } from '../../intensity/model/statistics/entry.js';
import type { StatisticsChanges } from '../../intensity/statistics/port.js';
import {
  FILE_KINDS,
  type FileEntry,
  type StatisticsFiles,
  type TableName,
  type WrongCell,
} from '../../intensity/upload/port.js';
import type { Principal } from '../../model/access.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { ApiDeps } from '../deps.js';
import { sourceAndReason } from '../intensity-query.js';
import { toldBy, verdictEffectsOf } from './effects.js';
import { LISTED, readFileOf, sendFile, templateRows, wrongCellsOf } from './files.js';
import { flatMapInTurns, mapInTurns } from './in-turns.js';
import { FILE_TYPES, templateFile, templateQuery, uploadAnswer, uploadBody, uploadQuery } from './upload-schemas.js';
import { entryChangeToWire } from './wire.js';
import { cellsOf, entryOf, wrongNames } from './wrong-cells.js';

type Deps = Pick<ApiDeps, 'statistics' | 'statisticsFiles' | 'registry' | 'timeZone' | 'assessments'>;

/** `POST /statistics/upload`: added value from a file. */
export function statisticsUploadRoutes(deps: Deps) {
  const { statistics, statisticsFiles: files, registry, timeZone } = deps;
  const time = timeWriter(timeZone);
  const uploads = new Uploads();
  /** What the right rows would change. */
  const preview = async (entries: readonly FileEntry[], wrong: readonly WrongCell[], who: Principal) => {
    const rows = new Set(await mapInTurns(wrong, ({ sheet, cell }) => `${sheet} ${rowOf(cell)}`));
    const right = await flatMapInTurns(entries, (one) => (rows.has(`${one.sheet} ${one.row}`) ? [] : [entryOf(one)]));
    return statistics.preview({ entries: right }, who);
  };
  return routes((app, plain) => {
    acceptFiles(plain, Object.values(FILE_TYPES), files.maxBytes);
    app.post(
      '/statistics/upload',
      {
        ...route(WRITERS, 'statistics', 'Records the added value in a CSV or XLSX file, all of it or nothing', {
          description:
            `The body is the file, at most ${files.maxBytes / 1024 / 1024} MiB, with the columns of the template. A dry ` +
            'run names each cell that is wrong and each figure that would be new or revised. Otherwise a file with a ' +
            'wrong cell is answered 422 `wrong_cells`, and nothing of it is recorded.',
          querystring: uploadQuery,
          consumes: Object.values(FILE_TYPES),
          body: uploadBody,
          ...ok(uploadAnswer, 'What the file says, and what it changes or would change'),
        }),
        bodyLimit: files.maxBytes,
        onRequest: uploads.enter,
      },
      async (request) => {
        const { dryRun, basedOn } = request.query;
        const who = principalOf(request);
        const read = await readFileOf(request, (kind, bytes) => files.read(kind, bytes, who.id));
        const upload = { entries: await mapInTurns(read.entries, entryOf) };
        const found = [
          ...(await wrongNames(read.entries, who, registry)),
          ...(await cellsOf(await statistics.check(upload, who), read.entries, who, registry)),
        ];
        const wrong = wrongCellsOf(read, found, dryRun);
        const told = {
          ...sourceAndReason(request.query),
          ...(basedOn !== undefined && { basedOn: { statistics: basedOn } }),
        };
        const changes = await (dryRun ? preview(read.entries, found, who) : statistics.put(upload, who, told));
        const { rowsWithoutFigures } = read;
        const answer = {
          ...{ dryRun, rowsWithoutFigures, ...wrong },
          ...(await changed(changes, read.entries, time)),
        };
        const effects = dryRun ? { effects: await verdictEffectsOf(deps, toldBy(changes), who) } : {};
        return { ...answer, ...effects, recorded: !dryRun && changes.entries.length > 0 };
      },
    );
  });
}

/** `GET …/template.{csv,xlsx}` of statistics, of bills and of counted enterprises: files to fill in. */
export function templateRoutes({ statisticsFiles: files, registry }: Pick<Deps, 'statisticsFiles' | 'registry'>) {
  const table =
    (name: TableName): StatisticsFiles['template'] =>
    (...asked) =>
      files.tableTemplate(name, ...asked);
  const templates = [
    ['/statistics', 'statistics', 'to fill in with added value', (...asked) => files.template(...asked)],
    ['/statistics/bills', 'bills', 'of bills to fill in', table('bills')],
    ['/statistics/counted-sets', 'counted_sets', 'of counted sets to fill in', table('counted_sets')],
  ] as const satisfies readonly (readonly [string, string, string, StatisticsFiles['template']])[];
  return routes((app) => {
    for (const [path, name, what, make] of templates) {
      for (const kind of FILE_KINDS) {
        app.get(
          `${path}/template.${kind}`,
          route(READERS, 'statistics', `A file ${what}, as ${kind.toUpperCase()}`, {
            description: 'With a row for each park in scope and each of its enterprises.',
            querystring: templateQuery,
            response: { 200: { description: 'The file', content: { [FILE_TYPES[kind]]: { schema: templateFile } } } },
          }),
          async (request, reply) => {
            const { lang, park } = request.query;
            const rows = templateRows(request, registry, { lang, park });
            return sendFile(reply, kind, `${name}-${lang}`, make(kind, lang, rows, principalOf(request).id));
          },
        );
      }
    }
  });
}

const rowOf = (cell: string | null) => cell?.replace(/\D/g, '');

/** What changes, with the row of the file that says so. */
async function changed(changes: StatisticsChanges, rows: readonly FileEntry[], time: WriteTime) {
  const { entries, unchanged, versions } = changes;
  // Of rows with the same key only the first: a second one is reported as a wrong cell.
  const placeOf = new Map<string, FileEntry>();
  const keys = await mapInTurns(rows, (row) => statEntryKey(entryOf(row)));
  for (const [at, key] of keys.entries()) if (!placeOf.has(key)) placeOf.set(key, rows[at]!);
  const revised = entries.filter(({ before }) => before !== null).length;
  const listed = entries.slice(0, LISTED);
  const toWire = entryChangeToWire(time);
  return {
    version: versions.statistics,
    figures: { read: rows.length, new: entries.length - revised, revised, same: unchanged },
    changes: listed.map((one) => {
      const { sheet = null, row = 0 } = placeOf.get(statEntryKey(one.after)) ?? {};
      return { sheet, row, ...toWire(one) };
    }),
  };
}
