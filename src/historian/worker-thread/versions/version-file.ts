import { existsSync, renameSync } from 'node:fs';
import type { DeviceKey } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES, type Reading } from '../../../model/reading.js';
import { HOUR_MS } from '../../../model/time/duration.js';
import type { Database, Statement } from '../../../sqlite.js';
import { isDamage, openDurable } from '../../durable-file.js';
import type { RawChunk, SeriesKey } from '../../port/queries.js';

/** One value received for a series and a time. Times are epoch milliseconds. */
export interface Version extends SeriesKey, Reading {
  readonly receivedAt: number;
  /** Gateway that sent it; null if no longer known. */
  readonly gateway: string | null;
}

/** From this receipt on, the device's messages came from this gateway. */
export interface SenderSince {
  readonly device: DeviceKey;
  readonly since: number;
  readonly gateway: string;
}

/** Versions of one batch: those in `sure` have their gateway, for the others the receipt gives a likely one. */
export interface Noted {
  readonly version: Version;
  readonly sure: boolean;
}

interface VersionFileOptions {
  /** Versions above this number are dropped and counted. */
  readonly maxVersions?: number;
  /** Changes of sender above this number are dropped, the oldest first. */
  readonly maxSenders?: number;
  readonly onWarning: (message: string) => void;
}

const MAX_VERSIONS = 1_000_000;
const MAX_SENDERS = 1_000_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS versions (
    id          INTEGER PRIMARY KEY,
    device      TEXT NOT NULL,
    metric      TEXT NOT NULL,
    ts          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    value       REAL NOT NULL,
    flag        TEXT NOT NULL,
    quality     TEXT NOT NULL,
    gateway     TEXT,
    UNIQUE (device, metric, ts, received_at, value, flag)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS versions_ts ON versions (ts);
  CREATE TABLE IF NOT EXISTS senders (
    device  TEXT NOT NULL,
    since   INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    PRIMARY KEY (device, since)
  ) STRICT;`;

type Range = [device: string, metric: string, from: number, to: number];

/** The file of overwritten versions; `write` returns when they are durable. */
export class VersionFile {
  /** Versions dropped because the file is full. */
  full = 0;
  private rows: number;
  private senderRows: number;
  private droppedTo = Number.NEGATIVE_INFINITY;
  private readonly insert: Statement;
  private readonly knowSender: Statement;
  private readonly insertSender: Statement;
  private readonly senderOf: Statement<[string, number], { gateway: string }>;
  private readonly select: Statement<Range, Version>;
  private readonly counted: Statement<Range, { n: number }>;

  private constructor(
    private readonly db: Database,
    private readonly options: VersionFileOptions,
  ) {
    this.insert = db.prepare(`INSERT INTO versions (device, metric, ts, received_at, value, flag, quality, gateway)
      VALUES (@device, @metric, @ts, @receivedAt, @value, @flag, @quality, @gateway) ON CONFLICT DO NOTHING`);
    this.knowSender = db.prepare(`UPDATE versions SET gateway = @gateway WHERE device = @device AND metric = @metric
      AND ts = @ts AND received_at = @receivedAt AND value = @value AND flag = @flag AND gateway IS NOT @gateway`);
    this.insertSender = db.prepare('INSERT OR REPLACE INTO senders VALUES (@device, @since, @gateway)');
    this.senderOf = db.prepare(
      'SELECT gateway FROM senders WHERE device = ? AND since <= ? ORDER BY since DESC LIMIT 1',
    );
    const range = 'FROM versions WHERE device = ? AND metric = ? AND ts >= ? AND ts < ?';
    this.select = db.prepare(
      `SELECT device, metric, ts, received_at AS receivedAt, value, flag, quality, gateway ${range} ORDER BY ts, received_at, id`,
    );
    this.counted = db.prepare(`SELECT count(*) AS n ${range}`);
    this.rows = this.countOf('versions');
    this.senderRows = this.countOf('senders');
  }

  /** Opens or creates the file; sets a damaged file aside, because ingest must continue without its versions. */
  static open(path: string, options: VersionFileOptions): VersionFile {
    const opened = () => openDurable(path, SCHEMA, (db) => new VersionFile(db, options));
    try {
      return opened();
    } catch (error) {
      if (!isDamage(error)) throw error;
      let aside = `${path}.damaged`;
      for (let i = 2; existsSync(aside); i += 1) aside = `${path}.damaged-${i}`;
      for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
      options.onWarning(`the service set the damaged file of versions aside as ${aside}: ${String(error)}`);
      return opened();
    }
  }

  get kept(): number {
    return this.rows;
  }

  /** Last gateway of each device. */
  lastSenders(): Map<DeviceKey, string> {
    const rows = this.db
      .prepare<[], SenderSince>('SELECT device, max(since) AS since, gateway FROM senders GROUP BY device')
      .all();
    return new Map(rows.map(({ device, gateway }) => [device, gateway]));
  }

  /** Gateway from which the device's messages came at that receipt. */
  senderAt(device: DeviceKey, receivedAt: number): string | null {
    return this.senderOf.get(device, receivedAt)?.gateway ?? null;
  }

  /** The store's version of one time, with the sender that its receipt implies. */
  versionAt(chunk: RawChunk, i: number): Version {
    const { device, metric } = chunk.series;
    const receivedAt = chunk.receivedAt[i]!;
    return {
      device,
      metric,
      ts: chunk.ts[i]!,
      receivedAt,
      value: chunk.value[i]!,
      flag: DATA_FLAGS[chunk.flag[i]!]!,
      quality: QUALITIES[chunk.quality[i]!]!,
      gateway: this.senderAt(device, receivedAt),
    };
  }

  /** Writing a version again changes nothing. */
  write(noted: readonly Noted[], senders: readonly SenderSince[]): void {
    if (noted.length === 0 && senders.length === 0) return;
    const { maxVersions = MAX_VERSIONS } = this.options;
    let [added, full] = [0, 0];
    this.db.transaction(() => {
      for (const sender of senders) this.insertSender.run(sender);
      for (const { version, sure } of noted) {
        if (this.rows + added >= maxVersions) full += 1;
        else if (this.insert.run(version).changes > 0) added += 1;
        else if (sure) this.knowSender.run(version);
      }
    })();
    this.rows += added;
    this.senderRows += senders.length;
    this.full += full;
  }

  count({ device, metric }: SeriesKey, from: number, to: number): number {
    return this.counted.get(device, metric, from, to)!.n;
  }

  /** Ordered by time, then by receipt. */
  list({ device, metric }: SeriesKey, from: number, to: number): Version[] {
    return this.select.all(device, metric, from, to);
  }

  /** Drops versions with event times before `keepFrom` (epoch ms), and what exceeds the bounds. */
  drop(keepFrom: number): void {
    if (keepFrom - this.droppedTo < HOUR_MS) return;
    this.droppedTo = keepFrom;
    this.rows -= this.db.prepare('DELETE FROM versions WHERE ts < ?').run(Math.floor(keepFrom)).changes;
    const beyond = this.senderRows - (this.options.maxSenders ?? MAX_SENDERS);
    if (beyond <= 0) return;
    const oldest = 'SELECT device, since FROM senders ORDER BY since LIMIT ?';
    this.db.prepare(`DELETE FROM senders WHERE (device, since) IN (${oldest})`).run(beyond);
    this.senderRows = this.countOf('senders');
  }

  close(): void {
    this.db.close();
  }

  private countOf(table: string): number {
    return this.db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n;
  }
}
