import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./power-cut.c', import.meta.url));
const KEPT = 'kept';
const DATA = 'data';

/** Why the library cannot be built on this machine; null where it can. */
export const noPowerCuts: string | null = (() => {
  if (process.platform !== 'linux') return 'it is for Linux';
  return spawnSync('cc', ['--version']).status === 0 ? null : 'no C compiler (cc) here';
})();

/** When the power goes: before that operation on a path that matches; see `power-cut.c`. */
export interface Cut {
  readonly match: string;
  readonly after: number;
  /** A seed: some of what was not synced survives all the same. */
  readonly tear?: number;
}

/** A data folder on a disk that keeps what was synced and nothing else, through any number of power cuts. */
export class FailingPower {
  private readonly folder = mkdtempSync(join(tmpdir(), 'park-power-'));
  private readonly library = join(this.folder, 'preload.so');
  readonly dataDir = join(this.folder, DATA);

  constructor() {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', this.library, SOURCE, '-ldl', '-lpthread']);
    mkdirSync(this.dataDir);
  }

  /** The environment of a process that loses its power at `cut`, or whenever it is killed. */
  environment(cut?: Cut): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      CUT_ROOT: this.dataDir,
      CUT_KEPT: join(this.folder, KEPT),
      ...(cut && { CUT_MATCH: cut.match, CUT_AFTER: String(cut.after) }),
      ...(cut?.tear !== undefined && { CUT_TEAR: String(cut.tear) }),
    };
  }

  /** The power is back: the data folder is what the disk kept. To be called once the process is gone. */
  restore(): void {
    const kept = join(this.folder, KEPT);
    if (!existsSync(join(kept, 'names'))) throw new Error('the process did not run with the library');
    rmSync(this.dataDir, { recursive: true });
    renameSync(join(kept, 'names'), this.dataDir);
    rmSync(kept, { recursive: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
