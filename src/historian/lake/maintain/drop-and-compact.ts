import { DAY_MS } from '../../../model/time/duration.js';
import type { Retries } from '../../rollup/trouble/retries.js';
import type { FileWatch } from '../catalog/file-watch.js';
import type { Change, Ledger } from '../catalog/ledger.js';
import { dayOf } from '../catalog/manifest.js';
import type { Views } from '../catalog/view.js';
import type { Engine } from '../engine.js';
import { mergeFiles } from '../write/merge.js';
import { type CompactionRules, planCompaction } from './compaction.js';

/** What housekeeping works on. */
export interface LakeFiles {
  readonly folder: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly watch: FileWatch;
  commit(change: Change): Promise<void>;
}

/**
 * Drops the days that are wholly before `before`; `final` is told from when on readings are kept before any is dropped.
 * Returns that time, or null when there was nothing to drop.
 */
export async function dropDays(
  { ledger, views, commit }: LakeFiles,
  before: number,
  final: (keptFrom: number) => void,
): Promise<number | null> {
  const { files, lost = [] } = ledger.manifest;
  const gone = files.filter((file) => file.day + DAY_MS <= before);
  const missed = lost.filter((file) => file.day + DAY_MS <= before);
  if (gone.length === 0 && missed.length === 0) return null;
  const keptFrom = dayOf(before);
  final(keptFrom);
  await commit({ removed: gone, forgotten: missed, keptFrom });
  views.replace({ files: ledger.manifest.files }, () => ledger.remove(gone));
  return keptFrom;
}

/**
 * Merges files of one day, if that is due. A damaged one is found before, and left out. A day that cannot be merged waits
 * by itself, and the others have their turn.
 */
export async function compact(
  { folder, engine, ledger, views, watch, commit }: LakeFiles,
  now: number,
  rules: CompactionRules,
  retries: Retries,
): Promise<void> {
  const files = ledger.manifest.files.filter(({ day }) => retries.isDue('day', day));
  const plan = planCompaction(files, now, rules);
  if (plan === null || (await watch.examine(plan.inputs))) return;
  const name = ledger.fileName(ledger.manifest.sealedSeq);
  try {
    const made = await mergeFiles(engine, folder, plan, name, rules.maxRows, now);
    await commit({ added: made, removed: plan.inputs });
    retries.succeeded('day', plan.day);
  } catch (error) {
    if (retries.failed('day', plan.day, error) < 2) throw error;
    return;
  }
  views.replace({ files: ledger.manifest.files }, () => ledger.remove(plan.inputs));
}

/** Days that cannot be merged, in words; null where there are none. */
export function describeUnmerged(retries: Retries): string | null {
  const [first, ...more] = retries.setAside('day');
  if (first === undefined) return null;
  const name = new Date(Number(first)).toISOString().slice(0, 10);
  const others = more.length === 0 ? '' : ` and of ${more.length} other days`;
  return `files of ${name}${others} cannot be merged and are tried again: ${retries.reasonOf('day', first)}`;
}
