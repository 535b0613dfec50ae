import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { Components } from '../components.js';

/** Who may sign in, and what comes of it: registry, audit and broker. */
export function registry({ registry: known, audit }: Components): Family[] {
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

export function broker({ broker: mqtt }: Components): Family[] {
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
