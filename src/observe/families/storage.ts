import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** What arrives and is made durable: the state file, the journal, ingest and quarantine. */
export function storage({ state, stateSize, journal }: Components): Family[] {
  return [
    counter('state_commits', 'Group commits on disk', () => state.stats.commits),
    counter('state_failed_commits', 'Group commits the disk refused', () => state.stats.failedCommits),
    gauge('state_failing', '1 while the disk is full or failing', () => (state.stats.failing === null ? 0 : 1)),
    gauge('state_last_commit_seconds', 'Duration of the last group commit', () => state.stats.lastCommitMs / 1000),
    counter('journal_messages', 'Messages made durable', () => journal.stats.messages),
    counter('journal_bytes', 'Payload bytes made durable', () => journal.stats.bytes),
    gauge('journal_kept_bytes', 'Bytes of the state file that the journal takes', () => journal.stats.keptBytes),
    gauge('journal_held_bytes', 'Of these, what some follower has not released', () => journal.stats.heldBytes),
    gauge('journal_max_bytes', 'Bound of what is held', () => journal.stats.maxBytes),
    gauge('journal_refusing', '1 while readings are refused at the bound, 2 while those of fire are too', () =>
      ['nothing', 'all_but_urgent', 'everything'].indexOf(journal.stats.refusing),
    ),
    counter('journal_refused', 'Messages refused at the bound', () => journal.stats.refused),
    gauge('journal_head_seq', 'Newest durable sequence number', () => journal.head()),
    gauge('journal_trimmed_seq', 'Sequence number up to which the journal was trimmed', () => journal.stats.trimmedTo),
    ...(stateSize === undefined
      ? []
      : [
          gauge('state_file_bytes', 'Size of the state file', () => stateSize().bytes),
          gauge('state_file_free_bytes', 'Of these, free to be used again', () => stateSize().freeBytes),
          gauge('state_log_bytes', 'Size of the write-ahead log', () => stateSize().logBytes),
        ]),
  ];
}

export function intake({ ingest, quarantine }: Components): Family[] {
  return [
    counter('ingest_messages', 'Messages on readings topics', () => ingest.stats.messages),
    counter('ingest_readings', 'Readings taken', () => ingest.stats.readings),
    counter('ingest_bytes', 'Payload bytes received', () => ingest.stats.bytes),
    counter('ingest_late_readings', 'Readings taken that were older than the live window', () => ingest.stats.late),
    counter(
      'ingest_clock_refused',
      'Messages refused because the clock of the service is not set',
      () => ingest.stats.clockRefused ?? 0,
    ),
    labelled('counter', 'ingest_rejected', 'Items or messages not taken, by code', 'code', () =>
      Object.entries(ingest.stats.rejected),
    ),
    gauge('quarantine_messages', 'Messages in quarantine', () => quarantine.stats.kept),
    gauge('quarantine_bytes', 'Bytes of the state file that they take', () => quarantine.heldBytes),
    gauge(
      'quarantine_guarded_messages',
      'Of these, acknowledged ones that the historian refused',
      () => quarantine.stats.guarded,
    ),
    counter(
      'quarantine_pushed_out',
      'Messages that left quarantine because of its bound',
      () => quarantine.stats.pushedOut,
    ),
  ];
}
