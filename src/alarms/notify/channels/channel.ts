import { channelPart } from '../../model/notify/channel.js';
import type { Notice } from '../../model/notify/message.js';
import type { DeliveryStore } from '../delivery/store.js';
import { type ChannelInput, type ChannelSettings, type ChannelTarget, type ChannelView, NotifyError } from '../port.js';

/** A channel with what is secret about it; never for answers or logs. */
export interface Channel {
  readonly id: string;
  readonly settings: ChannelSettings;
  readonly target: ChannelTarget;
  readonly secret: string | null;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Whether a channel works: since when no attempt succeeded, and why the last one failed. */
export interface Health {
  readonly failingSince: number | null;
  readonly error: string | null;
}

/** Shortest key of a webhook's signature. */
const WEBHOOK_SECRET = 16;

/**
 * Target and secret as they will stand, with what the input leaves out taken from the known channel.
 * @throws NotifyError naming each field that is missing
 */
export function sealed(
  known: Channel | undefined,
  { target: given, secret: newSecret }: ChannelInput,
): Pick<Channel, 'target' | 'secret'> {
  const before = known?.target.kind === given.kind ? known : undefined;
  const target = targetOf(given, before?.target);
  const secret = newSecret === undefined ? (before?.secret ?? null) : newSecret;
  if (target.kind === 'webhook' && (secret === null || secret.length < WEBHOOK_SECRET)) {
    throw invalid('secret', `at least ${WEBHOOK_SECRET} characters: the key of the signature`);
  }
  if (target.kind === 'email') requirePassword(target, secret, newSecret, before);
  if (target.kind === 'wecom' && secret !== null)
    throw invalid('secret', 'nothing: the URL of the robot is its secret');
  return { target, secret };
}

function targetOf(given: ChannelInput['target'], before: ChannelTarget | undefined): ChannelTarget {
  if (given.kind === 'email') return given;
  if (given.url !== undefined) return { kind: given.kind, url: given.url };
  if (before !== undefined) return before;
  throw invalid('url', 'the URL that messages are posted to');
}

/** A password that is kept must not be sent to another server because somebody changed the host. */
function requirePassword(
  target: Extract<ChannelTarget, { kind: 'email' }>,
  secret: string | null,
  newSecret: string | null | undefined,
  before: Channel | undefined,
): void {
  if (target.user === null) {
    if (secret !== null) throw invalid('secret', 'nothing where there is no user');
    return;
  }
  if (secret === null) throw invalid('secret', 'the password of the user');
  const was = before?.target.kind === 'email' ? before.target : undefined;
  const moved = was !== undefined && (was.host !== target.host || was.port !== target.port);
  if (moved && newSecret === undefined) throw invalid('secret', 'the password again: the mail server is another one');
}

function invalid(field: string, expected: string): NotifyError {
  return new NotifyError('invalid', 'invalid_channel', `${field}: ${expected}`, [{ field, expected }]);
}

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
