import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** What people and programs touch: WebSockets, HTTP, and the front door before both. */
export function sockets({ ws }: Components): Family[] {
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

export function door({ door: component }: Components): Family[] {
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

export function http({ http: component }: Components): Family[] {
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
