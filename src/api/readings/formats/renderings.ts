import type { RawChunk, VersionChunk } from '../../../historian/port/queries.js';
import type { Rendering } from '../../../http/send.js';
import { deviceOf } from '../../../model/ids.js';
import type { AskedSeries } from '../series.js';
import type { FilledChunk } from '../thin/fill.js';
import { rawCsv, versionsCsv, windowsCsv } from './csv.js';
import { type Format, type SeriesColumns, writeAnswer } from './format.js';
import { type AnswerRange, type AnswerWindows, JSON_TYPE, rawJson, versionsJson, windowsJson } from './json.js';
import { PARQUET, rawParquet, windowsParquet } from './parquet.js';

/** Media types of an answer, the preferred one first. */
export const MEDIA_TYPES = ['application/json', 'text/csv', PARQUET] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Rendering of raw readings in the requested media type. */
export function renderRaw(
  type: MediaType,
  asked: readonly AskedSeries[],
  range: AnswerRange,
  nextCursor: string | null,
): Rendering<RawChunk> {
  if (type === 'application/json') return asJson(asked, () => rawJson(range, nextCursor));
  const name = fileName('readings', asked, range);
  return type === 'text/csv'
    ? asCsv(asked, rawCsv(range), name)
    : asParquet(name, (chunks) => rawParquet(asked, chunks));
}

/** Rendering of versions of readings, as JSON or CSV. */
export function renderVersions(
  type: MediaType,
  asked: readonly AskedSeries[],
  range: AnswerRange,
): Rendering<VersionChunk> {
  if (type === 'application/json') return asJson(asked, () => versionsJson(range));
  return asCsv(asked, versionsCsv(range), fileName('versions', asked, range));
}

/** Rendering of windows in the requested media type. */
export function renderWindows(
  type: MediaType,
  asked: readonly AskedSeries[],
  windows: AnswerWindows,
): Rendering<FilledChunk> {
  if (type === 'application/json') return asJson(asked, () => windowsJson(windows));
  const name = fileName(`${windows.fn}-${windows.every}`, asked, windows);
  if (type === 'text/csv') return asCsv(asked, windowsCsv(windows), name);
  return asParquet(name, (chunks) => windowsParquet(asked, windows, chunks));
}

/** Creates the format when the answer begins: its head states what is known then. */
function asJson<C extends SeriesColumns>(asked: readonly AskedSeries[], format: () => Format<C>): Rendering<C> {
  return { contentType: JSON_TYPE, fileName: null, write: (chunks) => writeAnswer(asked, chunks, format()) };
}

function asCsv<C extends SeriesColumns>(asked: readonly AskedSeries[], format: Format<C>, name: string): Rendering<C> {
  const { contentType } = format;
  return { contentType, fileName: `${name}.csv`, write: (chunks) => writeAnswer(asked, chunks, format) };
}

function asParquet<C>(name: string, write: Rendering<C>['write']): Rendering<C> {
  return { contentType: PARQUET, fileName: `${name}.parquet`, write };
}

/** Kind, series, first and last day: letters, digits and hyphens alone. */
function fileName(what: string, asked: readonly AskedSeries[], { from, to, zone }: AnswerRange): string {
  const devices = [...new Set(asked.map(({ key }) => key.device))];
  const day = (time: number) => new Date(zone.toLocal(time)).toISOString().slice(0, 10);
  const of = devices.length === 1 ? deviceOf(devices[0]!) : `${devices.length}-devices`;
  return `${what}-${of}-${day(from)}-${day(to - 1)}`;
}
