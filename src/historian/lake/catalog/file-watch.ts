import { join } from 'node:path';
import { DAY_MS } from '../../../model/time/duration.js';
import type { Engine } from '../engine.js';
import { parquet } from '../read/scan.js';
import { describeDamage, NOTHING_ASIDE, whatLiesAside } from './damage.js';
import { checksum, isMissing } from './files.js';
import type { Change, Ledger } from './ledger.js';
import type { LakeFile, LostFile } from './manifest.js';
import { foundAgain, type Swept, setLostAside, sizeProblem } from './recovery.js';
import type { View, Views } from './view.js';

/** The lake's files, and what sees and changes them. */
export interface LakeFiles {
  readonly folder: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly watch: FileWatch;
  commit(change: Change): Promise<void>;
}

interface WatchParts extends Pick<LakeFiles, 'folder' | 'engine' | 'ledger' | 'commit'> {
  /** Told of what somebody should look at. */
  readonly warn: (message: string) => void;
  /** The files in force are others now. */
  readonly onChange: () => void;
  readonly clock?: () => number;
}

/** A question does not wait for more than this to be looked at: the scrub comes to it first. */
const AT_ONCE_BYTES = 64 * 1024 * 1024;
/** Bytes that one step of the scrub reads at most, a file more or less. */
const STEP_BYTES = 32 * 1024 * 1024;
/** All files are looked at again after this long. */
const AGAIN_MS = 7 * DAY_MS;
/** Somebody may have taken away what lies aside: it is counted again after this long. */
const LOOK_ASIDE_MS = 60_000;
const NAMED_UNLISTED = 5;
/** What a statement names of the lake's files. */
const NAMED = /readings[\\/]day=[\d-]+[\\/][\w-]+\.parquet/g;

/** Whether an error of the engine has its cause elsewhere than in a file. */
const ELSEWHERE = /out of memory|allocate|interrupt|is closed|is closing|invalidated/i;

/**
 * Compares the lake's files with their checksums: when one is first read, when a statement over it fails, before it is
 * merged, and one by one in the background. What is not what was written is set aside, and the rest goes on without it.
 */
export class FileWatch {
  /** What lies aside. */
  setAside = NOTHING_ASIDE;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** Paths of the files that this life of the lake has not yet looked at, those asked for first. */
  private unseen = new Set<string>();
  private seenAllAt: number | null = null;
  private readonly learned = new Map<string, number>();
  private readonly files = new WeakMap<readonly LakeFile[], ReadonlyMap<string, LakeFile>>();
  private examining: Promise<unknown> = Promise.resolve();
  private readonly clock: () => number;

  constructor(private readonly parts: WatchParts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  /** Writes down which files count and which are lost, before anything else is done with them. */
  async takeStock({ lost, found, unlisted }: Swept, changed: boolean): Promise<void> {
    const { folder, ledger, commit, warn } = this.parts;
    if (changed || lost.length > 0 || found.length > 0) await commit({ lost, found });
    this.unseen = new Set(ledger.manifest.files.map(({ path }) => path));
    await setLostAside(folder, lost);
    await this.lookAside();
    if (unlisted.length > 0) {
      warn(`files that no manifest lists were set aside: ${unlisted.slice(0, NAMED_UNLISTED).join(', ')}`);
    }
    for (const line of describeDamage(ledger.manifest.lost ?? [])) warn(line);
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

  /** Before a statement: looks at the files that nobody has looked at, unless that would take long. Whether any was lost. */
  async beforeReading(sql: string, view: View): Promise<boolean> {
    if (this.unseen.size === 0) return false;
    const files = this.named(sql, view).filter(({ path }) => this.unseen.has(path));
    if (files.length === 0) return false;
    if (files.reduce((sum, { bytes }) => sum + bytes, 0) <= AT_ONCE_BYTES) return this.examine(files);
    this.unseen = new Set([...files.map(({ path }) => path), ...this.unseen]);
    return false;
  }

  /** After a statement failed: whether a file is to blame, which is then set aside. */
  async blames(error: unknown, sql: string, view: View): Promise<boolean> {
    if (ELSEWHERE.test(String(error))) return false;
    return this.examine(this.named(sql, view));
  }

  /** Looks at these files now, one call after the other; those that are damaged are lost from now on. Whether any was. */
  examine(files: readonly LakeFile[]): Promise<boolean> {
    const done = this.examining.then(() => this.examineNow(files));
    this.examining = done.catch(() => undefined);
    return done;
  }

  /** Looks at some of the files that nobody has looked at, or not for long, and for those that are lost. */
  async scrub(): Promise<void> {
    const { folder, ledger, commit, onChange } = this.parts;
    if (this.clock() - this.lookedAt >= LOOK_ASIDE_MS) await this.lookAside();
    const found = await foundAgain(folder, ledger.manifest.lost ?? []);
    if (found.length > 0) {
      await commit({ found });
      onChange();
    }
    const { manifest } = ledger;
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
    const { folder, ledger, commit, warn, onChange } = this.parts;
    const inForce = new Map(ledger.manifest.files.map((file) => [file.path, file]));
    const lost: LostFile[] = [];
    const failed: unknown[] = [];
    let stale = false;
    for (const { path } of files) {
      const file = inForce.get(path);
      // Lost or merged since the statement was made: it is to be made anew.
      if (file === undefined) stale = true;
      else {
        const reason = await this.problem(file).catch((error: unknown) => void failed.push(error));
        if (typeof reason === 'string') lost.push({ ...file, reason });
        else if (this.unseen.delete(path) && reason === undefined) this.unseen.add(path);
      }
    }
    // One that cannot be looked at now keeps no other from being found damaged, and comes last the next time.
    if (lost.length === 0 && failed.length > 0) throw failed[0];
    if (lost.length === 0) return stale && (ledger.manifest.lost ?? []).length > 0;
    await commit({ lost });
    // Said before anything is answered without them.
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

  /** What is wrong with a file; null when nothing is. */
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
    if (file.crc !== undefined)
      return file.crc === crc ? null : `${path} is not what was written: its checksum differs`;
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
