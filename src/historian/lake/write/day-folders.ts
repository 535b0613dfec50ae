import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../port/errors.js';
import { makeFolder, syncFolder } from '../catalog/files.js';
import { dayName } from '../catalog/manifest.js';

/** Days of which the reason is kept at most. */
const MAX_REFUSED = 100;

/**
 * The folders in which the files of each UTC day lie. A day whose folder takes no file gets a second one: otherwise that
 * one day would hold up the seal of all the others, and the journal could not be trimmed.
 */
export class DayFolders {
  /** Why the usual folder of a day took no file the last time, by day (epoch ms). */
  private readonly refused = new Map<number, string>();

  constructor(private readonly folder: string) {}

  /**
   * Moves a synced file into the folder of its day, durably. Returns its path in the lake.
   * @throws the error of the usual folder when the second one takes it neither
   */
  async moveIn(temporary: string, day: number, name: string): Promise<string> {
    const usual = join('readings', dayName(day));
    try {
      const path = await this.move(temporary, join(usual, name));
      this.refused.delete(day);
      return path;
    } catch (error) {
      const path = await this.move(temporary, join(`${usual}-2`, name)).catch(() => {
        throw error;
      });
      if (this.refused.size < MAX_REFUSED) this.refused.set(day, messageOf(error));
      return path;
    }
  }

  /** Days whose usual folder takes no file, as text; null without any. */
  get problem(): string | null {
    const [first, ...more] = this.refused;
    if (first === undefined) return null;
    const [day, reason] = first;
    const others = more.length === 0 ? '' : `, as do those of ${more.length} other days`;
    return `the folder ${dayName(day)} takes no file${others}; the readings are in ${dayName(day)}-2 meanwhile: ${reason}`;
  }

  private async move(temporary: string, path: string): Promise<string> {
    const target = join(this.folder, path);
    await makeFolder(dirname(dirname(target)));
    await makeFolder(dirname(target));
    await rename(temporary, target);
    await syncFolder(dirname(target));
    return path;
  }
}
