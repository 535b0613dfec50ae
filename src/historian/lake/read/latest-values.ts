import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { givesWay, MAX_AHEAD_MS } from '../../../model/time/trust.js';
import type { LatestQuery, LatestValue } from '../../port/queries.js';
import type { LakeFiles } from '../catalog/file-checks.js';
import type { LakeFile } from '../catalog/manifest.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import { columnOf, type Engine } from '../engine.js';
import { parquet } from './scan.js';

const MAGIC = 0x31_56_4c_50;
const HEADER_BYTES = 16;
/** ts, value, received_at as doubles, flag and quality as bytes. */
const ROW_BYTES = 26;

/** The newest reading of every series by event time, as columns indexed by series number. */
export class LakeLatestValues {
  ts = new Float64Array(0);
  value = new Float64Array(0);
  receivedAt = new Float64Array(0);
  flag = new Uint8Array(0);
  quality = new Uint8Array(0);
  /** Series below this number may have a value. */
  size = 0;

  has(series: number): boolean {
    return series < this.size && this.ts[series]! > Number.NEGATIVE_INFINITY;
  }

  /**
   * Stores a reading unless a newer one is there; of equal times the later receipt counts. Readings come in order of
   * receipt, so that a stored time in the future of `now` dates from a clock since set back: the reading replaces it.
   * @param now when the reading came; for a replay this is not its receipt
   */
  offer(
    series: number,
    ts: number,
    value: number,
    flag: number,
    quality: number,
    receivedAt: number,
    now = receivedAt,
  ): void {
    if (series >= this.size) this.grow(series + 1);
    const newest = this.ts[series]!;
    if (ts < newest && !givesWay({ ts: newest, receivedAt: this.receivedAt[series]! }, now)) return;
    this.ts[series] = ts;
    this.value[series] = value;
    this.flag[series] = flag;
    this.quality[series] = quality;
    this.receivedAt[series] = receivedAt;
  }

  /** Drops values before `keepFrom`, whose days retention dropped. */
  dropBefore(keepFrom: number): void {
    for (let i = 0; i < this.size; i += 1) if (this.ts[i]! < keepFrom) this.ts[i] = Number.NEGATIVE_INFINITY;
  }

  /** Newest time of all series; -Infinity without any. */
  newest(): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.size; i += 1) if (this.ts[i]! > newest) newest = this.ts[i]!;
    return newest;
  }

  /** The matching values with their series. */
  find(series: Pick<SeriesDictionary, 'entry'>, { park, domain, device }: LatestQuery): LatestValue[] {
    const found: LatestValue[] = [];
    for (let id = 0; id < this.size; id += 1) {
      const entry = series.entry(id);
      if (entry === undefined || !this.has(id)) continue;
      if (entry.park !== (park ?? entry.park) || entry.domain !== (domain ?? entry.domain)) continue;
      if (entry.device !== (device ?? entry.device)) continue;
      const [flag, quality] = [DATA_FLAGS[this.flag[id]!]!, QUALITIES[this.quality[id]!]!];
      const [ts, value, receivedAt] = [this.ts[id]!, this.value[id]!, this.receivedAt[id]!];
      found.push({ ...entry, ts, value, flag, quality, receivedAt });
    }
    return found;
  }

  private get columns(): readonly (Float64Array | Uint8Array)[] {
    return [this.ts, this.value, this.receivedAt, this.flag, this.quality];
  }

  toBytes(): Buffer {
    const n = this.size;
    const bytes = Buffer.alloc(HEADER_BYTES + n * ROW_BYTES);
    let at = HEADER_BYTES;
    for (const column of this.columns) {
      const part = column.subarray(0, n);
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeUInt32LE(n, 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 8);
    return bytes;
  }

  /** Undefined when the file is missing, torn or of another format: the caller rebuilds it. */
  static async load(path: string): Promise<LakeLatestValues | undefined> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined || bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
    const n = bytes.readUInt32LE(4);
    const body = bytes.subarray(HEADER_BYTES);
    if (body.length !== n * ROW_BYTES || crc32(body) !== bytes.readUInt32LE(8)) return undefined;
    const values = new LakeLatestValues();
    values.grow(n);
    let at = 0;
    for (const column of values.columns) {
      const part = column.subarray(0, n);
      const target = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      target.set(body.subarray(at, at + part.byteLength));
      at += part.byteLength;
    }
    return values;
  }

  private grow(size: number): void {
    if (size > this.ts.length) {
      const room = Math.max(size, this.ts.length * 2, 1024);
      const ts = new Float64Array(room).fill(Number.NEGATIVE_INFINITY);
      ts.set(this.ts);
      this.ts = ts;
      this.value = wider(this.value, new Float64Array(room));
      this.receivedAt = wider(this.receivedAt, new Float64Array(room));
      this.flag = wider(this.flag, new Uint8Array(room));
      this.quality = wider(this.quality, new Uint8Array(room));
    }
    this.size = size;
  }
}

