import { byDayAndArrival, type LakeFile, loadManifest, type Manifest, saveManifest } from './manifest.js';
import { removeFiles } from './write.js';

/** What one step of housekeeping changes of the manifest. */
export interface Change extends Partial<Pick<Manifest, 'sealedSeq' | 'latest' | 'keptFrom' | 'series'>> {
  readonly added?: readonly LakeFile[];
  readonly removed?: readonly LakeFile[];
}

/** The manifest in force, and the one way to change it. */
export class Ledger {
  private committing: Promise<unknown> = Promise.resolve();
  /** Files of failed commits: they go once a later manifest is safe, for the failed one may yet be the one on disk. */
  private readonly orphans: LakeFile[] = [];
  private names = 0;

  private constructor(
    private readonly folder: string,
    public manifest: Manifest,
  ) {}

  static async open(folder: string): Promise<Ledger> {
    return new Ledger(folder, await loadManifest(folder));
  }

  /** Changes the manifest on disk, one change at a time, then in memory. */
  commit(change: Change): Promise<void> {
    const done = this.committing.then(() => this.apply(change));
    this.committing = done.catch(() => undefined);
    return done;
  }

  /** A name never used before, also not for a file that a crash left unlisted: those go at open. */
  fileName(seq: number): string {
    this.names += 1;
    return `${String(seq).padStart(12, '0')}-${this.manifest.generation}-${this.names}`;
  }

  private async apply({ added = [], removed = [], ...fields }: Change): Promise<void> {
    const kept = this.manifest.files.filter((file) => !removed.includes(file));
    const files = [...kept, ...added].sort(byDayAndArrival);
    const next = { ...this.manifest, ...fields, files, generation: this.manifest.generation + 1 };
    try {
      await saveManifest(this.folder, next);
    } catch (error) {
      this.orphans.push(...added);
      throw error;
    }
    this.manifest = next;
    await removeFiles(this.folder, this.orphans.splice(0));
  }
}
