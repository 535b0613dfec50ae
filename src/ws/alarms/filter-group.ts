import { PRIORITIES } from '../../alarms/model/class.js';
import type { AlarmFilter } from '../../alarms/model/filter.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import type { ClientWrite, RecentEvents } from './recent-events.js';

/** Most pieces cached: clients of one group are at few different events. */
const MAX_PIECES = 32;

/** Clients with equivalent filters: they share the same bytes. */
export class FilterGroup {
  members = 0;
  private readonly pieces = new Map<number, ClientWrite>();
  private piecesAsOf = 0;

  constructor(
    readonly key: string,
    readonly filter: AlarmFilter,
    private readonly recent: RecentEvents,
    private readonly maxBytes: number,
  ) {}

  /** The events after `seq`, which recent events must hold. */
  piece(seq: number): ClientWrite {
    if (this.piecesAsOf !== this.recent.last || this.pieces.size >= MAX_PIECES) {
      this.pieces.clear();
      this.piecesAsOf = this.recent.last;
    }
    let piece = this.pieces.get(seq);
    if (!piece) {
      piece = this.recent.piece(seq, this.filter, this.maxBytes);
      this.pieces.set(seq, piece);
    }
    return piece;
  }
}

/** Groups by the meaning of their filters; never more than clients. */
export class FilterGroups {
  private readonly groups = new Map<string, FilterGroup>();

  constructor(
    private readonly recent: RecentEvents,
    private readonly maxBytes: number,
  ) {}

  get size(): number {
    return this.groups.size;
  }

  join(filter: AlarmFilter): FilterGroup {
    const key = filterKey(filter);
    let group = this.groups.get(key);
    if (!group) {
      group = new FilterGroup(key, filter, this.recent, this.maxBytes);
      this.groups.set(key, group);
    }
    group.members += 1;
    return group;
  }

  leave(group: FilterGroup): void {
    group.members -= 1;
    if (group.members === 0) this.groups.delete(group.key);
  }
}

/** Two filters with the same key pass the same alarms. */
export function filterKey({ parks, domains, system, minPriority, device, ...more }: AlarmFilter): string {
  // With a limit on parks, all domains include the service's own alarms, and none do not.
  const allDomains = domains === undefined || (parks === undefined && ALARM_DOMAINS.every((one) => domains.has(one)));
  return JSON.stringify([
    parks ? [...parks].sort() : null,
    allDomains ? null : [...domains].sort(),
    system !== false,
    minPriority === PRIORITIES[0] ? null : (minPriority ?? null),
    device ?? null,
    ...Object.entries(more).map(([name, limit]) => [name, limit instanceof Set ? [...limit].sort() : limit]),
  ]);
}
