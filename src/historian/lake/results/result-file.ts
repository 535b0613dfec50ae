import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../../sqlite.js';
import { isDamage, openDurable } from '../../durable-file.js';
import { ResultTooLargeError } from '../../port/errors.js';
import {
  checkSpan,
  checkTags,
  RESULT_MEASUREMENTS,
  type ResultMeasurement,
  type ResultPoint,
  type ResultQuery,
  type ResultSeries,
  type ResultSpan,
  resultKey,
  tagsOfKey,
  valuesText,
} from '../../port/results.js';
import { setAside } from '../catalog/damage.js';

const NAME = 'results.sqlite';
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS points (
    series INTEGER NOT NULL, ts INTEGER NOT NULL, figures TEXT NOT NULL, PRIMARY KEY (series, ts)
  ) STRICT, WITHOUT ROWID;`;

interface Row {
  readonly ts: number;
  readonly figures: string;
}

interface Named {
  readonly id: number;
  readonly tags: string;
}

/** The lake's results, in a SQLite file of their own: they are few, change at any time, and outlive the readings. */
export class ResultFile {
  private readonly select;
  private readonly named;
  private readonly put;
  private readonly remove;
  private readonly count;

  private constructor(private readonly db: Database) {
    this.named = db.prepare<[string], Named>('SELECT id, tags FROM series WHERE measurement = ? ORDER BY tags');
    const within = 'FROM points WHERE series = ? AND ts >= ? AND ts < ?';
    this.select = db.prepare<[number, number, number], Row>(`SELECT ts, figures ${within} ORDER BY ts`);
    this.count = db.prepare<[number, number, number], { readonly n: number }>(`SELECT count(*) AS n ${within}`);
    this.put = db.prepare<[number, number, string]>('INSERT OR REPLACE INTO points VALUES (?, ?, ?)');
    this.remove = db.prepare<[number, number]>('DELETE FROM points WHERE series = ? AND ts = ?');
  }

  /** Sets a damaged file aside and begins a new one: the service computes its results again. */
  static async open(folder: string, warn: (message: string) => void): Promise<ResultFile> {
    const path = join(folder, NAME);
    const open = () =>
      openDurable(path, SCHEMA, (db) => {
        const found = db.pragma('quick_check(1)', { simple: true });
        if (found !== 'ok') throw new DamagedResultsError(String(found));
        return new ResultFile(db);
      });
    try {
      return open();
    } catch (error) {
      if (!isDamage(error) && !(error instanceof DamagedResultsError)) throw error;
      for (const name of [NAME, `${NAME}-wal`, `${NAME}-shm`]) {
        if (existsSync(join(folder, name))) await setAside(folder, name, 'damaged');
      }
      warn(`${NAME} is damaged and set aside; the service writes its results again: ${error.message}`);
      return open();
    }
  }

  *find({ measurement, where, from, to, limit }: ResultQuery): Generator<ResultSeries, void, undefined> {
    checkTags(measurement, Object.keys(where));
    const [first, end] = [bounded(from), bounded(to)];
    const series = this.named.all(measurement).filter(({ tags }) => isAsked(measurement, tags, where));
    let points = 0;
    for (const { id } of series) points += this.count.get(id, first, end)!.n;
    if (points > limit) throw new ResultTooLargeError(limit);
    for (const { id, tags } of series) {
      const rows = this.select.all(id, first, end);
      if (rows.length === 0) continue;
      yield { measurement, tags: tagsOfKey(measurement, tags), points: rows.map(pointOf) };
    }
  }

  /** One transaction, durable when it returns. */
  replace(spans: readonly ResultSpan[]): number {
    for (const span of spans) checkSpan(span);
    return this.db.transaction(() => spans.reduce((changed, span) => changed + this.replaceOne(span), 0))();
  }

  close(): void {
    this.db.close();
  }

  private replaceOne(span: ResultSpan): number {
    const { measurement, points, from, to } = span;
    const key = resultKey(span);
    const id = this.idOf(measurement, key, points.length > 0);
    if (id === null) return 0;
    const left = new Map(this.select.all(id, bounded(from), bounded(to)).map((row) => [row.ts, row.figures]));
    let changed = 0;
    for (const { ts, values } of points) {
      const figures = valuesText(measurement, values);
      if (left.get(ts) !== figures) {
        this.put.run(id, ts, figures);
        changed += 1;
      }
      left.delete(ts);
    }
    for (const ts of left.keys()) this.remove.run(id, ts);
    if (points.length === 0) this.forgetEmpty(id);
    return changed + left.size;
  }

  private idOf(measurement: ResultMeasurement, key: string, isNeeded: boolean): number | null {
    const { db } = this;
    if (isNeeded) db.prepare('INSERT OR IGNORE INTO series (measurement, tags) VALUES (?, ?)').run(measurement, key);
    const sql = 'SELECT id FROM series WHERE measurement = ? AND tags = ?';
    return db.prepare<[string, string], { readonly id: number }>(sql).get(measurement, key)?.id ?? null;
  }

  private forgetEmpty(id: number): void {
    const sql = 'DELETE FROM series WHERE id = ? AND NOT EXISTS (SELECT 1 FROM points WHERE series = id)';
    this.db.prepare(sql).run(id);
  }
}

/** SQLite finds that the pages of the file do not fit together. */
class DamagedResultsError extends Error {
  override readonly name = 'DamagedResultsError';
}

function isAsked(measurement: ResultMeasurement, key: string, where: ResultQuery['where']): boolean {
  const values = JSON.parse(key) as readonly string[];
  return RESULT_MEASUREMENTS[measurement].tags.every((tag, i) => where[tag]?.includes(values[i] ?? '') ?? true);
}

const pointOf = ({ ts, figures }: Row): ResultPoint => ({ ts, values: JSON.parse(figures) as ResultPoint['values'] });

/** SQLite binds no infinite integers. */
const bounded = (ts: number): number =>
  Math.ceil(Math.min(Math.max(ts, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
