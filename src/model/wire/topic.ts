import { isId } from '../ids.js';
import { type Domain, isDomain } from '../reading.js';

/** Parsed topic below `parks/`. The contract defines the grammar; any other topic is `null`. */
type Topic =
  | { readonly kind: 'readings'; readonly park: string; readonly domain: Domain; readonly device: string }
  | { readonly kind: 'status'; readonly park: string; readonly gateway: string }
  | { readonly kind: 'rejections'; readonly park: string; readonly gateway: string }
  | { readonly kind: 'alarm'; readonly park: string; readonly alarm: string };

/** Parses a topic name (no wildcards); `null` when the contract does not define it. */
export function parseTopic(topic: string): Topic | null {
  const [root, park, group, name, leaf, more] = topic.split('/');
  if (root !== 'parks' || !park || !group || !name || more !== undefined || !isId(park)) return null;
  if (group === 'alarms' && leaf === undefined) return { kind: 'alarm', park, alarm: name };
  if (!isId(name)) return null;
  if (group === 'gateways' && leaf === 'status') return { kind: 'status', park, gateway: name };
  if (group === 'gateways' && leaf === 'rejections') return { kind: 'rejections', park, gateway: name };
  if (leaf === 'readings' && isDomain(group)) return { kind: 'readings', park, domain: group, device: name };
  return null;
}

export const readingsTopic = (park: string, domain: Domain, device: string) =>
  `parks/${park}/${domain}/${device}/readings`;
export const statusTopic = (park: string, gateway: string) => `parks/${park}/gateways/${gateway}/status`;
export const rejectionsTopic = (park: string, gateway: string) => `parks/${park}/gateways/${gateway}/rejections`;
export const alarmTopic = (park: string, alarm: string) => `parks/${park}/alarms/${alarm}`;

/** Whether a subscription filter stays below `parks/{park}/`, whatever its wildcards. */
export function filterStaysInPark(filter: string, park: string): boolean {
  const [root, name, below] = filter.split('/');
  return root === 'parks' && name === park && below !== undefined && below !== '';
}
