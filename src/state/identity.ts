import { statSync } from 'node:fs';
import { StorageUnavailableError } from './errors.js';

interface Seen {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
}

/**
 * The files that are open, against what is at their paths: a file that was removed or replaced takes everything that is
 * written to it along. SQLite would not notice. Costs two calls of the system.
 */
export class FileIdentity {
  private readonly seen: (Seen | null)[];
  private readonly paths: readonly string[];

  /** @param path of the open database; its log counts as well, once it is there */
  constructor(private readonly path: string) {
    this.paths = [path, `${path}-wal`];
    this.seen = this.paths.map(() => null);
    this.check();
  }

  /** @throws StorageUnavailableError when a file is not the one that is open, or was cut */
  check(): void {
    for (let i = 0; i < this.paths.length; i += 1) {
      const before = this.seen[i]!;
      const now = statSync(this.paths[i]!, { throwIfNoEntry: false });
      if (now !== undefined && (before === null || same(before, now))) this.seen[i] = now;
      else if (before !== null) {
        throw new StorageUnavailableError(
          `${this.paths[i]} was removed, replaced or cut while it is in use: what is written to ${this.path} would not last`,
        );
      }
    }
  }
}

/** Neither the file nor its log ever gets shorter while it is open. */
const same = (before: Seen, now: Seen): boolean =>
  before.ino === now.ino && before.dev === now.dev && before.size <= now.size;
