import { counter, type Family, gauge, labelled, numberOf } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** The way of readings to the disk: state file, journal, ingest and quarantine. */
export function storage({ state, stateSize, journal }: Components): Family[] {
  const commits = numberOf(() => state.stats);
  const of = numberOf(() => journal.stats);
  return [
    counter('state_commits', 'Group commits on disk', commits('commits')),
    counter('state_failed_commits', 'Group commits the disk refused', commits('failedCommits')),
    gauge('state_failing', '1 while the disk is full or failing', () => (state.stats.failing === null ? 0 : 1)),
    gauge('state_last_commit_seconds', 'Duration of the last group commit', () => state.stats.lastCommitMs / 1000),
    counter('journal_messages', 'Messages made durable', of('messages')),
    counter('journal_bytes', 'Payload bytes made durable', of('bytes')),
    gauge('journal_kept_bytes', 'Bytes of the state file that the journal takes', of('keptBytes')),
    gauge('journal_held_bytes', 'Bytes of the journal that a follower has not released', of('heldBytes')),
    gauge('journal_max_bytes', 'Bound of the bytes held', of('maxBytes')),
    gauge('journal_refusing', '1 while readings are refused at the bound, 2 while those of fire are too', () =>
      ['nothing', 'all_but_urgent', 'everything'].indexOf(journal.stats.refusing),
    ),
    counter('journal_refused', 'Messages refused at the bound', of('refused')),
    gauge('journal_head_seq', 'Newest durable sequence number', () => journal.head()),
    gauge('journal_trimmed_seq', 'Sequence number up to which the journal was trimmed', of('trimmedTo')),
    ...(stateSize === undefined
      ? []
      : [
          gauge('state_file_bytes', 'Size of the state file', () => stateSize().bytes),
          gauge('state_file_free_bytes', 'Free bytes in the state file', () => stateSize().freeBytes),
          gauge('state_log_bytes', 'Size of the write-ahead log', () => stateSize().logBytes),
        ]),
  ];
}

export function ingestion({ ingest, quarantine }: Components): Family[] {
  const of = numberOf(() => ingest.stats);
  const quarantined = numberOf(() => quarantine.stats);
  return [
    counter('ingest_messages', 'Messages on readings topics', of('messages')),
    counter('ingest_readings', 'Readings taken', of('readings')),
    counter('ingest_bytes', 'Payload bytes received', of('bytes')),
    counter('ingest_late_readings', 'Accepted readings older than the live window', of('late')),
    counter('ingest_clock_refused', 'Messages refused because the clock of the service is not set', of('clockRefused')),
    labelled('counter', 'ingest_rejected', 'Rejected items or messages, by code', 'code', () =>
      Object.entries(ingest.stats.rejected),
    ),
    gauge('quarantine_messages', 'Messages in quarantine', quarantined('kept')),
    gauge('quarantine_bytes', 'Bytes of the state file that quarantine takes', () => quarantine.heldBytes),
    gauge(
      'quarantine_guarded_messages',
      'Messages in quarantine that were acknowledged and the historian refused',
      quarantined('guarded'),
    ),
    counter('quarantine_pushed_out', 'Messages that left quarantine because of its bound', quarantined('pushedOut')),
  ];
}
