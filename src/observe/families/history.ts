import { counter, type Family, gauge, labelled, numberOf } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** The historian, its roll-ups and files, and the queries of history. */
export function history({ historian, journal, queries }: Components): Family[] {
  const of = numberOf(() => historian.stats);
  const rolled = numberOf(() => historian.stats.rollups);
  const damaged = numberOf(() => historian.stats.damage);
  const families = [
    labelled('gauge', 'historian_info', 'Which store keeps the readings', 'adapter', () => [
      [historian.stats.adapter, 1],
    ]),
    gauge('historian_applied_seq', 'Journal sequence visible to queries', of('appliedSeq')),
    gauge('historian_durable_seq', 'Journal sequence safe in the store', of('durableSeq')),
    gauge('historian_lag_batches', 'Journal batches not yet visible to queries', () =>
      Math.max(0, journal.head() - historian.stats.appliedSeq),
    ),
    counter('historian_readings', 'Readings written', of('readings')),
    gauge('historian_failing', '1 while the writer stands still', () => (historian.stats.failing === null ? 0 : 1)),
    gauge('historian_blind', '1 while the store is written to and cannot be read', () =>
      historian.stats.blind ? 1 : 0,
    ),
    counter('historian_restarts', 'Times the writer ended unasked', of('restarts')),
    counter('historian_refused', 'Readings the store would not take, now in quarantine', of('refused')),
    labelled('counter', 'historian_write_errors', 'Tries to write that failed', 'kind', () =>
      Object.entries(historian.stats.writeErrors),
    ),
    gauge('historian_batch_bytes', 'Bytes of the journal that one write carries', of('batchBytes')),
    ...rewriting(historian),
    ...versions(historian),
    gauge('rollups_to_seconds', 'Epoch time before which all hours are rolled up', () =>
      Math.max(0, (historian.stats.rollups.rolledTo ?? 0) / 1_000),
    ),
    gauge('rollups_dirty_series', 'Series whose roll-ups wait for a correction', rolled('dirtySeries')),
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
      of('final'),
    ),
    counter(
      'historian_ignored_readings',
      'Readings that were too old to be kept when they came to the store',
      of('ignored'),
    ),
    gauge('history_damaged_files', 'Files of history that are missing or damaged', damaged('files')),
    gauge('history_missing_readings', 'Readings in those files', damaged('readings')),
    gauge('history_set_aside_files', 'Files that lie aside in the lake for somebody to look at', damaged('setAside')),
    gauge('history_set_aside_bytes', 'Bytes of these', damaged('setAsideBytes')),
    gauge(
      'history_set_aside_oldest_seconds',
      'Epoch time at which the oldest of these was written, 0 without any',
      () => (historian.stats.damage.setAsideSince ?? 0) / 1_000,
    ),
    labelled('gauge', 'housekeeping_failing', '1 while a part of housekeeping fails', 'part', () =>
      Object.entries(historian.stats.chores).map(([name, failing]) => [name, failing === null ? 0 : 1] as const),
    ),
  ];
  if (!queries) return families;
  const running = numberOf(() => queries.stats);
  return [
    ...families,
    gauge('queries_running', 'History queries being answered', running('running')),
    counter('queries_turned_away', 'History queries refused because too many were running', running('turnedAway')),
    counter('queries_aborted', 'History answers that ended before they were complete', running('aborted')),
  ];
}

function versions(historian: Components['historian']): Family[] {
  const of = numberOf(() => historian.stats.versions);
  return [
    gauge('historian_versions', 'Versions of readings kept that arrived again with another value', of('kept')),
    labelled(
      'counter',
      'historian_versions_unkept',
      'Versions not kept: full, no room; unanswered, readings not looked up',
      'reason',
      () => [
        ['full', historian.stats.versions.full],
        ['unanswered', historian.stats.versions.unanswered ?? 0],
      ],
    ),
    gauge(
      'historian_versions_unlooked',
      'Readings that the batch in hand may overwrite and that are still to be looked up',
      of('unlooked'),
    ),
  ];
}

function rewriting(historian: Components['historian']): Family[] {
  const of = numberOf(() => historian.stats.rewrite);
  return [
    gauge('historian_rewrite_kept_bytes', 'Written bytes of the journal kept to be written again', of('keptBytes')),
    gauge('historian_rewrite_max_bytes', 'Bound of these', of('maxBytes')),
    counter('historian_rewrites', 'Times they were written again: the store may have lost some', of('times')),
  ];
}
