import type { DeviceReadings } from '../../model/reading.js';
import { MINUTE_MS } from '../../model/time/duration.js';
import { eventTime, isOlder, LIVE_WINDOW_MS, SteadyLag } from '../../model/time/trust.js';

/** How old the newest of a gateway is when it comes. */
interface GatewayClock {
  readonly id: string;
  readonly park: string;
  /** Event time of its newest reading. */
  newestAt: number;
  /** Age of the newest at the last receipt, in milliseconds. */
  behindMs: number;
  /** Since which receipt all that came was late; NaN while it is not. */
  lateFrom: number;
  /** Whether that has lasted long enough to be told. */
  lasts: boolean;
  /** Only while it is late. */
  lag: SteadyLag | null;
}

const ON_TIME = { lateFrom: Number.NaN, lasts: false, lag: null } as const;
/** For how long everything that comes has to be late. */
const LASTS_MS = MINUTE_MS;

/** The lag of each gateway: receipt of a message minus the newest event time of that gateway. */
export class GatewayClocks {
  private readonly byId = new Map<string, GatewayClock>();
  /** Those whose lag has to be told: they are behind, or were when it was told last. */
  private readonly behind = new Set<GatewayClock>();

  /** @param ts of the newest reading of the message */
  heard({ gateway, park, receivedAt }: DeviceReadings, ts: number | undefined): GatewayClock | undefined {
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
      clock.lag.take(clock.behindMs, receivedAt);
    }
    return clock;
  }

  /** One whose lag stood as an alarm when the service stopped. */
  resume({ id, park }: { readonly id: string; readonly park: string | null }): void {
    if (park === null || this.byId.has(id)) return;
    const unknown = { newestAt: Number.NEGATIVE_INFINITY, behindMs: Number.NaN, ...ON_TIME };
    const clock: GatewayClock = { id, park, ...unknown };
    this.byId.set(id, clock);
    this.behind.add(clock);
  }

  /** Tells the lag, in seconds, of those that are behind, and once of those that no longer are. */
  tell(to: (gateway: string, park: string, seconds: number) => void): void {
    for (const clock of this.behind) {
      // Not heard since the start: nobody knows.
      if (Number.isNaN(clock.behindMs)) continue;
      if (clock.behindMs > LIVE_WINDOW_MS && !clock.lasts) continue;
      const isBehind = clock.lasts;
      to(clock.id, clock.park, isBehind ? Math.round(clock.behindMs / 1_000) : 0);
      if (!isBehind) this.behind.delete(clock);
    }
  }
}
