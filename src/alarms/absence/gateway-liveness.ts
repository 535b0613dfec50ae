import type { Device, Registry } from '../../registry/port.js';
import type { AbsenceMonitor } from '../model/absence/monitor.js';

/** A gateway's last receipt and status. Times are of a monotonic clock. */
export interface GatewayLiveness {
  readonly id: string;
  readonly park: string;
  /** Last receipt of a message through it. */
  at: number;
  /** When the monitor last found it silent while connected. */
  silentSince: number;
  online: boolean;
}

/** The gateways and whether they are connected; tells the monitor. */
export class GatewayLivenessBook {
  private readonly byId = new Map<string, GatewayLiveness>();
  /** Gateways that have devices: a gateway registered just now is not missed. */
  private used: ReadonlySet<string> = new Set();
  private readonly removed: GatewayLiveness[] = [];

  constructor(
    private readonly monitor: AbsenceMonitor,
    private readonly registry: Pick<Registry, 'gateway' | 'gateways'>,
    /** Until then a gateway that has not signed in since the start is not missed. */
    private readonly graceUntil: number,
  ) {}

  get(id: string): GatewayLiveness | undefined {
    return this.byId.get(id);
  }

  knows(id: string): boolean {
    return this.find(id) !== undefined;
  }

  /** The park of the gateway that has this id now. */
  parkOf(id: string): string | undefined {
    return this.registry.gateway(id)?.park;
  }

  all(): Iterable<GatewayLiveness> {
    return this.byId.values();
  }

  noteReceipt(id: string, at: number): void {
    const gateway = this.find(id);
    if (gateway === undefined || !(at > gateway.at)) return;
    gateway.at = at;
    this.monitor.heardThrough(id, at);
  }

  review(devices: readonly Pick<Device, 'gateway'>[]): void {
    const used = new Set<string>();
    for (const { gateway } of devices) if (gateway !== null) used.add(gateway);
    this.used = used;
    for (const { id } of this.registry.gateways()) this.find(id);
  }

  look(now: number): void {
    for (const gateway of this.byId.values()) {
      const { id } = gateway;
      const known = this.registry.gateway(id);
      // A gateway of that name registered again in another park is another gateway.
      if (known === undefined || known.park !== gateway.park) {
        this.monitor.forget(id);
        this.byId.delete(id);
        this.removed.push(gateway);
        continue;
      }
      gateway.online = known.online;
      if (known.online) this.monitor.connection(id, true, now);
      else if (known.lastSeenAt !== null) this.monitor.connection(id, false, now);
      else if (this.used.has(id)) this.monitor.connection(id, false, Math.max(now, this.graceUntil));
    }
  }

  /** Removed gateways, whose alarms must end; the report drains them at each look. */
  drainRemoved(): readonly GatewayLiveness[] {
    return this.removed.splice(0);
  }

  private find(id: string): GatewayLiveness | undefined {
    const there = this.byId.get(id);
    const known = there === undefined ? this.registry.gateway(id) : undefined;
    if (known === undefined) return there;
    const never = Number.NEGATIVE_INFINITY;
    const gateway = { id, park: known.park, at: never, silentSince: never, online: known.online };
    this.byId.set(id, gateway);
    return gateway;
  }
}
