import type { DeviceReadings } from '../../model/reading.js';
import { MINUTE_MS } from '../../model/time/duration.js';
import { eventTime, isOlder, LIVE_WINDOW_MS, SteadyLag } from '../../model/time/trust.js';

/** Age of a gateway's newest reading at receipt. */
interface GatewayClock {
  readonly id: string;
  readonly park: string;
  newestAt: number;
  /** Age of the newest reading at the last receipt, in milliseconds. */
  behindMs: number;
  /** Receipt since which all its readings came late; NaN while they come on time. */
  lateFrom: number;
  /** Whether the lag has lasted for `LASTS_MS`. */
  lasts: boolean;
  /** Null while it is on time. */
  lag: SteadyLag | null;
}

const ON_TIME = { lateFrom: Number.NaN, lasts: false, lag: null } as const;
/** How long all readings of a gateway must be late before the engine observes the lag. */
const LASTS_MS = MINUTE_MS;

/** The lag of each gateway: receipt of a message minus the newest event time of that gateway. */
export class GatewayClocks {
  private readonly byId = new Map<string, GatewayClock>();
  /** Gateways that are late, or were at the last `tell`. */
  private readonly behind = new Set<GatewayClock>();

  /** @param ts event time of the message's newest reading, epoch milliseconds */
  noteReceipt({ gateway, park, receivedAt }: DeviceReadings, ts: number | undefined): GatewayClock | undefined {
    let clock = this.byId.get(gateway);
    if (ts === undefined) return clock;
    if (clock === undefined) {
      clock = { id: gateway, park, newestAt: Number.NEGATIVE_INFINITY, behindMs: 0, ...ON_TIME };
      this.byId.set(gateway, clock);
    }
    const at = eventTime(ts, receivedAt);
    const isNewest = !isOlder(at, clock.newestAt, receivedAt);
    if (isNewest) clock.newestAt = at;
    clock.behindMs = receivedAt - clock.newestAt;
    if (clock.behindMs <= LIVE_WINDOW_MS) {
      if (clock.lag !== null || clock.lateFrom > 0) Object.assign(clock, ON_TIME);
      return clock;
    }
    if (Number.isNaN(clock.lateFrom) || clock.lateFrom > receivedAt) clock.lateFrom = receivedAt;
    clock.lasts = receivedAt - clock.lateFrom >= LASTS_MS;
    if (clock.lasts) this.behind.add(clock);
    if (isNewest) {
      clock.lag ??= new SteadyLag();
      clock.lag.accept(clock.behindMs, receivedAt);
    }
    return clock;
  }

  /** Resumes a gateway whose lag stood as an alarm when the service stopped. */
  resume({ id, park }: { readonly id: string; readonly park: string | null }): void {
    if (park === null || this.byId.has(id)) return;
    const unknown = { newestAt: Number.NEGATIVE_INFINITY, behindMs: Number.NaN, ...ON_TIME };
    const clock: GatewayClock = { id, park, ...unknown };
    this.byId.set(id, clock);
    this.behind.add(clock);
  }

  /** Passes on the lag, in seconds, of each late gateway, and 0 once when it is on time again. */
  tell(to: (gateway: string, park: string, seconds: number) => void): void {
    for (const clock of this.behind) {
      // No message since the start: the lag is unknown.
      if (Number.isNaN(clock.behindMs)) continue;
      if (clock.behindMs > LIVE_WINDOW_MS && !clock.lasts) continue;
      const isBehind = clock.lasts;
      to(clock.id, clock.park, isBehind ? Math.round(clock.behindMs / 1_000) : 0);
      if (!isBehind) this.behind.delete(clock);
    }
  }
}
