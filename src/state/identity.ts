import { statSync } from 'node:fs';
import { StorageUnavailableError } from './errors.js';

interface Seen {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
}

/**
 * Compares the open files with the files at their paths: everything written to a file that was removed or replaced is
 * lost, and SQLite does not notice. One check costs two system calls.
 */
export class FileIdentity {
  private readonly seen: (Seen | null)[];
  private readonly paths: readonly string[];

  /** @param path of the open database; its log is checked too, once it exists */
  constructor(private readonly path: string) {
    this.paths = [path, `${path}-wal`];
    this.seen = this.paths.map(() => null);
    this.check();
  }

  /** @throws StorageUnavailableError when a file is not the open one, or is shorter than before */
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

/** Neither the file nor its log gets shorter while it is open. */
const same = (before: Seen, now: Seen): boolean =>
  before.ino === now.ino && before.dev === now.dev && before.size <= now.size;
