import { grouped } from '../../../model/grouped.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { ResultTooLargeError } from '../../port/errors.js';
import type { RawQuery, SeriesKey, VersionChunk } from '../../port/queries.js';
import type { HistorianStore } from '../../port/store.js';
import { stretches } from './replays.js';
import type { Version, VersionFile } from './version-file.js';

interface Listed {
  readonly version: Version;
  readonly counts: boolean;
}

/**
 * All versions of the readings that have more than one, series by series. The version that counts is the one the store
 * returns; of equal versions, the one received last.
 * @throws ResultTooLargeError before the first chunk
 */
export async function* listVersions(
  store: Pick<HistorianStore, 'raw'>,
  file: VersionFile,
  { series, from, to, limit }: RawQuery,
): AsyncGenerator<VersionChunk, void, undefined> {
  let rows = 0;
  for (const one of series) rows += file.count(one, from, to);
  if (rows > limit) throw new ResultTooLargeError(limit);
  for (const one of series) {
    const byTime = grouped(file.list(one, from, to), ({ ts }) => ts);
    const counting = await whatCounts(store, file, one, byTime);
    const listed = [...byTime].flatMap(([ts, versions]) => marked(versions, counting.get(ts)));
    if (listed.length > 0) yield chunkOf(one, listed);
  }
}

/** Reads the store's own version of each time. */
async function whatCounts(
  store: Pick<HistorianStore, 'raw'>,
  file: VersionFile,
  series: SeriesKey,
  times: ReadonlyMap<number, unknown>,
) {
  const found = new Map<number, Version>();
  for (const { from, to } of stretches([...times.keys()])) {
    for await (const chunk of store.raw({ series: [series], from, to, limit: Number.MAX_SAFE_INTEGER })) {
      for (let i = 0; i < chunk.ts.length; i += 1) {
        const ts = chunk.ts[i]!;
        if (times.has(ts)) found.set(ts, file.versionAt(chunk, i));
      }
    }
  }
  return found;
}

function marked(versions: readonly Version[], counting: Version | undefined): Listed[] {
  const last = versions.findLast(({ value, flag }) => value === counting?.value && flag === counting.flag);
  const all = last === undefined && counting !== undefined ? [...versions, counting] : versions;
  if (all.length < 2) return [];
  return all.map((version) => ({ version, counts: version === (last ?? counting) }));
}

function chunkOf(series: SeriesKey, listed: readonly Listed[]): VersionChunk {
  return {
    series,
    ts: Float64Array.from(listed, ({ version }) => version.ts),
    value: Float64Array.from(listed, ({ version }) => version.value),
    flag: Uint8Array.from(listed, ({ version }) => DATA_FLAGS.indexOf(version.flag)),
    quality: Uint8Array.from(listed, ({ version }) => QUALITIES.indexOf(version.quality)),
    receivedAt: Float64Array.from(listed, ({ version }) => version.receivedAt),
    gateway: listed.map(({ version }) => version.gateway),
    counts: Uint8Array.from(listed, ({ counts }) => (counts ? 1 : 0)),
  };
}
