import type { HotTable } from '../write/hot-table.js';
import type { LakeFile } from './manifest.js';

/** What a query reads: files by day and receipt, then the hot tables, oldest first. */
export interface View {
  readonly files: readonly LakeFile[];
  readonly hot: readonly HotTable[];
}

interface Version extends View {
  pins: number;
  /** Clean-up that runs once no query reads this view or an older one. */
  readonly garbage: (() => Promise<void>)[];
}

/** The current view and the older ones that running queries still read. */
export class Views {
  private readonly versions: Version[];
  private removing: Promise<unknown> = Promise.resolve();

  constructor(
    first: View,
    private readonly failed: (error: unknown) => void,
  ) {
    this.versions = [{ ...first, pins: 0, garbage: [] }];
  }

  get current(): Version {
    return this.versions[this.versions.length - 1]!;
  }

  /** Installs a new view; `garbage` removes files and tables that it no longer has, once no query needs them. */
  replace(next: Partial<View>, garbage?: () => Promise<void>): void {
    const old = this.current;
    if (garbage !== undefined) old.garbage.push(garbage);
    this.versions.push({ files: next.files ?? old.files, hot: next.hot ?? old.hot, pins: 0, garbage: [] });
    this.sweep();
  }

  /** Keeps the current view's files and tables until `release`. */
  pin(): { readonly view: View; release(): void } {
    const version = this.current;
    version.pins += 1;
    let held = true;
    return {
      view: version,
      release: () => {
        if (!held) return;
        held = false;
        version.pins -= 1;
        this.sweep();
      },
    };
  }

  /** Resolves when all clean-up that could start has ended. */
  async swept(): Promise<void> {
    await this.removing;
  }

  private sweep(): void {
    while (this.versions.length > 1 && this.versions[0]!.pins === 0) {
      for (const remove of this.versions.shift()!.garbage) {
        this.removing = this.removing.then(remove).catch(this.failed);
      }
    }
  }
}
