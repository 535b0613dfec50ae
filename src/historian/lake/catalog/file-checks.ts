import { join } from 'node:path';
import { DAY_MS } from '../../../model/time/duration.js';
import type { Engine } from '../engine.js';
import { parquet } from '../read/scan.js';
import type { DayFolders } from '../write/day-folders.js';
import type { CommittedManifest, ManifestChange } from './committed-manifest.js';
import { describeDamage, NOTHING_ASIDE, whatLiesAside } from './damage.js';
import { checksum, isMissing } from './files.js';
import type { LakeFile, LostFile } from './manifest.js';
import { foundAgain, type Swept, setLostAside, sizeProblem } from './recovery.js';
import type { View, Views } from './view.js';

/** The lake's files and the parts that read and change them. */
export interface LakeFiles {
  readonly folder: string;
  readonly engine: Engine;
  readonly committed: CommittedManifest;
  readonly views: Views;
  readonly checks: FileChecks;
  readonly days: DayFolders;
  commit(change: ManifestChange): Promise<void>;
}

interface FileChecksParts extends Pick<LakeFiles, 'folder' | 'engine' | 'committed' | 'commit'> {
  /** Receives warnings for the operator. */
  readonly warn: (message: string) => void;
  /** Called after the set of valid files changed. */
  readonly onChange: () => void;
  readonly clock?: () => number;
}

/** A query checks unchecked files only up to this size; the scrub checks larger ones, these files first. */
const AT_ONCE_BYTES = 64 * 1024 * 1024;
/** Bytes that one step of the scrub reads at most, rounded up to whole files. */
const STEP_BYTES = 32 * 1024 * 1024;
/** The scrub checks every file again after this time. */
const AGAIN_MS = 7 * DAY_MS;
/** Time after which the files set aside are counted again: an operator may have removed some. */
const LOOK_ASIDE_MS = 60_000;
const NAMED_UNLISTED = 5;
/** The lake's files in the text of a statement. */
const NAMED = /readings[\\/]day=[\d-]+[\\/][\w-]+\.parquet/g;

/** DuckDB errors that no file causes. */
const ELSEWHERE = /out of memory|allocate|interrupt|is closed|is closing|invalidated/i;

/**
 * Checks the lake's files against their checksums: before the first read, after a statement over them fails, before a
 * merge, and one by one in the background. Sets damaged files aside; the lake continues without them.
 */
export class FileChecks {
  setAside = NOTHING_ASIDE;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** Paths of files not checked since the lake was opened, those that queries want first. */
  private unseen = new Set<string>();
  private seenAllAt: number | null = null;
  private readonly learned = new Map<string, number>();
  private readonly files = new WeakMap<readonly LakeFile[], ReadonlyMap<string, LakeFile>>();
  private examining: Promise<unknown> = Promise.resolve();
  private readonly clock: () => number;

