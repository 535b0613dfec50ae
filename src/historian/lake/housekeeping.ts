import { type CompactionRules, planCompaction } from './compaction.js';
import type { Engine } from './engine.js';
import type { Change, Ledger } from './ledger.js';
import { DAY_MS, dayOf } from './manifest.js';
import { mergeFiles } from './merge.js';
import type { Views } from './view.js';
import type { FileWatch } from './watch.js';

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

/** Merges files of one day, if that is due. A damaged one is found before, and left out. */
export async function compact(
  { folder, engine, ledger, views, watch, commit }: LakeFiles,
  now: number,
  rules: CompactionRules,
): Promise<void> {
  const plan = planCompaction(ledger.manifest.files, now, rules);
  if (plan === null || (await watch.examine(plan.inputs))) return;
  const name = ledger.fileName(ledger.manifest.sealedSeq);
  const made = await mergeFiles(engine, folder, plan, name, rules.maxRows, now);
  await commit({ added: made, removed: plan.inputs });
  views.replace({ files: ledger.manifest.files }, () => ledger.remove(plan.inputs));
}
