import { counter, type Family, gauge, labelled, numberOf } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** What people and programs touch: WebSockets, HTTP, and the front door before both. */
export function sockets({ ws }: Components): Family[] {
  if (!ws) return [];
  const of = numberOf(() => ws.stats);
  return [
    gauge('ws_clients', 'WebSockets open', of('clients')),
    counter('ws_opened', 'WebSockets opened', of('opened')),
    counter('ws_messages_sent', 'Messages sent: events and readings', of('sent')),
    counter('ws_snapshots_sent', 'Snapshots sent', of('snapshots')),
    counter('ws_gaps', 'Resumes from before the events that are kept', of('gaps')),
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
    gauge('ws_unsent_bytes', 'Bytes handed over that no client has taken yet', of('unsentBytes')),
    counter('ws_shed', 'Slow clients ended because too much was unsent for all together', of('shed')),
    counter('ws_fell_back', 'Live clients that fell behind the events in memory', of('fellBack')),
    counter('ws_tickets', 'One-time tickets given', of('tickets')),
    counter('ws_tickets_pushed_out', 'Tickets that the bound pushed out unused', of('ticketsPushedOut')),
  ];
}

export function door({ door: component }: Components): Family[] {
  if (!component) return [];
  const of = numberOf(() => component.stats);
  return [
    counter('http_turned_away', 'Requests without a token turned away by the bounds of an address', of('turnedAway')),
    counter('http_turned_away_pipelined', 'Of these, those sent ahead of too many others', of('pipelined')),
    counter('http_failures_limited', 'Failed sign-ins beyond the bound of an address', of('failures')),
    gauge('http_addresses', 'Addresses whose requests without a token are counted', of('addresses')),
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