function wider<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

interface LatestFileParts extends Pick<LakeFiles, 'folder' | 'engine' | 'committed' | 'checks'> {
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The latest values as of the last seal, from their file or else from the readings. */
export async function openLatest(parts: LatestFileParts): Promise<LakeLatestValues> {
  const { folder, committed } = parts;
  const { latest } = committed.manifest;
  const stored = latest === null ? undefined : await LakeLatestValues.load(join(folder, latest));
  const values = stored ?? (await rebuildLatest(parts));
  const { files, keptFrom } = committed.manifest;
  values.dropBefore(files.reduce((least, { minTs }) => Math.min(least, minTs), keptFrom));
  return values;
}

/**
 * Rebuilds the latest values from all files when their own file is lost. Times in the future count only for series that
 * have no others, because files are not in order of receipt. Leaves out unreadable files and has them checked.
 */
async function rebuildLatest({ folder, engine, committed, checks, now }: LatestFileParts): Promise<LakeLatestValues> {
  await checks.examine(committed.manifest.files);
  const { files } = committed.manifest;
  const latest = new LakeLatestValues();
  const failed: LakeFile[] = [];
  const offer = async (file: LakeFile, where: string, isWanted: (series: number) => boolean) => {
    const rows = `${parquet(folder, [file])} WHERE ${where}`;
    await offerNewest(engine, rows, latest, isWanted).catch(() => failed.push(file));
  };
  for (const file of files) await offer(file, `ts <= ${now + MAX_AHEAD_MS}`, () => true);
  const known = new Set(Array.from({ length: latest.size }, (_, series) => series).filter((one) => latest.has(one)));
  const ahead = files.filter(({ maxTs }) => maxTs > now + MAX_AHEAD_MS);
  for (const file of ahead) await offer(file, `ts > ${now + MAX_AHEAD_MS}`, (series) => !known.has(series));
  await checks.examine(failed);
  return latest;
}

async function offerNewest(
  engine: Engine,
  source: string,
  into: LakeLatestValues,
  isWanted: (series: number) => boolean,
): Promise<void> {
  const sql =
    'SELECT series, max(ts)::DOUBLE, arg_max(value, ts), arg_max(flag, ts), arg_max(quality, ts), ' +
    `(arg_max(receipt, ts) + max(ts))::DOUBLE FROM ${source} GROUP BY series`;
  for await (const chunk of engine.stream({ sql })) {
    const series = columnOf<Int32Array>(chunk, 0);
    const [ts, value] = [columnOf<Float64Array>(chunk, 1), columnOf<Float64Array>(chunk, 2)];
    const [flag, quality] = [columnOf<Uint8Array>(chunk, 3), columnOf<Uint8Array>(chunk, 4)];
    const receivedAt = columnOf<Float64Array>(chunk, 5);
    for (let i = 0; i < chunk.rowCount; i += 1) {
      const id = series[i]!;
      if (!isWanted(id) || (into.has(id) && ts[i]! < into.ts[id]!)) continue;
      into.offer(id, ts[i]!, value[i]!, flag[i]!, quality[i]!, receivedAt[i]!);
    }
  }
}
