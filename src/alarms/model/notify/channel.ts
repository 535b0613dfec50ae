import { atLeast, type Priority } from '../class.js';
import type { AlarmDomain } from '../rule/rule.js';
import type { NotifiedAlarm } from './event.js';
import { EVERY_CHANNEL } from './policy.js';

/** Kinds of channels; `dingtalk` and `wecom` are the group robots of DingTalk and WeCom. */
export const CHANNEL_KINDS = ['webhook', 'dingtalk', 'wecom', 'email'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Which alarms a channel carries; empty lists do not limit. Alarms of the service itself pass any list of parks. */
export interface ChannelFilter {
  readonly parks: readonly string[];
  readonly domains: readonly AlarmDomain[];
  readonly minPriority: Priority;
}

/** What decides whether a channel gets a notice. */
export interface Reachable {
  readonly id: string;
  readonly enabled: boolean;
  readonly filter: ChannelFilter;
}

/** `device` of the alarm about a channel. */
export const channelPart = (channel: string): string => `channel-${channel}`;

/** Whether the channel carries this alarm. The alarm about a channel never goes through that channel. */
export function carries({ id, enabled, filter }: Reachable, alarm: NotifiedAlarm): boolean {
  const { parks, domains, minPriority } = filter;
  return (
    enabled &&
    (parks.length === 0 || alarm.park === null || parks.includes(alarm.park)) &&
    (domains.length === 0 || domains.includes(alarm.domain)) &&
    atLeast(alarm.priority, minPriority) &&
    !(alarm.domain === 'system' && alarm.device === channelPart(id))
  );
}

/** The channels that `names` select for an alarm, each once. */
export type Reach = (alarm: NotifiedAlarm, names: readonly string[]) => readonly string[];

export function reachOf(channels: Iterable<Reachable>): Reach {
  const all = [...channels];
  return (alarm, names) => {
    const every = names.includes(EVERY_CHANNEL);
    return all.filter((one) => (every || names.includes(one.id)) && carries(one, alarm)).map((one) => one.id);
  };
}
