import { PRIORITIES } from '../../alarms/model/class.js';
import type { AlarmFilter } from '../../alarms/model/filter.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import type { Piece, RecentEvents } from './recent-events.js';

/** Clients of one group are at few different places; more are not worth the memory. */
const MAX_PIECES = 32;

/** Clients whose filters mean the same: what goes to one goes to all of them, as the same bytes. */
export class FilterGroup {
  members = 0;
  private readonly pieces = new Map<number, Piece>();
  private piecesAsOf = 0;

  constructor(
    readonly key: string,
    readonly filter: AlarmFilter,
    private readonly recent: RecentEvents,
    private readonly maxBytes: number,
  ) {}

  /** What comes after `seq`, which recent events still hold. */
  piece(seq: number): Piece {
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

/** Groups by what their filters mean; there are never more than members. */
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

/** Two filters with the same key let the same alarms through. */
export function filterKey({ parks, domains, system, minPriority, device, ...more }: AlarmFilter): string {
  // With parks limited, naming all domains means the service's own alarms too, and naming none does not.
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
