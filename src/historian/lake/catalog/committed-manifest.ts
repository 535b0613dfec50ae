import { removeFiles } from '../write/write-file.js';
import { byDayAndArrival, type LakeFile, type LostFile, type Manifest, saveManifest } from './manifest.js';

/** Changes of the manifest by one housekeeping step. */
export interface ManifestChange
  extends Partial<Pick<Manifest, 'sealedSeq' | 'latest' | 'keptFrom' | 'series' | 'dictionary'>> {
  readonly added?: readonly LakeFile[];
  /** Files whose rows were merged into others or dropped by retention. */
  readonly removed?: readonly LakeFile[];
  /** Files that can no longer be read. */
  readonly lost?: readonly LostFile[];
  /** Lost files that are readable again. */
  readonly found?: readonly LakeFile[];
  /** Lost files that retention no longer needs. */
  readonly forgotten?: readonly LostFile[];
  /** Checksums of files that had none, by path. */
  readonly checked?: ReadonlyMap<string, number>;
}

/** The current manifest; all changes go through `commit`. */
export class CommittedManifest {
  private committing: Promise<unknown> = Promise.resolve();
  /** Files of failed commits; they go once a later manifest is durable: the failed one may be the one on disk. */
  private readonly uncommitted: LakeFile[] = [];
  private readonly gone = new Set<string>();
  private names = 0;

  constructor(
    private readonly folder: string,
    public manifest: Manifest,
  ) {}

  /** Changes the manifest on disk, one change at a time, then in memory. */
  commit(change: ManifestChange): Promise<void> {
    const done = this.committing.then(() => this.apply(change));
    this.committing = done.catch(() => undefined);
    return done;
  }

  /** Deletes `removed` files; the next change drops them from the manifest. */
  async remove(files: readonly LakeFile[]): Promise<void> {
    await removeFiles(this.folder, files);
    for (const { path } of files) this.gone.add(path);
  }

  /** A new name, also unlike that of a file that a crash left unlisted: open moves such files away. */
  fileName(seq: number): string {
    this.names += 1;
    return `${String(seq).padStart(12, '0')}-${this.manifest.generation}-${this.names}`;
  }

  private async apply(change: ManifestChange): Promise<void> {
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
      this.uncommitted.push(...added);
      throw error;
    }
    this.manifest = next;
    for (const path of gone) this.gone.delete(path);
    // A file that cannot be removed does no harm: the next open sets it aside.
    await removeFiles(this.folder, this.uncommitted.splice(0)).catch(() => undefined);
  }
}
