import { counter, type Family, gauge, labelled, numberOf } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** Who may sign in, and what comes of it: registry, audit and broker. */
export function registry({ registry: known, audit }: Components): Family[] {
  const of = numberOf(() => known.stats);
  const audited = numberOf(() => audit.stats);
  return [
    gauge('registry_gateways', 'Gateways in the registry', of('gateways')),
    gauge('registry_gateways_online', 'Gateways online', of('gatewaysOnline')),
    gauge('registry_devices', 'Devices in the registry', of('devices')),
    gauge('registry_tokens', 'API tokens', of('tokens')),
    counter('registry_discovered', 'Devices taken on at their first reading', of('discovered')),
    counter('registry_discovery_undone', 'Devices taken on whose commit failed', of('discoveryUndone')),
    counter(
      'registry_moves_beyond_audit',
      'Moves between gateways beyond what the audit tells',
      of('movesBeyondAudit'),
    ),
    counter('registry_device_limit_refusals', 'Devices refused by a bound', of('deviceLimitRefusals')),
    counter('registry_sign_ins', 'Gateway sign-ins checked with success', of('signIns')),
    counter('registry_sign_in_refusals', 'Gateway sign-ins refused', of('signInRefusals')),
    counter('registry_sign_ins_busy', 'Sign-ins turned away, too many being checked', of('signInBusy')),
    counter('audit_changes', 'Changes recorded', audited('changes')),
    counter('audit_refusals', 'Refusals recorded in a row of their own', audited('refusals')),
    counter('audit_refusals_collapsed', 'Refusals that joined a row', audited('collapsed')),
    counter('audit_refusals_dropped', 'Refusals only counted because of the cap or the disk', audited('dropped')),
  ];
}

export function broker({ broker: mqtt }: Components): Family[] {
  const of = numberOf(() => mqtt.stats);
  const perGateway = (key: 'messages' | 'bytes' | 'refused') => () =>
    Array.from(mqtt.stats.perGateway, ([gateway, numbers]) => [gateway, numbers[key]] as const);
  return [
    gauge('broker_connected', 'MQTT clients connected', of('connected')),
    counter('broker_connections', 'MQTT connections taken', of('connections')),
    counter('broker_published', 'Messages taken from clients', of('published')),
    labelled('counter', 'broker_refused', 'What clients were refused, by reason', 'reason', () => [
      ['sign_in', mqtt.stats.signInsRefused],
      ['sign_in_later', mqtt.stats.signInsPutOff],
      ['topic', mqtt.stats.topicsRefused],
      ['packet_too_large', mqtt.stats.packetsTooLarge],
      ['protocol', mqtt.stats.protocolErrors],
      ['connections', mqtt.stats.connectionsRefused],
    ]),
    counter('broker_slow_subscribers_closed', 'Subscribers closed for not reading', of('slowSubscribersClosed')),
    counter('broker_stalled_closed', 'Clients closed for taking nothing for long', of('stalledClosed')),
    gauge('broker_underway_bytes', 'Bytes that have come and are not yet stored', of('waitingBytes')),
    counter('broker_underway_waits', 'Times that a connection was not read from until more was stored', of('waits')),
    labelled('counter', 'broker_gateway_messages', 'Messages taken, by gateway', 'gateway', perGateway('messages')),
    labelled('counter', 'broker_gateway_bytes', 'Payload bytes taken, by gateway', 'gateway', perGateway('bytes')),
    labelled('counter', 'broker_gateway_refused', 'Publishes refused, by gateway', 'gateway', perGateway('refused')),
  ];
}
