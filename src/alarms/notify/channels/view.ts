import { channelPart } from '../../model/notify/channel.js';
import type { Notice } from '../../model/notify/message.js';
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

/** What a test of a channel sends. */
export function testNotice(channel: string, now: number): Notice {
  return {
    id: `test-${now}-${channel}`,
    event: 'test',
    level: 0,
    at: now,
    alarm: {
      id: `test:${channelPart(channel)}`,
      seq: 0,
      priority: 'low',
      domain: 'system',
      park: null,
      device: channelPart(channel),
      place: null,
      message: { zh: '这是一条测试消息', en: 'This is a test message' },
      advice: { zh: '无需处理', en: 'Nothing has to be done' },
      value: 0,
      setpoint: 0,
      state: 'normal',
      active: false,
      unacknowledged: false,
      suppression: null,
    },
  };
}
