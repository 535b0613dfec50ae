import type { RawChunk, VersionChunk } from '../../../historian/port/queries.js';
import { deviceOf } from '../../../model/ids.js';
import type { Written } from '../send.js';
import type { AskedSeries } from '../series.js';
import type { FilledChunk } from '../thin/fill.js';
import { rawCsv, versionsCsv, windowsCsv } from './csv.js';
import { type Columns, type Format, writeAnswer } from './format.js';
import { type AnswerRange, type AnswerWindows, JSON_TYPE, rawJson, versionsJson, windowsJson } from './json.js';
import { PARQUET, rawParquet, windowsParquet } from './parquet.js';

/** Media types of an answer, the preferred one first. */
export const MEDIA_TYPES = ['application/json', 'text/csv', PARQUET] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** How raw readings are written in the media type asked for. */
export function writtenRaw(
  type: MediaType,
  asked: readonly AskedSeries[],
  range: AnswerRange,
  nextCursor: string | null,
): Written<RawChunk> {
  if (type === 'application/json') return asJson(asked, () => rawJson(range, nextCursor));
  const name = fileName('readings', asked, range);
  if (type === 'text/csv') return formatted(asked, rawCsv(range), `${name}.csv`);
  return { contentType: PARQUET, fileName: `${name}.parquet`, write: (chunks) => rawParquet(asked, chunks) };
}

/** How versions of readings are written, as JSON or CSV. */
export function writtenVersions(
  type: MediaType,
  asked: readonly AskedSeries[],
  range: AnswerRange,
): Written<VersionChunk> {
  if (type === 'application/json') return asJson(asked, () => versionsJson(range));
  return formatted(asked, versionsCsv(range), `${fileName('versions', asked, range)}.csv`);
}

/** How windows are written in the media type asked for. */
export function writtenWindows(
  type: MediaType,
  asked: readonly AskedSeries[],
  windows: AnswerWindows,
): Written<FilledChunk> {
  if (type === 'application/json') return asJson(asked, () => windowsJson(windows));
  const name = fileName(`${windows.fn}-${windows.every}`, asked, windows);
  if (type === 'text/csv') return formatted(asked, windowsCsv(windows), `${name}.csv`);
  return {
    contentType: PARQUET,
    fileName: `${name}.parquet`,
    write: (chunks) => windowsParquet(asked, windows, chunks),
  };
}

/** The format is made when the answer begins: its head says what is known then. */
function asJson<C extends Columns>(asked: readonly AskedSeries[], format: () => Format<C>): Written<C> {
  return { contentType: JSON_TYPE, fileName: null, write: (chunks) => writeAnswer(asked, chunks, format()) };
}

function formatted<C extends Columns>(
  asked: readonly AskedSeries[],
  format: Format<C>,
  fileName: string | null,
): Written<C> {
  return { contentType: format.contentType, fileName, write: (chunks) => writeAnswer(asked, chunks, format) };
}

/** What, of what, from which day to which: letters, digits and hyphens alone. */
function fileName(what: string, asked: readonly AskedSeries[], { from, to, zone }: AnswerRange): string {
  const devices = [...new Set(asked.map(({ key }) => key.device))];
  const day = (time: number) => new Date(zone.toLocal(time)).toISOString().slice(0, 10);
  const of = devices.length === 1 ? deviceOf(devices[0]!) : `${devices.length}-devices`;
  return `${what}-${of}-${day(from)}-${day(to - 1)}`;
}
