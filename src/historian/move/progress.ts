import { readFile, rm } from 'node:fs/promises';
import { isMissing, replaceFile } from '../lake/catalog/files.js';

/** Progress of a move; stored beside the state file until the move is complete. */
export interface MoveProgress {
  readonly version: 1;
  /** Names of the two stores. */
  readonly from: string;
  readonly to: string;
  /** Last sequence of the source when the move began: if the source has grown since, the move starts over. */
  readonly sourceSeq: number;
  /** The target has everything before this, epoch milliseconds. */
  readonly movedTo: number;
  readonly readings: number;
  /** The target had readings of its own when the move began. */
  readonly targetHadOwn: boolean;
}

/** Null without an interrupted move, or if the file cannot be read: the move then starts over, which does no harm. */
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
