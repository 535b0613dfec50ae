import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { TimeZone } from '../../domain/time-zone.js';
import { windowEdges } from '../../domain/windows.js';
import type { HistorianQueries } from '../../historian/port.js';
import { READERS } from '../auth/access.js';
import type { ApiDeps } from '../deps.js';
import { invalidFields } from '../problem.js';
import { negotiate } from './accept.js';
import { rawCsv, windowsCsv } from './csv.js';
import { readCursor } from './cursor.js';
import { QueryGate } from './gate.js';
import { type AnswerRange, type AnswerWindows, rawJson, windowsJson } from './json.js';
import { readPage } from './page.js';
import { DEFAULT_RANGE_MS, MAX_RAW_READINGS, MAX_WINDOWS, type ReadingsQuery, readingsQuery } from './query.js';
import { refusing } from './refusals.js';
import { readingsAnswer, readingsCsv } from './schemas.js';
import { sendAnswer } from './send.js';
import { type AskedSeries, requireCounters, resolveSeries } from './series.js';

export type ReadingsDeps = Pick<ApiDeps, 'registry' | 'timeZone' | 'clock' | 'queries'> & {
  readonly historian: HistorianQueries;
  /** Raw readings of one answer. */
  readonly maxRawReadings?: number;
};

interface Asked extends AnswerRange {
  readonly query: ReadingsQuery;
  readonly series: readonly AskedSeries[];
  readonly csv: boolean;
}

/** `GET /readings`: raw readings or windows of them, as JSON or CSV. */
export function readingsRoutes(deps: ReadingsDeps): FastifyPluginAsync {
  const gate = deps.queries ?? new QueryGate();
  const zone = new TimeZone(deps.timeZone);
  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/readings',
      {
        config: { access: READERS },
        schema: {
          tags: ['readings'],
          summary: 'Readings of one or more series: raw, or in windows',
          description:
            `One answer holds at most ${MAX_RAW_READINGS} raw readings or ${MAX_WINDOWS} windows. JSON, or CSV with ` +
            '`Accept: text/csv`. An answer that ends without its last bracket, or whose connection breaks, is not whole.',
          querystring: readingsQuery,
          response: {
            200: {
              description: 'The readings',
              content: { 'application/json': { schema: readingsAnswer }, 'text/csv': { schema: readingsCsv } },
            },
          },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const csv = negotiate(request.headers.accept, ['application/json', 'text/csv']) === 'text/csv';
        refuseCombinations(query);
        const range = rangeOf(query, deps.clock());
        const leave = gate.enter();
        reply.raw.once('close', () => leave(reply.raw.writableFinished));
        return refusing(async () => {
          const series = await resolveSeries(request, deps, query.device, query.metric);
          const asked = { ...range, zone, query, series, csv };
          return query.every ? sendWindows(reply, deps, asked, query.every) : sendRaw(reply, deps, asked);
        });
      },
    );
  };
}

function refuseCombinations({ every, fn, limit, cursor }: ReadingsQuery): void {
  if (fn && !every) throw invalidFields([{ field: 'query.every', expected: `fn=${fn} needs the length of windows` }]);
  if (every && (limit || cursor)) {
    throw invalidFields([{ field: 'query.limit', expected: 'pages are of raw readings, not of windows' }]);
  }
  if (cursor && !limit) throw invalidFields([{ field: 'query.limit', expected: 'a cursor needs the limit of a page' }]);
}

function rangeOf(query: ReadingsQuery, now: number): { readonly from: number; readonly to: number } {
  if (query.cursor) return readCursor(query.cursor);
  const to = query.to ?? now;
  const from = query.from ?? to - DEFAULT_RANGE_MS;
  if (!(from < to)) throw invalidFields([{ field: 'query.from', expected: 'a time before `to`' }]);
  return { from, to };
}

async function sendRaw(reply: FastifyReply, deps: ReadingsDeps, asked: Asked): Promise<FastifyReply> {
  const { query, series, from, to } = asked;
  const keys = series.map((one) => one.key);
  if (!query.limit) {
    const format = asked.csv ? rawCsv(asked) : rawJson(asked, null);
    const limit = deps.maxRawReadings ?? MAX_RAW_READINGS;
    const chunks = keys.length === 0 ? nothing() : deps.historian.raw({ series: keys, from, to, limit });
    return sendAnswer(reply, series, chunks, format);
  }
  const position = query.cursor ? readCursor(query.cursor) : null;
  const { chunks, nextCursor } = await readPage(deps.historian, keys, asked, query.limit, position);
  if (nextCursor) {
    const url = new URL(reply.request.url, 'http://localhost');
    url.searchParams.set('cursor', nextCursor);
    reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  return sendAnswer(reply, series, iterate(chunks), asked.csv ? rawCsv(asked) : rawJson(asked, nextCursor));
}

async function sendWindows(
  reply: FastifyReply,
  deps: ReadingsDeps,
  asked: Asked,
  every: NonNullable<ReadingsQuery['every']>,
): Promise<FastifyReply> {
  const { query, series, from, to, zone } = asked;
  const fn = query.fn ?? 'mean';
  if (fn === 'delta') requireCounters(series);
  const most = Math.floor(MAX_WINDOWS / Math.max(1, series.length));
  const edges = windowEdges(from, to, every.duration, zone, most);
  const windows: AnswerWindows = { from, to, zone, every: every.text, fn, edges };
  const keys = series.map((one) => one.key);
  const chunks = keys.length === 0 ? nothing() : deps.historian.windows({ series: keys, edges, fn });
  return sendAnswer(reply, series, chunks, asked.csv ? windowsCsv(windows) : windowsJson(windows));
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function* nothing(): AsyncGenerator<never> {}
