import type { RawChunk, VersionChunk, WindowFunction } from '../../../historian/port/queries.js';
import type { TimeSpan } from '../../../historian/port/stats.js';
import { deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { formatInstant } from '../../../model/time/rfc3339.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { instantBytes } from '../../../model/time/zone-bytes.js';
import type { AskedSeries } from '../series.js';
import type { Fill, FilledChunk } from '../thin/fill.js';
import { ascii, putBytes, putNumber } from './bytes.js';
import { type Format, type SeriesColumns, windowEnds } from './format.js';

export interface AnswerRange {
  readonly from: number;
  readonly to: number;
  readonly zone: TimeZone;
  /** Where readings are missing because files of history are; called when the answer begins. */
  readonly missing?: () => readonly TimeSpan[];
}

export interface AnswerWindows extends AnswerRange {
  readonly every: string;
  readonly fn: WindowFunction;
  readonly fill: Fill;
  readonly edges: Float64Array;
}

/** The text between value and time of receipt, by `flag * QUALITIES.length + quality`. */
const VERDICTS = DATA_FLAGS.flatMap((flag) =>
  QUALITIES.map((quality) => ascii(`,"flag":"${flag}","quality":"${quality}","receivedAt":"`)),
);
const TS = ascii('{"ts":"');
const START = ascii('{"start":"');
const END = ascii('","end":"');
const VALUE = ascii('","value":');
const ROW_END = ascii('"}');
const FILLED = ascii(',"filled":true');
const BRACE = '}'.charCodeAt(0);

export const JSON_TYPE = 'application/json; charset=utf-8';

const envelope = <C extends SeriesColumns>(head: Record<string, unknown>, tail: string) =>
  ({
    contentType: JSON_TYPE,
    head: `${JSON.stringify(head).slice(0, -1)},"series":[`,
    open({ key, metric }: AskedSeries, first: boolean) {
      const named = JSON.stringify({ device: deviceOf(key.device), metric: key.metric, unit: metric.unit });
      return `${first ? '' : ','}${named.slice(0, -1)},"points":[`;
    },
    separator: ',',
    close: ']}',
    tail,
  }) satisfies Omit<Format<C>, 'rows'>;

const rangeHead = ({ from, to, zone, missing }: AnswerRange) => {
  const incomplete = missing?.() ?? [];
  const toWire = (span: TimeSpan) => ({ from: formatInstant(span.from, zone), to: formatInstant(span.to, zone) });
  return {
    ...toWire({ from, to }),
    timeZone: zone.name,
    ...(incomplete.length > 0 && { incomplete: incomplete.map(toWire) }),
  };
};

export function rawJson(range: AnswerRange, nextCursor: string | null): Format<RawChunk> {
  return {
    ...envelope<RawChunk>(rangeHead(range), `],"nextCursor":${JSON.stringify(nextCursor)}}`),
    rows() {
      const time = instantBytes(range.zone);
      const received = instantBytes(range.zone);
      return ({ ts, value, flag, quality, receivedAt }, i, into, from) => {
        let at = time(ts[i]!, into, putBytes(TS, into, from));
        at = putNumber(value[i]!, into, putBytes(VALUE, into, at));
        at = putBytes(VERDICTS[flag[i]! * QUALITIES.length + quality[i]!]!, into, at);
        return putBytes(ROW_END, into, received(receivedAt[i]!, into, at));
      };
    },
  };
}

const ENDS = [ascii(',"counts":false}'), ascii(',"counts":true}')] as const;

/** As raw readings, with the gateway of each version and whether it counts. */
export function versionsJson(range: AnswerRange): Format<VersionChunk> {
  const raw = rawJson(range, null);
  return {
    ...raw,
    rows(series) {
      const row = raw.rows(series);
      return (chunk, i, into, from) => {
        // In place of the closing brace.
        const at = row(chunk, i, into, from) - 1;
        const sent = putBytes(ascii(`,"gateway":${JSON.stringify(chunk.gateway[i])}`), into, at);
        return putBytes(ENDS[chunk.counts[i] === 1 ? 1 : 0], into, sent);
      };
    },
  };
}

export function windowsJson(windows: AnswerWindows): Format<FilledChunk> {
  const { every, fn, zone, edges } = windows;
  return {
    ...envelope<FilledChunk>({ ...rangeHead(windows), every, fn }, ']}'),
    rows() {
      const time = instantBytes(zone);
      const endOf = windowEnds(edges);
      return ({ start, value, filled }, i, into, from) => {
        let at = time(start[i]!, into, putBytes(START, into, from));
        at = time(endOf(start[i]!), into, putBytes(END, into, at));
        at = putNumber(value[i]!, into, putBytes(VALUE, into, at));
        if (filled[i] === 1) at = putBytes(FILLED, into, at);
        into[at] = BRACE;
        return at + 1;
      };
    },
  };
}
