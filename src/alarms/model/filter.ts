import type { Alarm } from './alarm.js';
import { atLeast, type Priority } from './class.js';
import { plainId } from './judge/seen.js';
import type { AlarmDomain } from './rule/rule.js';
import type { AlarmStateName, SuppressionName } from './state.js';

/**
 * Which alarms are meant; what is left out does not limit. Alarms of the service itself are meant when `domains` names
 * `system`, or when neither parks nor domains are limited, unless `system` is false.
 */
export interface AlarmFilter {
  readonly parks?: ReadonlySet<string>;
  readonly domains?: ReadonlySet<AlarmDomain>;
  readonly system?: boolean;
  /** The parks that the client may see: they decide what alarms are called. Left out: all. */
  readonly sees?: ReadonlySet<string>;
  readonly minPriority?: Priority;
  readonly priorities?: ReadonlySet<Priority>;
  readonly device?: string;
  readonly states?: ReadonlySet<AlarmStateName>;
  /** `none`: not suppressed. */
  readonly suppressions?: ReadonlySet<SuppressionName | 'none'>;
  /** Text in the messages, the id, the place or the enterprise, in lower case. */
  readonly text?: string;
  /** `from <= raisedAt < to`, epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

export function matches(filter: AlarmFilter, alarm: Alarm): boolean {
  return (
    (alarm.park === null ? meansSystem(filter) : filter.parks === undefined || filter.parks.has(alarm.park)) &&
    (filter.domains === undefined || filter.domains.has(alarm.domain)) &&
    (filter.minPriority === undefined || atLeast(alarm.priority, filter.minPriority)) &&
    (filter.priorities === undefined || filter.priorities.has(alarm.priority)) &&
    (filter.device === undefined || filter.device === alarm.device) &&
    (filter.states === undefined || filter.states.has(alarm.state)) &&
    (filter.suppressions === undefined || filter.suppressions.has(alarm.suppression ?? 'none')) &&
    (filter.from === undefined || (alarm.raisedAt !== null && alarm.raisedAt >= filter.from)) &&
    (filter.to === undefined || (alarm.raisedAt !== null && alarm.raisedAt < filter.to)) &&
    (filter.text === undefined || says(alarm, filter.text))
  );
}

function meansSystem({ system, parks, domains }: AlarmFilter): boolean {
  return system !== false && (domains?.has('system') ?? parks === undefined);
}

function says({ id, park, message, place, enterprise }: Alarm, text: string): boolean {
  return [park === null ? id : plainId(id, park), message.zh, message.en, place, enterprise].some((one) =>
    one?.toLowerCase().includes(text),
  );
}
