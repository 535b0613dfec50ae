import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { TimeZone } from '../../domain/time-zone.js';
import { windowEdges } from '../../domain/windows.js';
import type { HistorianQueries } from '../../historian/port.js';
import { READERS } from '../auth/access.js';
import type { ApiDeps } from '../deps.js';
import { invalidFields } from '../problem.js';
import { negotiate } from './accept.js';
import { readCursor } from './cursor.js';
import { fillWindows, unfilled } from './fill.js';
import { QueryGate } from './gate.js';
import type { AnswerRange, AnswerWindows } from './json.js';
import { readPage } from './page.js';
import { PARQUET } from './parquet.js';
import {
  DEFAULT_RANGE_MS,
  MAX_RAW_READINGS,
  MAX_REDUCED_READINGS,
  MAX_WINDOWS,
  type ReadingsQuery,
  readingsQuery,
} from './query.js';
import { reduceRaw, reduceWindows } from './reduce.js';
import { refusing } from './refusals.js';
import { readingsAnswer, readingsCsv, readingsParquet } from './schemas.js';
import { sendAnswer } from './send.js';
import { type AskedSeries, requireCounters, resolveSeries } from './series.js';
import { MEDIA_TYPES, type MediaType, writtenRaw, writtenWindows } from './written.js';

export type ReadingsDeps = Pick<ApiDeps, 'registry' | 'timeZone' | 'clock' | 'queries'> & {
  readonly historian: HistorianQueries;
  /** Raw readings of one answer. */
  readonly maxRawReadings?: number;
};

interface Asked extends AnswerRange {
  readonly query: ReadingsQuery;
  readonly series: readonly AskedSeries[];
  readonly type: MediaType;
}

/** `GET /readings`: raw readings or windows of them, as JSON, CSV or Parquet. */
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
            `One answer holds at most ${MAX_RAW_READINGS} raw readings or ${MAX_WINDOWS} windows; with \`points\` it may be ` +
            `made from ${MAX_REDUCED_READINGS}. JSON, CSV with \`Accept: text/csv\`, or Parquet with \`Accept: ${PARQUET}\`. ` +
            'An answer whose connection breaks is not whole. Raw readings are kept for some time (PARK_RAW_DAYS); windows of ' +
            'whole hours and longer are answered from before that too.',
          querystring: readingsQuery,
          response: {
            200: {
              description: 'The readings',
              content: {
                'application/json': { schema: readingsAnswer },
                'text/csv': { schema: readingsCsv },
                [PARQUET]: { schema: readingsParquet },
              },
            },
          },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const type = negotiate(request.headers.accept, MEDIA_TYPES);
        refuseCombinations(query);
        const range = rangeOf(query, deps.clock());
        const leave = gate.enter();
        reply.raw.once('close', () => leave(reply.raw.writableFinished));
        return refusing(async () => {
          const series = await resolveSeries(request, deps, query.device, query.metric);
          const asked = { ...range, zone, query, series, type };
          return query.every ? sendWindows(reply, deps, asked, query.every) : sendRaw(reply, deps, asked);
        });
      },
    );
  };
}

function refuseCombinations({ every, fn, limit, cursor, fill, points }: ReadingsQuery): void {
  if (fn && !every) throw invalidFields([{ field: 'query.every', expected: `fn=${fn} needs the length of windows` }]);
  if (every && (limit || cursor)) {
    throw invalidFields([{ field: 'query.limit', expected: 'pages are of raw readings, not of windows' }]);
  }
  if (fill && !every)
    throw invalidFields([{ field: 'query.every', expected: `fill=${fill} needs the length of windows` }]);
  if (fill && fill !== 'none' && (fn === 'count' || fn === 'sum' || fn === 'delta')) {
    const expected = `none with fn=${fn}: to fill a gap would invent readings or consumption`;
    throw invalidFields([{ field: 'query.fill', expected }]);
  }
  if (points && (limit || cursor)) {
    throw invalidFields([{ field: 'query.points', expected: 'no limit and no cursor: a picture has no pages' }]);
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
  const { query, series, from, to, type } = asked;
  const keys = series.map((one) => one.key);
  if (!query.limit) {
    const { points } = query;
    const bound = deps.maxRawReadings ?? MAX_RAW_READINGS;
    const limit = points === undefined ? bound : MAX_REDUCED_READINGS;
    const all = keys.length === 0 ? nothing() : deps.historian.raw({ series: keys, from, to, limit });
    const chunks = points === undefined ? all : reduceRaw(all, points);
    return sendAnswer(reply, chunks, writtenRaw(type, series, asked, null));
  }
  const position = query.cursor ? readCursor(query.cursor) : null;
  const { chunks, nextCursor } = await readPage(deps.historian, keys, asked, query.limit, position);
  if (nextCursor) {
    const url = new URL(reply.request.url, 'http://localhost');
    url.searchParams.set('cursor', nextCursor);
    reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  return sendAnswer(reply, iterate(chunks), writtenRaw(type, series, asked, nextCursor));
}

async function sendWindows(
  reply: FastifyReply,
  deps: ReadingsDeps,
  asked: Asked,
  every: NonNullable<ReadingsQuery['every']>,
): Promise<FastifyReply> {
  const { query, series, from, to, zone, type } = asked;
  const fn = query.fn ?? 'mean';
  if (fn === 'delta') requireCounters(series);
  const most = Math.floor(MAX_WINDOWS / Math.max(1, series.length));
  const edges = windowEdges(from, to, every.duration, zone, most);
  const fill = query.fill ?? 'none';
  const keys = series.map((one) => one.key);
  const found = keys.length === 0 ? nothing() : deps.historian.windows({ series: keys, edges, fn });
  const whole = fill === 'none' ? unfilled(found) : fillWindows(found, edges, fill, deps.clock());
  const chunks = query.points === undefined ? whole : reduceWindows(whole, query.points);
  const windows: AnswerWindows = { from, to, zone, every: every.text, fn, fill, edges };
  return sendAnswer(reply, chunks, writtenWindows(type, series, windows));
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function* nothing(): AsyncGenerator<never> {}
