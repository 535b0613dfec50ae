import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type DeviceKey, deviceKey, deviceOf } from '../../../model/ids.js';
import type { Domain } from '../../../model/reading.js';
import type { DeviceOrigin } from '../../move/port.js';
import type { SeriesKey } from '../../port/queries.js';
import { LakeDamagedError } from '../errors.js';
import { syncFolder } from './files.js';
import type { Manifest } from './manifest.js';

/** What a series number stands for. */
interface SeriesEntry extends SeriesKey, DeviceOrigin {}

interface DeviceSeries {
  readonly park: string;
  domain: Domain;
  readonly metrics: Map<string, number>;
}

const NAME = 'series.ndjson';

/**
 * Numbers series from 0 in order of first sight, so that files hold small integers. Kept as append-only NDJSON, the
 * device by its id beside its park; a later line for a number replaces the earlier one (a device of another domain now).
 */
export class SeriesDictionary {
  private readonly entries: SeriesEntry[] = [];
  private readonly devices = new Map<DeviceKey, DeviceSeries>();
  private unsaved = '';
  private syncing: Promise<void> = Promise.resolve();
  /** Numbers below this are on disk. */
  durableSize = 0;

  /** Bytes of the file that are whole lines, and their CRC-32. */
  private end = 0;
  private crc = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
  ) {}

  /**
   * Reads what is there; what follows a line that a crash tore is cut off at the next `sync`.
   * @throws LakeDamagedError when it is not the dictionary that the manifest relies on: other readings would answer to its numbers
   */
  static async open(
    folder: string,
    manifest: Pick<Manifest, 'series' | 'dictionary'> = { series: 0 },
  ): Promise<SeriesDictionary> {
    const file = await open(join(folder, NAME), 'a+');
    try {
      const bytes = await file.readFile();
      const text = bytes.toString('utf8');
      const dictionary = new SeriesDictionary(file, join(folder, NAME));
      const lines = text.split('\n');
      lines.pop();
      for (const line of lines) if (!dictionary.load(line)) break;
      dictionary.crc = crc32(bytes.subarray(0, dictionary.end));
      dictionary.durableSize = dictionary.size;
      dictionary.check(manifest, bytes);
      await syncFolder(folder);
      return dictionary;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get size(): number {
    return this.entries.length;
  }

  entry(id: number): SeriesEntry | undefined {
    return this.entries[id];
  }

  find(key: SeriesKey): number | undefined {
    return this.devices.get(key.device)?.metrics.get(key.metric);
  }

  /** Where a device belongs now. */
  originOf(device: DeviceKey): DeviceOrigin | undefined {
    return this.devices.get(device);
  }

  /** The device's metric → number, made or moved where needed; ask `number` for metrics it lacks. */
  device(device: DeviceKey, park: string, domain: Domain): ReadonlyMap<string, number> {
    const known = this.devices.get(device);
    if (known === undefined) {
      const metrics = new Map<string, number>();
      this.devices.set(device, { park, domain, metrics });
      return metrics;
    }
    if (known.domain !== domain) {
      known.domain = domain;
      for (const [metric, id] of known.metrics) this.put(id, { device, metric, park, domain });
    }
    return known.metrics;
  }

  /** Numbers a metric of a device that `device()` was just asked for. */
  number(device: DeviceKey, metric: string): number {
    const { park, domain, metrics } = this.devices.get(device)!;
    const id = this.entries.length;
    metrics.set(metric, id);
    this.put(id, { device, metric, park, domain });
    return id;
  }

  /** The device of that id, of the first park that had it. */
  keyOf(id: string): DeviceKey | undefined {
    for (const key of this.devices.keys()) if (deviceOf(key) === id) return key;
    return undefined;
  }

  /** What a manifest may rely on: the part of the file that is durable. */
  get durable(): Required<Pick<Manifest, 'series' | 'dictionary'>> {
    return { series: this.durableSize, dictionary: { bytes: this.end, crc: this.crc } };
  }

  /** @throws LakeDamagedError when the lake's folder was removed or replaced while it is open: nothing there would last */
  async stillThere(): Promise<void> {
    const [own, there] = await Promise.all([this.file.stat(), stat(this.path).catch(() => null)]);
    if (there?.ino === own.ino && there.dev === own.dev) return;
    throw new LakeDamagedError(`${NAME} of the lake was removed or replaced while the service runs`);
  }

  private check({ series, dictionary }: Pick<Manifest, 'series' | 'dictionary'>, bytes: Buffer): void {
    if (this.size < series) {
      throw new LakeDamagedError(
        `series.ndjson of the lake has ${this.size} series, its files use ${series}: put back the one that belongs to manifest.json`,
      );
    }
    if (dictionary === undefined || dictionary.crc === crc32(bytes.subarray(0, dictionary.bytes))) return;
    throw new LakeDamagedError('series.ndjson of the lake is not the one that belongs to manifest.json, or is damaged');
  }

  /** Makes every number given out so far durable. */
  sync(): Promise<void> {
    const done = this.syncing.then(() => this.save());
    this.syncing = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.syncing;
    await this.file.close();
  }

  private async save(): Promise<void> {
    if (this.unsaved === '') return;
    const text = this.unsaved;
    const size = this.entries.length;
    const bytes = Buffer.from(text);
    await this.file.truncate(this.end);
    await this.file.appendFile(bytes);
    await this.file.sync();
    this.end += bytes.length;
    this.crc = crc32(bytes, this.crc);
    this.unsaved = this.unsaved.slice(text.length);
    this.durableSize = size;
  }

  private put(id: number, entry: SeriesEntry): void {
    this.entries[id] = entry;
    this.unsaved += `${JSON.stringify({ id, ...entry, device: deviceOf(entry.device) })}\n`;
  }

  /** False at a line that is not whole: what follows it cannot be trusted either. */
  private load(line: string): boolean {
    let read: Omit<SeriesEntry, 'device'> & { readonly id: number; readonly device: string };
    try {
      read = JSON.parse(line) as typeof read;
    } catch {
      return false;
    }
    const { id, metric, park, domain } = read;
    const device = deviceKey(park, read.device);
    if (!(Number.isInteger(id) && id >= 0 && id <= this.entries.length)) return false;
    const before = this.entries[id];
    if (before !== undefined && before.device !== device)
      this.devices.get(before.device)?.metrics.delete(before.metric);
    this.entries[id] = { device, metric, park, domain };
    const known = this.devices.get(device) ?? { park, domain, metrics: new Map<string, number>() };
    this.devices.set(device, known);
    known.domain = domain;
    known.metrics.set(metric, id);
    this.end += Buffer.byteLength(line) + 1;
    return true;
  }
}
