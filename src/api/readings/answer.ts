import type { FastifyReply } from 'fastify';
import { ResultTooLargeError } from '../../historian/port/errors.js';
import type { Historian, HistorianQueries } from '../../historian/port/queries.js';
import { linkNext } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { sendAnswer } from '../../http/send.js';
import { formatInstant } from '../../model/time/rfc3339.js';
import { windowEdges } from '../../model/time/windows.js';
import type { ApiDeps } from '../deps.js';
import type { AnswerRange, AnswerWindows } from './formats/json.js';
import { type MediaType, renderRaw, renderVersions, renderWindows } from './formats/renderings.js';
import { readCursor, readPage } from './page.js';
import { MAX_RAW_READINGS, MAX_STREAMED_READINGS, MAX_VERSIONS, MAX_WINDOWS, type ReadingsQuery } from './schemas.js';
import { type AskedSeries, requireCounters } from './series.js';
import { fillWindows, unfilled } from './thin/fill.js';
import { reduceRaw, reduceWindows } from './thin/reduce.js';

/** Most gaps in a header; JSON has them all. */
const NAMED_GAPS = 20;

export type AnswerDeps = Pick<ApiDeps, 'clock'> & {
  readonly historian: Pick<HistorianQueries, 'raw' | 'windows' | 'latest'> &
    Partial<Pick<Historian, 'missing' | 'versions'>>;
  /** Most raw readings of one answer: as JSON, and as CSV and Parquet or with `points`. */
  readonly maxRawReadings?: number;
  readonly maxStreamedReadings?: number;
};

interface Asked extends AnswerRange {
  readonly query: ReadingsQuery;
  readonly series: readonly AskedSeries[];
  readonly type: MediaType;
  /** Id of the token that asks. */
  readonly by: string;
}

export async function answerRaw(reply: FastifyReply, deps: AnswerDeps, asked: Asked): Promise<FastifyReply> {
  const { query, series, from, to, type, by } = asked;
  const { points } = query;
  const keys = series.map((one) => one.key);
  if (query.limit) return answerPage(reply, deps, asked, query.limit);
  const streamed = points !== undefined || type !== 'application/json';
  const limit = streamed
    ? (deps.maxStreamedReadings ?? MAX_STREAMED_READINGS)
    : (deps.maxRawReadings ?? MAX_RAW_READINGS);
  const chunks = keys.length === 0 ? nothing() : deps.historian.raw({ series: keys, from, to, limit, by });
  return sendAnswer(reply, chunks, (all) => (points === undefined ? all : reduceRaw(all, points)), {
    ...renderRaw(type, series, asked, null),
    headers: () => gapHeaders(asked),
  });
}

/** @throws ProblemError 422 when there are more than the bound of one answer */
export async function answerVersions(reply: FastifyReply, deps: AnswerDeps, asked: Asked): Promise<FastifyReply> {
  const { series, from, to, type, by } = asked;
  const query = { series: series.map((one) => one.key), from, to, limit: MAX_VERSIONS, by };
  const chunks = (query.series.length > 0 && deps.historian.versions?.(query)) || nothing();
  try {
    const rendering = { ...renderVersions(type, series, asked), headers: () => gapHeaders(asked) };
    return await sendAnswer(reply, chunks, (all) => all, rendering);
  } catch (error) {
    if (!(error instanceof ResultTooLargeError)) throw error;
    const detail = `the range holds more than ${MAX_VERSIONS} versions, the bound of one answer: narrow from and to, or ask for fewer series`;
    throw problem(422, 'too_many_versions', detail, { bound: 'versions', limit: MAX_VERSIONS });
  }
}

async function answerPage(reply: FastifyReply, deps: AnswerDeps, asked: Asked, limit: number): Promise<FastifyReply> {
  const { query, series, from, to, type, by } = asked;
  const { chunks, nextCursor } = await readPage(deps.historian, {
    ...{ series: series.map((one) => one.key), from, to, limit, by },
    cursor: query.cursor ? readCursor(query.cursor) : null,
    gone: () => reply.raw.destroyed,
  });
  linkNext(reply, nextCursor);
  const rendering = { ...renderRaw(type, series, asked, nextCursor), headers: () => gapHeaders(asked) };
  return sendAnswer(reply, iterate(chunks), (page) => page, rendering);
}

export async function answerWindows(
  reply: FastifyReply,
  deps: AnswerDeps,
  asked: Asked,
  every: NonNullable<ReadingsQuery['every']>,
): Promise<FastifyReply> {
  const { query, series, from, to, zone, type, by } = asked;
  const { fn = 'mean', fill = 'none', points } = query;
  if (fn === 'delta') requireCounters(series);
  const most = Math.floor(MAX_WINDOWS / Math.max(1, series.length));
  const edges = windowEdges(from, to, every.duration, zone, most);
  const { missing } = asked;
  const windows: AnswerWindows = { from, to, zone, every: every.text, fn, fill, edges, ...(missing && { missing }) };
  const keys = series.map((one) => one.key);
  const chunks = keys.length === 0 ? nothing() : deps.historian.windows({ series: keys, edges, fn, by });
  return sendAnswer(
    reply,
    chunks,
    (found) => {
      const whole = fill === 'none' ? unfilled(found) : fillWindows(found, edges, fill, deps.clock());
      return points === undefined ? whole : reduceWindows(whole, points);
    },
    { ...renderWindows(type, series, windows), headers: () => gapHeaders(asked) },
  );
}

/** Names missing readings in every media type: RFC 3339 intervals in headers. */
function gapHeaders({ missing, zone }: AnswerRange): Record<string, string> {
  const spans = missing?.() ?? [];
  if (spans.length === 0) return {};
  const gaps = spans
    .slice(0, NAMED_GAPS)
    .map(({ from, to }) => `${formatInstant(from, zone)}/${formatInstant(to, zone)}`);
  return { 'history-incomplete': gaps.join(', ') };
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function* nothing(): AsyncGenerator<never> {}
