import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { givesWay } from '../../../model/time/trust.js';
import type { LatestQuery, LatestValue } from '../../port/queries.js';
import { replaceFile } from '../catalog/files.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';

const MAGIC = 0x31_56_4c_50;
const HEADER_BYTES = 16;
/** ts, value, received_at as doubles, flag and quality as bytes. */
const ROW_BYTES = 26;

/** The newest reading of every series by event time, as columns indexed by series number. */
export class LatestValues {
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
   * Takes a reading in unless a newer one is there; of equal times the later arrival counts. Arrivals come in their order:
   * what is there of the future of this one dates from before our clock was set back.
   * @param now when it came; of what is replayed that is not its receipt
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

  /** Forgets values before `keepFrom`: their days are gone. */
  dropBefore(keepFrom: number): void {
    for (let i = 0; i < this.size; i += 1) if (this.ts[i]! < keepFrom) this.ts[i] = Number.NEGATIVE_INFINITY;
  }

  /** Time of the newest of all; -Infinity when there is none. */
  newest(): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.size; i += 1) if (this.ts[i]! > newest) newest = this.ts[i]!;
    return newest;
  }

  /** Those that are asked for, with what their numbers stand for. */
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

  toBytes(): Buffer {
    const n = this.size;
    const bytes = Buffer.alloc(HEADER_BYTES + n * ROW_BYTES);
    let at = HEADER_BYTES;
    for (const column of [this.ts, this.value, this.receivedAt, this.flag, this.quality]) {
      const part = column.subarray(0, n);
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeUInt32LE(n, 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 8);
    return bytes;
  }

  /** Undefined when the file is missing, torn or of another make: rebuild it then. */
  static async load(path: string): Promise<LatestValues | undefined> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined || bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
    const n = bytes.readUInt32LE(4);
    const body = bytes.subarray(HEADER_BYTES);
    if (body.length !== n * ROW_BYTES || crc32(body) !== bytes.readUInt32LE(8)) return undefined;
    const values = new LatestValues();
    values.grow(n);
    let at = 0;
    for (const column of [values.ts, values.value, values.receivedAt, values.flag, values.quality]) {
      const part = column.subarray(0, n);
      const target = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      target.set(body.subarray(at, at + part.byteLength));
      at += part.byteLength;
    }
    return values;
  }

  static save(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    return replaceFile(join(folder, name), bytes);
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
