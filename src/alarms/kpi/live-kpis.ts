import { DAY_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import type { AlarmEvent } from '../model/alarm.js';
import { PRIORITIES, type Priority } from '../model/class.js';
import { kpiEventOf, type OperatorPosition } from '../model/kpi/event.js';
import { ChatterDetector, type Nuisance } from '../model/kpi/live/chatter-detector.js';
import { type PositionFlood, PositionLoads } from '../model/kpi/live/position-loads.js';
import { Histogram } from '../model/kpi/report/durations.js';
import { STALE_MS } from '../model/kpi/report/nuisance.js';
import { isAnnunciation, isLateEvent } from '../model/transition.js';
import type { AlarmKpis, Alarms, KpiEvents } from '../port.js';
import { KpiReader } from './reader.js';

interface AlarmLoadOptions {
  readonly state: Pick<State, 'db'>;
  readonly alarms: Pick<Alarms, 'standing' | 'events' | 'onEvent'>;
  readonly registry: Pick<RegistryLookups, 'parks' | 'districts'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Events read at once when the live figures are restored. */
const PAGE = 5_000;

/** Measures how much alarms ask of operators; restores its figures from the stored events at the start. */
export class LiveKpis implements AlarmKpis {
  private readonly reader: KpiReader;
  private readonly loads: PositionLoads;
  private readonly chatter = new ChatterDetector();
  private readonly acknowledged = new Histogram();
  private readonly going = new Map<string, PositionFlood>();
  private readonly listeners = new Set<(flood: PositionFlood) => void>();
  private readonly stop: () => void;

  constructor(private readonly options: AlarmLoadOptions) {
    const { state, alarms, registry, clock } = options;
    this.reader = new KpiReader(state.db, () => alarms.standing());
    this.loads = new PositionLoads(positionsOf(registry));
    this.readBack(clock());
    this.stop = alarms.onEvent((event) => this.accept(event));
  }

  readEvents(period: Period): Promise<KpiEvents> {
    return Promise.resolve(this.reader.read(period));
  }

  nuisances(): readonly Nuisance[] {
    return this.chatter.nuisances(this.options.clock());
  }

  floods(): readonly PositionFlood[] {
    return [...this.going.values()];
  }

  onFlood(listener: (flood: PositionFlood) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends floods and chattering that are over. Called once a second. */
  tick(now: number): void {
    this.chatter.tick(now);
    this.tell(this.loads.tick(now));
  }

  /** The figures for the metrics, as of now. */
  numbers() {
    const now = this.options.clock();
    const standing = Object.fromEntries(PRIORITIES.map((priority) => [priority, 0])) as Record<Priority, number>;
    const counts = { unacknowledged: 0, shelved: 0, outOfService: 0, stale: 0 };
    for (const { state, suppression, priority, unacknowledged, active, receivedAt } of this.options.alarms.standing()) {
      if (suppression === 'shelved') counts.shelved += 1;
      if (suppression === 'out_of_service') counts.outOfService += 1;
      if (suppression !== null || state === 'normal') continue;
      standing[priority] += 1;
      if (unacknowledged) counts.unacknowledged += 1;
      if (active && receivedAt !== null && now - receivedAt > STALE_MS) counts.stale += 1;
    }
    return {
      positions: this.loads.loads(),
      standing,
      ...counts,
      chattering: this.chatter.chattering,
      nuisancesPushedOut: this.chatter.stats.pushedOut,
      timeToAcknowledge: this.acknowledged as Pick<Histogram, 'bounds' | 'counts' | 'sum'>,
    };
  }

  close(): void {
    this.stop();
  }

  /** Nuisances cover the last day, floods the last minutes. */
  private readBack(now: number): void {
    for (let afterSeq = 0; ; ) {
      const page = this.options.alarms.events({ from: now - DAY_MS, afterSeq, limit: PAGE });
      for (const event of page) {
        if (isLateEvent(event.event)) continue;
        const one = kpiEventOf(event);
        this.chatter.append(one);
        this.tell(this.loads.append(one));
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      afterSeq = last.seq;
    }
    this.tick(now);
  }

  private accept(event: AlarmEvent): void {
    if (isLateEvent(event.event)) return;
    const one = kpiEventOf(event);
    this.chatter.append(one);
    if (isAnnunciation(one.event)) this.tell(this.loads.append(one));
    const { alarm } = event;
    if (one.event === 'acknowledged' && one.by !== null && alarm.receivedAt !== null) {
      this.acknowledged.add(Math.max(0, event.receivedAt - alarm.receivedAt) / 1_000);
    }
  }

  private tell(changes: readonly PositionFlood[]): void {
    for (const change of changes) {
      if (change.event === 'began') this.going.set(change.position, change);
      else this.going.delete(change.position);
      for (const listener of this.listeners) listener(change);
    }
  }
}

/** All parks, each district, each park: the positions of the reports. */
function positionsOf(registry: Pick<RegistryLookups, 'parks' | 'districts'>): OperatorPosition[] {
  const parks = registry.parks();
  return [
    { name: 'all', parks: null, system: true },
    ...registry.districts().map(({ id }) => ({
      name: `district:${id}`,
      parks: new Set(parks.filter((park) => park.district === id).map((park) => park.id)),
      system: false,
    })),
    ...parks.map(({ id }) => ({ name: `park:${id}`, parks: new Set([id]), system: false })),
  ];
}
