import type { DeviceKey } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { TimeSpan } from '../port/stats.js';
import type { AnswerBlock } from './decode/answer-block.js';
import { CsvAnswer } from './decode/answer-csv.js';
import { JsonAnswer } from './decode/answer-json.js';
import { FIRST_INSTANT, type InfluxStatement, LAST_INSTANT } from './read/statements.js';
import type { PointTags } from './schema.js';
import type { Transport } from './transport.js';

/** Origin and tags of a device from one time (epoch ms) until its next epoch. */
export interface Epoch extends PointTags {
  readonly from: number;
}

/** The epoch at a time; the device must have one. */
export function epochAt<E extends Epoch>(epochs: readonly E[], ts: number): E {
  let i = epochs.length - 1;
  while (i > 0 && epochs[i]!.from > ts) i -= 1;
  return epochs[i]!;
}

/** All domains that a device ever had. */
export const domainsOf = (epochs: readonly Epoch[]): ReadonlySet<Domain> => new Set(epochs.map(({ domain }) => domain));

/** Epochs of all devices; the writing side maintains them. */
export interface DeviceEpochs {
  /** Rising, the first from the beginning of time; empty for a device that never reported. */
  of(device: DeviceKey): readonly Epoch[];
}

/** Everything that a query of InfluxDB needs. */
export interface InfluxSource {
  readonly transport: Pick<Transport, 'api' | 'query' | 'write'>;
  /** Bucket of the readings. */
  readonly bucket: string;
  /** Cancels the query. */
  readonly signal?: AbortSignal | undefined;
  readonly epochs: DeviceEpochs;
  /** Queries ignore readings before this, whether the server has deleted them yet or not. Epoch ms. */
  readonly keptFrom: () => number;
}

/**
 * Runs one statement and yields its answer block by block, as fast as the caller reads. Ending the iteration ends the
 * request. An answer that InfluxDB could not complete throws; it is never shortened.
 * @throws InfluxError
 */
export async function* answerBlocks(
  transport: Pick<Transport, 'api' | 'query'>,
  database: string,
  { text, params, groupBy }: InfluxStatement,
  signal?: AbortSignal,
): AsyncGenerator<AnswerBlock, void, undefined> {
  const decoder = transport.api === 'v3' ? new CsvAnswer(groupBy) : new JsonAnswer();
  for await (const bytes of transport.query(database, text, params, signal)) yield* decoder.accept(bytes);
  yield* decoder.end();
}

export function ask(source: InfluxSource, statement: InfluxStatement, own?: AbortSignal): AsyncGenerator<AnswerBlock> {
  const { transport, bucket, signal } = source;
  const both = own === undefined || signal === undefined ? (own ?? signal) : AbortSignal.any([signal, own]);
  return answerBlocks(transport, bucket, statement, both);
}

/** A span in which the device's readings are in one measurement. */
interface DomainSpan extends TimeSpan {
  readonly domain: Domain;
}

/** The part of a span within retention, cut where the device changed its domain; times rising. */
export function domainSpans(source: InfluxSource, device: DeviceKey, span: TimeSpan): DomainSpan[] {
  const from = Math.max(span.from, source.keptFrom(), FIRST_INSTANT);
  const to = Math.min(span.to, LAST_INSTANT);
  const spans: { domain: Domain; from: number; to: number }[] = [];
  const epochs = source.epochs.of(device);
  epochs.forEach((epoch, i) => {
    const start = i === 0 ? from : Math.max(from, epoch.from);
    const end = Math.min(to, epochs[i + 1]?.from ?? Number.POSITIVE_INFINITY);
    if (!(start < end)) return;
    const last = spans.at(-1);
    if (last?.domain === epoch.domain) last.to = end;
    else spans.push({ domain: epoch.domain, from: start, to: end });
  });
  return spans;
}
