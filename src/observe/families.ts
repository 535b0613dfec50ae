import { counter, type Family, gauge, labelled } from '../model/metric-family.js';
import type { Components } from './components.js';

const one = (failing: string | null) => (failing === null ? 0 : 1);

/** The service's own metrics. */
export function familiesOf(components: Components): readonly Family[] {
  return [
    ...storage(components),
    ...intake(components),
    ...history(components),
    ...registry(components),
    ...broker(components),
    ...alarms(components),
    ...sockets(components),
    ...http(components),
    ...door(components),
  ];
}

function storage({ state, stateSize, journal }: Components): Family[] {
  return [
    counter('state_commits', 'Group commits on disk', () => state.stats.commits),
    counter('state_failed_commits', 'Group commits the disk refused', () => state.stats.failedCommits),
    gauge('state_failing', '1 while the disk is full or failing', () => one(state.stats.failing)),
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

function intake({ ingest, quarantine }: Components): Family[] {
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

function history({ historian, journal, queries }: Components): Family[] {
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
    gauge('historian_failing', '1 while the writer stands still', () => one(historian.stats.failing)),
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
      Object.entries(historian.stats.chores ?? {}).map(([name, failing]) => [name, one(failing)] as const),
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

function registry({ registry: known, audit }: Components): Family[] {
  return [
    gauge('registry_gateways', 'Gateways in the registry', () => known.stats.gateways),
    gauge('registry_gateways_online', 'Gateways online', () => known.stats.gatewaysOnline),
    gauge('registry_devices', 'Devices in the registry', () => known.stats.devices),
    gauge('registry_tokens', 'API tokens', () => known.stats.tokens),
    counter('registry_discovered', 'Devices taken on at their first reading', () => known.stats.discovered),
    counter('registry_discovery_undone', 'Devices taken on whose commit failed', () => known.stats.discoveryUndone),
    counter(
      'registry_moves_beyond_audit',
      'Moves between gateways beyond what the audit tells',
      () => known.stats.movesBeyondAudit,
    ),
    counter('registry_device_limit_refusals', 'Devices refused by a bound', () => known.stats.deviceLimitRefusals),
    counter('registry_sign_ins', 'Gateway sign-ins checked with success', () => known.stats.signIns),
    counter('registry_sign_in_refusals', 'Gateway sign-ins refused', () => known.stats.signInRefusals),
    counter('registry_sign_ins_busy', 'Sign-ins turned away, too many being checked', () => known.stats.signInBusy),
    counter('audit_changes', 'Changes recorded', () => audit.stats.changes),
    counter('audit_refusals', 'Refusals recorded in a row of their own', () => audit.stats.refusals),
    counter('audit_refusals_collapsed', 'Refusals that joined a row', () => audit.stats.collapsed),
    counter(
      'audit_refusals_dropped',
      'Refusals only counted because of the cap or the disk',
      () => audit.stats.dropped,
    ),
  ];
}

function broker({ broker: mqtt }: Components): Family[] {
  const perGateway = (key: 'messages' | 'bytes' | 'refused') => () =>
    Array.from(mqtt.stats.perGateway, ([gateway, numbers]) => [gateway, numbers[key]] as const);
  return [
    gauge('broker_connected', 'MQTT clients connected', () => mqtt.stats.connected),
    counter('broker_connections', 'MQTT connections taken', () => mqtt.stats.connections),
    counter('broker_published', 'Messages taken from clients', () => mqtt.stats.published),
    labelled('counter', 'broker_refused', 'What clients were refused, by reason', 'reason', () => [
      ['sign_in', mqtt.stats.signInsRefused],
      ['sign_in_later', mqtt.stats.signInsPutOff],
      ['topic', mqtt.stats.topicsRefused],
      ['packet_too_large', mqtt.stats.packetsTooLarge],
      ['protocol', mqtt.stats.protocolErrors],
      ['connections', mqtt.stats.connectionsRefused],
    ]),
    counter(
      'broker_slow_subscribers_closed',
      'Subscribers closed for not reading',
      () => mqtt.stats.slowSubscribersClosed,
    ),
    counter('broker_stalled_closed', 'Clients closed for taking nothing for long', () => mqtt.stats.stalledClosed),
    gauge('broker_underway_bytes', 'Bytes that have come and are not yet stored', () => mqtt.stats.waitingBytes),
    counter(
      'broker_underway_waits',
      'Times that a connection was not read from until more was stored',
      () => mqtt.stats.waits,
    ),
    labelled('counter', 'broker_gateway_messages', 'Messages taken, by gateway', 'gateway', perGateway('messages')),
    labelled('counter', 'broker_gateway_bytes', 'Payload bytes taken, by gateway', 'gateway', perGateway('bytes')),
    labelled('counter', 'broker_gateway_refused', 'Publishes refused, by gateway', 'gateway', perGateway('refused')),
  ];
}

function alarms({ alarms: engine, journal }: Components): Family[] {
  if (!engine) return [];
  return [
    gauge('alarms_standing', 'Alarms standing', () => engine.stats.standing),
    gauge('alarms_conditions', 'Conditions watched', () => engine.stats.conditions),
    gauge('alarms_events_kept', 'Events in the record', () => engine.stats.events),
    gauge('alarms_lag_batches', 'Journal batches not yet evaluated', () =>
      Math.max(0, journal.head() - engine.stats.cursor),
    ),
    counter('alarms_messages', 'Messages evaluated', () => engine.stats.messages),
    counter('alarms_readings', 'Readings evaluated', () => engine.stats.readings),
    counter('alarms_raised', 'Alarms raised', () => engine.stats.happened.raised ?? 0),
    counter('alarms_cleared', 'Alarms cleared', () => engine.stats.happened.cleared ?? 0),
    labelled('counter', 'alarm_events', 'Events of alarms since the start, by name', 'event', () =>
      Object.entries(engine.stats.happened),
    ),
    counter(
      'alarms_refused_conditions',
      'Conditions not watched because of the bound',
      () => engine.stats.refusedConditions,
    ),
    counter('alarms_failed_messages', 'Messages that could not be evaluated', () => engine.stats.failedMessages),
    counter(
      'alarms_cut_backlogs',
      'Backlogs judged before they were over because of the bound',
      () => engine.stats.cutBacklogs,
    ),
    counter('alarms_failed_writes', 'Writes of alarms that failed', () => engine.stats.failedWrites),
    gauge('alarms_failing', '1 while alarms cannot be stored', () => one(engine.stats.failing)),
  ];
}

function sockets({ ws }: Components): Family[] {
  if (!ws) return [];
  return [
    gauge('ws_clients', 'WebSockets open', () => ws.stats.clients),
    counter('ws_opened', 'WebSockets opened', () => ws.stats.opened),
    counter('ws_messages_sent', 'Messages sent: events and readings', () => ws.stats.sent),
    counter('ws_snapshots_sent', 'Snapshots sent', () => ws.stats.snapshots),
    counter('ws_gaps', 'Resumes from before the events that are kept', () => ws.stats.gaps),
    labelled('counter', 'ws_refused', 'Upgrades turned away, by reason', 'reason', () => [
      ['unauthorized', ws.stats.unauthorized],
      ['limited', ws.stats.limited],
      ['full', ws.stats.full],
    ]),
    labelled('counter', 'ws_closed', 'WebSockets closed by the service, by reason', 'reason', () => [
      ['slow', ws.stats.slow],
      ['dead', ws.stats.dead],
      ['garbage', ws.stats.garbage],
      ['idle', ws.stats.idle],
      ['signed_out', ws.stats.signedOut],
      ['fault', ws.stats.failed],
    ]),
    gauge('ws_unsent_bytes', 'Bytes handed over that no client has taken yet', () => ws.stats.unsentBytes),
    counter('ws_shed', 'Slow clients ended because too much was unsent for all together', () => ws.stats.shed),
    counter('ws_fell_back', 'Live clients that fell behind the events in memory', () => ws.stats.fellBack),
    counter('ws_tickets', 'One-time tickets given', () => ws.stats.tickets),
    counter('ws_tickets_pushed_out', 'Tickets that the bound pushed out unused', () => ws.stats.ticketsPushedOut),
  ];
}

function door({ door: component }: Components): Family[] {
  if (!component) return [];
  const { stats } = component;
  return [
    counter(
      'http_turned_away',
      'Requests without a token turned away by the bounds of an address',
      () => stats.turnedAway,
    ),
    counter('http_turned_away_pipelined', 'Of these, those sent ahead of too many others', () => stats.pipelined),
    counter('http_failures_limited', 'Failed sign-ins beyond the bound of an address', () => stats.failures),
    gauge('http_addresses', 'Addresses whose requests without a token are counted', () => stats.addresses),
  ];
}

function http({ http: component }: Components): Family[] {
  if (!component) return [];
  const family = (name: string, help: string, key: 'requests' | 'seconds'): Family => ({
    name,
    help,
    kind: 'counter',
    labels: ['method', 'route', 'status'],
    *samples() {
      for (const { method, route, status, [key]: value } of component.routes.values()) {
        yield { labels: { method, route, status }, value };
      }
    },
  });
  return [
    family('park_http_requests_total', 'HTTP requests answered', 'requests'),
    family('park_http_request_seconds_total', 'Time spent until HTTP answers were sent', 'seconds'),
  ];
}
