import { removeFiles } from '../write/write-file.js';
import { byDayAndArrival, type LakeFile, type LostFile, type Manifest, saveManifest } from './manifest.js';

/** What one step of housekeeping changes of the manifest. */
export interface Change extends Partial<Pick<Manifest, 'sealedSeq' | 'latest' | 'keptFrom' | 'series' | 'dictionary'>> {
  readonly added?: readonly LakeFile[];
  /** Their rows are in others, or are not to be kept. */
  readonly removed?: readonly LakeFile[];
  /** Of the files: those that cannot be read any more. */
  readonly lost?: readonly LostFile[];
  /** Of the lost ones: those that are there again. */
  readonly found?: readonly LakeFile[];
  /** Of the lost ones: those that nobody will ask for any more. */
  readonly forgotten?: readonly LostFile[];
  /** Checksums of files that had none, by path. */
  readonly checked?: ReadonlyMap<string, number>;
}

/** The manifest in force, and the one way to change it. */
export class Ledger {
  private committing: Promise<unknown> = Promise.resolve();
  /** Files of failed commits: they go once a later manifest is safe, for the failed one may yet be the one on disk. */
  private readonly orphans: LakeFile[] = [];
  private readonly gone = new Set<string>();
  private names = 0;

  constructor(
    private readonly folder: string,
    public manifest: Manifest,
  ) {}

  /** Changes the manifest on disk, one change at a time, then in memory. */
  commit(change: Change): Promise<void> {
    const done = this.committing.then(() => this.apply(change));
    this.committing = done.catch(() => undefined);
    return done;
  }

  /** Deletes files that were `removed`: the next change forgets them. */
  async remove(files: readonly LakeFile[]): Promise<void> {
    await removeFiles(this.folder, files);
    for (const { path } of files) this.gone.add(path);
  }

  /** A name never used before, also not for a file that a crash left unlisted: those go at open. */
  fileName(seq: number): string {
    this.names += 1;
    return `${String(seq).padStart(12, '0')}-${this.manifest.generation}-${this.names}`;
  }

  private async apply(change: Change): Promise<void> {
    const { added = [], removed = [], lost = [], found = [], forgotten = [], checked, ...fields } = change;
    const before = this.manifest;
    const out = new Set([...removed, ...lost].map(({ path }) => path));
    const back = new Set([...found, ...forgotten].map(({ path }) => path));
    const files = [...before.files.filter(({ path }) => !out.has(path)), ...found, ...added]
      .map((file) => (checked?.has(file.path) ? { ...file, crc: checked.get(file.path)! } : file))
      .sort(byDayAndArrival);
    const gone = new Set(this.gone);
    const retired = [...(before.retired ?? []), ...removed.map(({ path }) => path)].filter((path) => !gone.has(path));
    const allLost = [...(before.lost ?? []).filter(({ path }) => !back.has(path)), ...lost];
    const next = { ...before, ...fields, files, retired, lost: allLost, generation: before.generation + 1 };
    try {
      await saveManifest(this.folder, next);
    } catch (error) {
      this.orphans.push(...added);
      throw error;
    }
    this.manifest = next;
    for (const path of gone) this.gone.delete(path);
    // What cannot be removed is in nobody's way: the next open sets it aside.
    await removeFiles(this.folder, this.orphans.splice(0)).catch(() => undefined);
  }
}
