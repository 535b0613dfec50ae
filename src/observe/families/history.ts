import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** The historian, its roll-ups and files, and the queries of history. */
export function history({ historian, journal, queries }: Components): Family[] {
  const damage = () => historian.stats.damage;
  const families = [
    labelled('gauge', 'historian_info', 'Which store keeps the readings', 'adapter', () => [
      [historian.stats.adapter, 1],
    ]),
    gauge('historian_applied_seq', 'Journal sequence visible to queries', () => historian.stats.appliedSeq),
    gauge('historian_durable_seq', 'Journal sequence safe in the store', () => historian.stats.durableSeq),
    gauge('historian_lag_batches', 'Journal batches not yet visible to queries', () =>
      Math.max(0, journal.head() - historian.stats.appliedSeq),
    ),
    counter('historian_readings', 'Readings written', () => historian.stats.readings),
    gauge('historian_failing', '1 while the writer stands still', () => (historian.stats.failing === null ? 0 : 1)),
    gauge('historian_blind', '1 while the store is written to and cannot be read', () =>
      historian.stats.blind ? 1 : 0,
    ),
    counter('historian_restarts', 'Times the writer ended unasked', () => historian.stats.restarts),
    counter('historian_refused', 'Readings the store would not take, now in quarantine', () => historian.stats.refused),
    labelled('counter', 'historian_write_errors', 'Tries to write that failed', 'kind', () =>
      Object.entries(historian.stats.writeErrors),
    ),
    gauge('historian_batch_bytes', 'Bytes of the journal that one write carries', () => historian.stats.batchBytes),
    ...rewriting(historian.stats),
    ...versions(historian.stats),
    gauge('rollups_to_seconds', 'Epoch time before which all hours are rolled up', () =>
      Math.max(0, (historian.stats.rollups.rolledTo ?? 0) / 1_000),
    ),
    gauge(
      'rollups_dirty_series',
      'Series whose roll-ups wait for a correction',
      () => historian.stats.rollups.dirtySeries,
    ),
    labelled(
      'gauge',
      'rollups_failing',
      'What cannot be rolled up and is tried again, while the rest goes on',
      'what',
      () => (['hours', 'days', 'series'] as const).map((what) => [what, historian.stats.rollups.failing?.[what] ?? 0]),
    ),
    counter(
      'rollups_final_readings',
      'Readings of hours whose figures are final: kept, but in no hourly figure',
      () => historian.stats.final ?? 0,
    ),
    counter(
      'historian_ignored_readings',
      'Readings that were too old to be kept when they came to the store',
      () => historian.stats.ignored ?? 0,
    ),
    gauge('history_damaged_files', 'Files of history that are missing or damaged', () => damage()?.files ?? 0),
    gauge('history_missing_readings', 'Readings in those files', () => damage()?.readings ?? 0),
    gauge(
      'history_set_aside_files',
      'Files that lie aside in the lake for somebody to look at',
      () => damage()?.setAside ?? 0,
    ),
    gauge('history_set_aside_bytes', 'Bytes of these', () => damage()?.setAsideBytes ?? 0),
    gauge(
      'history_set_aside_oldest_seconds',
      'Epoch time at which the oldest of these was written, 0 without any',
      () => (damage()?.setAsideSince ?? 0) / 1_000,
    ),
    labelled('gauge', 'housekeeping_failing', '1 while a part of housekeeping fails', 'part', () =>
      Object.entries(historian.stats.chores ?? {}).map(([name, failing]) => [name, failing === null ? 0 : 1] as const),
    ),
  ];
  if (!queries) return families;
  return [
    ...families,
    gauge('queries_running', 'History queries being answered', () => queries.stats.running),
    counter(
      'queries_turned_away',
      'History queries refused because too many were running',
      () => queries.stats.turnedAway,
    ),
    counter('queries_aborted', 'History answers that ended before they were complete', () => queries.stats.aborted),
  ];
}

function versions(stats: Components['historian']['stats']): Family[] {
  return [
    gauge(
      'historian_versions',
      'Versions of readings kept that arrived again with another value',
      () => stats.versions?.kept ?? 0,
    ),
    labelled(
      'counter',
      'historian_versions_unkept',
      'Versions not kept: full, no room; unanswered, readings not looked up',
      'reason',
      () => [
        ['full', stats.versions?.full ?? 0],
        ['unanswered', stats.versions?.unanswered ?? 0],
      ],
    ),
    gauge(
      'historian_versions_unlooked',
      'Readings that the batch in hand may overwrite and that are still to be looked up',
      () => stats.versions?.unlooked ?? 0,
    ),
  ];
}

function rewriting(stats: Components['historian']['stats']): Family[] {
  const of = (key: 'keptBytes' | 'maxBytes' | 'times') => () => stats.rewrite?.[key] ?? 0;
  return [
    gauge('historian_rewrite_kept_bytes', 'Written bytes of the journal kept to be written again', of('keptBytes')),
    gauge('historian_rewrite_max_bytes', 'Bound of these', of('maxBytes')),
    counter('historian_rewrites', 'Times they were written again: the store may have lost some', of('times')),
  ];
}
