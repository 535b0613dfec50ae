import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { parksAsked } from '../../http/auth/scope.js';
import { problem } from '../../http/problem.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { takeFiles, tooManyUploads, Uploads } from '../../http/uploads.js';
import { keyOf } from '../../intensity/model/statistics/entry.js';
import type { Changes } from '../../intensity/statistics/port.js';
import {
  FILE_KINDS,
  type FileEntry,
  type FileKind,
  TooManyFilesError,
  UnreadableFileError,
  type WrongCell,
} from '../../intensity/upload/port.js';
import type { Principal } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';
import { FILE_TYPES, templateFile, templateQuery, uploadAnswer, uploadBody, uploadQuery } from './upload-schemas.js';
import { changesToWire, type WriteTime } from './wire.js';
import { cellsOf, entryOf, wrongNames } from './wrong-cells.js';

type Deps = Pick<ApiDeps, 'statistics' | 'statisticsFiles' | 'registry' | 'timeZone'>;

/** What one answer lists; the rest is counted. */
const LISTED = 1_000;
/** Rows of one template: enough for every enterprise above designated size of a city. */
const TEMPLATE_ROWS = 5_000;

/** `POST /statistics/upload`: added value from a file. */
export function statisticsUploadRoutes({ statistics, statisticsFiles: files, registry, timeZone }: Deps) {
  const time = timeWriter(timeZone);
  const uploads = new Uploads();
  /** What would change once the cells that are wrong are as they should be, apart from those. */
  const preview = (entries: readonly FileEntry[], wrong: readonly WrongCell[], who: Principal) => {
    const rows = new Set(wrong.map(({ sheet, cell }) => `${sheet} ${rowOf(cell)}`));
    const right = entries.filter(({ sheet, row }) => !rows.has(`${sheet} ${row}`));
    return statistics.preview({ entries: right.map(entryOf) }, who);
  };
  return routes((app, plain) => {
    takeFiles(plain, Object.values(FILE_TYPES), files.maxBytes);
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
        const { dryRun, source, reason, basedOn } = request.query;
        const who = principalOf(request);
        const kind = kindOf(request.headers['content-type']);
        const { body } = request;
        if (!Buffer.isBuffer(body) || body.length === 0) throw problem(422, 'unreadable_file', 'the body has no file');
        const read = await files.read(kind, body).catch(refuseFile);
        const upload = { entries: read.entries.map(entryOf) };
        const found = [
          ...wrongNames(read.entries, who, registry),
          ...cellsOf(statistics.check(upload, who), read.entries, who, registry),
        ];
        const wrong = [...read.wrong, ...found].slice(0, LISTED);
        const wrongCount = read.wrongCount + found.length;
        if (!dryRun && wrongCount > 0) throw wrongCells(wrong, wrongCount);
        const told = {
          source,
          ...(reason !== undefined && { reason }),
          ...(basedOn !== undefined && { basedOn: { statistics: basedOn } }),
        };
        const changes = dryRun ? preview(read.entries, found, who) : statistics.put(upload, who, told);
        const { rowsWithoutFigures } = read;
        const answer = {
          ...{ dryRun, rowsWithoutFigures, wrongCount, wrong },
          ...changed(changes, read.entries, time),
        };
        return { ...answer, recorded: !dryRun && changes.entries.length > 0 };
      },
    );
  });
}

/** `GET /statistics/template.xlsx` and `template.csv`: files to fill in. */
export function statisticsTemplateRoutes({
  statisticsFiles: files,
  registry,
}: Pick<Deps, 'statisticsFiles' | 'registry'>) {
  return routes((app) => {
    for (const kind of FILE_KINDS) {
      app.get(
        `/statistics/template.${kind}`,
        route(READERS, 'statistics', `A file to fill in with added value, as ${kind.toUpperCase()}`, {
          description: 'With a row for each park in scope and each of its enterprises.',
          querystring: templateQuery,
          response: { 200: { description: 'The file', content: { [FILE_TYPES[kind]]: { schema: templateFile } } } },
        }),
        async (request, reply) => {
          const { lang, park } = request.query;
          const parks = parksAsked(request, registry, park);
          const nameIn = (named: { readonly nameZh: string; readonly nameEn: string }) =>
            lang === 'zh' ? named.nameZh : named.nameEn;
          const rows = parks.flatMap((one) => [
            { park: one.id, enterprise: null, name: nameIn(one) },
            ...registry.enterprises(one.id).map((firm) => ({ park: one.id, enterprise: firm.id, name: nameIn(firm) })),
          ]);
          if (rows.length > TEMPLATE_ROWS) {
            const detail = `the template would have ${rows.length} rows, ${TEMPLATE_ROWS} at most; ask for one park: park=`;
            throw problem(422, 'result_too_large', detail, { limit: TEMPLATE_ROWS });
          }
          const file = await files.template(kind, lang, rows).catch(refuseFile);
          const type = kind === 'csv' ? `${FILE_TYPES.csv}; charset=utf-8; header=present` : FILE_TYPES.xlsx;
          reply.header('content-disposition', `attachment; filename="statistics-${lang}.${kind}"`).type(type);
          return reply.serializer((bytes: unknown) => bytes as string).send(Buffer.from(file));
        },
      );
    }
  });
}

const rowOf = (cell: string | null) => cell?.replace(/\D/g, '');

export const kindOf = (contentType = ''): FileKind =>
  FILE_KINDS.find((kind) => contentType.toLowerCase().startsWith(FILE_TYPES[kind])) ?? 'csv';

export function refuseFile(error: unknown): never {
  if (error instanceof UnreadableFileError) throw problem(422, error.code, error.message);
  throw error instanceof TooManyFilesError ? tooManyUploads() : error;
}

export function wrongCells(wrong: readonly WrongCell[], wrongCount: number) {
  const errors = wrong.map((one) => ({
    field: [one.sheet, one.cell].filter((part) => part !== null).join('!'),
    ...one,
  }));
  const first = errors[0];
  const detail = `${wrongCount} cells cannot be taken, and nothing was recorded; the first: ${first?.field}: ${first?.wrong}`;
  return problem(422, 'wrong_cells', detail, { errors, wrongCount });
}

/** What changes, with the row of the file that says so. */
function changed(changes: Changes, rows: readonly FileEntry[], time: WriteTime) {
  const { entries, unchanged, versions } = changes;
  // Of rows that say the same, the first: a second one is a wrong cell.
  const placeOf = new Map([...rows].reverse().map((row) => [keyOf(entryOf(row)), row]));
  const revised = entries.filter(({ before }) => before !== null).length;
  const listed = entries.slice(0, LISTED);
  const wire = changesToWire({ ...changes, entries: listed }, true, [], time).entries;
  return {
    version: versions.statistics,
    figures: { read: rows.length, new: entries.length - revised, revised, same: unchanged },
    changes: listed.map(({ after }, at) => {
      const { sheet = null, row = 0 } = placeOf.get(keyOf(after)) ?? {};
      return { sheet, row, ...wire[at]! };
    }),
  };
}