  constructor(private readonly parts: FileChecksParts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  /** Commits which files are valid and which are lost, before anything else uses them. */
  async begin({ lost, found, unlisted }: Swept, changed: boolean): Promise<void> {
    const { folder, committed, commit, warn } = this.parts;
    if (changed || lost.length > 0 || found.length > 0) await commit({ lost, found });
    this.unseen = new Set(committed.manifest.files.map(({ path }) => path));
    await setLostAside(folder, lost);
    await this.lookAside();
    if (unlisted.length > 0) {
      warn(`the lake set aside files that no manifest lists: ${unlisted.slice(0, NAMED_UNLISTED).join(', ')}`);
    }
    for (const line of describeDamage(committed.manifest.lost ?? [])) warn(line);
  }

  /** The files of the view that a statement reads. */
  named(sql: string, view: View): LakeFile[] {
    let byPath = this.files.get(view.files);
    if (byPath === undefined) {
      byPath = new Map(view.files.map((file) => [file.path, file]));
      this.files.set(view.files, byPath);
    }
    const named = new Set(sql.match(NAMED) ?? []);
    return [...named].flatMap((path) => byPath.get(path) ?? []);
  }

  /** Before a statement: checks unchecked files, unless that would take long. Returns whether any was lost. */
  async beforeReading(sql: string, view: View): Promise<boolean> {
    if (this.unseen.size === 0) return false;
    const files = this.named(sql, view).filter(({ path }) => this.unseen.has(path));
    if (files.length === 0) return false;
    if (files.reduce((sum, { bytes }) => sum + bytes, 0) <= AT_ONCE_BYTES) return this.examine(files);
    this.unseen = new Set([...files.map(({ path }) => path), ...this.unseen]);
    return false;
  }

  /** After a statement failed: returns whether a damaged file was the cause, and sets it aside. */
  async blames(error: unknown, sql: string, view: View): Promise<boolean> {
    if (ELSEWHERE.test(String(error))) return false;
    return this.examine(this.named(sql, view));
  }

  /** Checks these files, one call after the other, and marks damaged ones as lost. Returns whether any was. */
  examine(files: readonly LakeFile[]): Promise<boolean> {
    const done = this.examining.then(() => this.examineNow(files));
    this.examining = done.catch(() => undefined);
    return done;
  }

  /** Checks some of the files that were never or not recently checked, and lost files that may be back. */
  async scrub(): Promise<void> {
    const { folder, committed, commit, onChange } = this.parts;
    if (this.clock() - this.lookedAt >= LOOK_ASIDE_MS) await this.lookAside();
    const found = await foundAgain(folder, committed.manifest.lost ?? []);
    if (found.length > 0) {
      await commit({ found });
      onChange();
    }
    const { manifest } = committed;
    if (this.unseen.size === 0) {
      if (this.learned.size > 0) {
        await commit({ checked: new Map(this.learned) });
        this.learned.clear();
      }
      this.seenAllAt ??= this.clock();
      if (this.clock() - this.seenAllAt < AGAIN_MS) return;
      this.unseen = new Set(manifest.files.map(({ path }) => path));
      this.seenAllAt = null;
    }
    const byPath = new Map(manifest.files.map((file) => [file.path, file]));
    const step: LakeFile[] = [];
    let bytes = 0;
    for (const path of this.unseen) {
      const file = byPath.get(path);
      if (file === undefined) this.unseen.delete(path);
      else {
        step.push(file);
        bytes += file.bytes;
      }
      if (bytes >= STEP_BYTES) break;
    }
    await this.examine(step);
  }

  private async examineNow(files: readonly LakeFile[]): Promise<boolean> {
    const { folder, committed, commit, warn, onChange } = this.parts;
    const inForce = new Map(committed.manifest.files.map((file) => [file.path, file]));
    const lost: LostFile[] = [];
    const failed: unknown[] = [];
    let stale = false;
    for (const { path } of files) {
      const file = inForce.get(path);
      // The file was lost or merged after the statement was made: the caller has to make the statement anew.
      if (file === undefined) stale = true;
      else {
        const reason = await this.problem(file).catch((error: unknown) => void failed.push(error));
        if (typeof reason === 'string') lost.push({ ...file, reason });
        else if (this.unseen.delete(path) && reason === undefined) this.unseen.add(path);
      }
    }
    // A file that cannot be checked now is last in the next round, so that it does not hide a damaged one.
    if (lost.length === 0 && failed.length > 0) throw failed[0];
    if (lost.length === 0) return stale && (committed.manifest.lost ?? []).length > 0;
    await commit({ lost });
    // The warning comes before any answer without these files.
    for (const line of describeDamage(lost)) warn(line);
    onChange();
    for (const { path } of lost) this.unseen.delete(path);
    await setLostAside(folder, lost);
    await this.lookAside();
    return true;
  }

  private async lookAside(): Promise<void> {
    this.setAside = await whatLiesAside(this.parts.folder);
    this.lookedAt = this.clock();
  }

  /** Damage of a file, or null. */
  private async problem(file: LakeFile): Promise<string | null> {
    const { folder, engine } = this.parts;
    const { path, rows } = file;
    let crc: number;
    try {
      const wrong = await sizeProblem(folder, file);
      if (wrong !== null) return wrong;
      crc = await checksum(join(folder, path));
    } catch (error) {
      if (isMissing(error)) return `${path} is missing`;
      if ((error as NodeJS.ErrnoException).code === 'EIO') return `${path} cannot be read from its disk`;
      throw error;
    }
    if (file.crc !== undefined) return file.crc === crc ? null : `${path} is damaged: its checksum differs`;
    if (!this.learned.has(path)) {
      const all = 'count(*), count(series + ts + receipt), sum(value), max(flag), max(quality)';
      try {
        const [count] = await engine.first({ sql: `SELECT ${all} FROM ${parquet(folder, [file])}` });
        if (count !== rows) return `${path} has ${count} rows instead of ${rows}`;
      } catch (error) {
        if (ELSEWHERE.test(String(error))) throw error;
        return `${path} cannot be read: ${String(error).slice(0, 200)}`;
      }
      this.learned.set(path, crc);
    }
    return this.learned.get(path) === crc ? null : `${path} has changed since it was first read`;
  }
}
