import type { DeliveryStore } from '../delivery/store.js';
import type { ChannelTarget, ChannelView } from '../port.js';
import type { Channel, Health } from './channel.js';

/** A channel as it may be shown: without its secret, and of its URL only where it leads. */
export function viewOf(channel: Channel, health: Health, queue: Pick<DeliveryStore, 'count'>): ChannelView {
  const { id, settings, target, secret, updatedAt, updatedBy } = channel;
  return {
    id,
    kind: target.kind,
    ...settings,
    address: addressOf(target),
    email: target.kind === 'email' ? mailOf(target) : null,
    hasSecret: secret !== null,
    updatedAt,
    updatedBy,
    ...health,
    waiting: queue.count(id, 'waiting'),
    dead: queue.count(id, 'dead'),
  };
}

function addressOf(target: ChannelTarget): string {
  return target.kind === 'email' ? `smtp://${target.host}:${target.port}` : new URL(target.url).origin;
}

function mailOf({ host, port, secure, user, from, to }: Extract<ChannelTarget, { kind: 'email' }>) {
  return { host, port, secure, user, from, to };
}
