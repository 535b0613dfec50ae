import type { AlarmFilter } from '../../alarms/model/filter.js';
import type { PositionFlood } from '../../alarms/model/kpi/live/position-loads.js';
import type { AlarmKpis } from '../../alarms/port.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { RegistryLookups } from '../../registry/port.js';
import { textFrame } from '../frame.js';

/** Messages about floods for clients of `/ws/alarms`: without numbers, and only to clients of the position. */
export class Floods {
  constructor(
    private readonly load: Pick<AlarmKpis, 'floods' | 'onFlood'>,
    private readonly registry: Pick<RegistryLookups, 'parks'>,
    private readonly time: WriteTime,
  ) {}

  /** Calls `listener` when a flood begins or ends, with the message and its filter; returns how to stop. */
  onChange(listener: (frame: Buffer, concerns: (filter: AlarmFilter) => boolean) => void): () => void {
    return this.load.onFlood((flood) => listener(this.frame(flood), (filter) => this.concerns(filter, flood)));
  }

  /** The present floods, for a new client; null when none concerns it. */
  now(filter: AlarmFilter): { readonly frames: Buffer; readonly messages: number } | null {
    const frames = this.load
      .floods()
      .filter((flood) => this.concerns(filter, flood))
      .map((flood) => this.frame(flood));
    return frames.length === 0 ? null : { frames: Buffer.concat(frames), messages: frames.length };
  }

  private frame({ position, flood: { from, to, alarms, peak } }: PositionFlood): Buffer {
    const times = { from: this.time(from), to: to === null ? null : this.time(to) };
    return textFrame(JSON.stringify({ type: 'flood', position, active: to === null, ...times, alarms, peak }));
  }

  /** A position concerns a client that follows all its parks, and `all` one that also follows the service. */
  private concerns({ parks, system }: AlarmFilter, { position }: PositionFlood): boolean {
    const [kind, id] = position.split(':');
    if (kind === 'all') return parks === undefined && system !== false;
    if (parks === undefined) return true;
    if (kind === 'park') return parks.has(id ?? '');
    const ofDistrict = this.registry.parks().filter((park) => park.district === id);
    return ofDistrict.length > 0 && ofDistrict.every((park) => parks.has(park.id));
  }
}
