import { readFile, rm } from 'node:fs/promises';
import { isMissing, replaceFile } from '../lake/catalog/files.js';

/** How far a move has come; kept beside the state file until it is whole. */
export interface MoveProgress {
  readonly version: 1;
  /** Names of the two stores. */
  readonly from: string;
  readonly to: string;
  /** What the source held when the move began: a source that has grown since is moved from the start again. */
  readonly sourceSeq: number;
  /** Everything before is in the target, epoch milliseconds. */
  readonly movedTo: number;
  readonly readings: number;
  /** The target held readings of its own when the move began. */
  readonly targetHadOwn: boolean;
}

/** Null when no move was interrupted, or its notes cannot be read: it then begins anew, which does no harm. */
export async function loadProgress(path: string): Promise<MoveProgress | null> {
  try {
    const progress = JSON.parse(await readFile(path, 'utf8')) as MoveProgress;
    return progress.version === 1 ? progress : null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

export function saveProgress(path: string, progress: MoveProgress): Promise<void> {
  return replaceFile(path, JSON.stringify(progress));
}

export function forgetProgress(path: string): Promise<void> {
  return rm(path, { force: true });
}
