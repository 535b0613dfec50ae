import type { Journal, JournalBatch } from '../../journal/port.js';
import { type DeviceKey, deviceKey } from '../../model/ids.js';
import { MINUTE_MS, SECOND_MS } from '../../model/time/duration.js';
import type { Registry } from '../../registry/port.js';
import type { RunningAlarms } from '../engine/running.js';
import { type DeviceLiveness, expectedMs, type Liveness } from '../model/absence/device-liveness.js';
import { type AbsenceFinding, AbsenceMonitor, type AbsenceSettings, silenceBoundMs } from '../model/absence/monitor.js';
import type { AlarmInput } from '../port.js';
import { GatewayLivenessBook } from './gateway-liveness.js';
import { hasMoved, type LivenessBook, type ReportingDevice } from './liveness-book.js';
import { AbsenceReport } from './report.js';

export interface AbsenceObserverOptions {
  readonly alarms: Pick<RunningAlarms, 'accept' | 'rules'>;
  readonly registry: Pick<Registry, 'gateway' | 'gateways' | 'device' | 'devices'>;
  readonly journal: Pick<Journal<AlarmInput>, 'onCommitted'>;
  /** Whether the service refuses readings or cannot store them: it then causes the silence itself. */
  readonly refusing?: () => boolean;
  /** Epoch milliseconds; only dates alarms. */
  readonly clock: () => number;
  /** Monotonic milliseconds; absence is judged by it. */
  readonly uptime?: () => number;
  readonly everyMs?: number;
  readonly settings?: Partial<AbsenceSettings>;
  readonly devices: LivenessBook;
}

/** Time that a gateway has to sign in after the start, beyond the time for which any may be offline. */
const START_GRACE_MS = 3 * MINUTE_MS;
/** After a look this late, or refused readings, the service may be the cause: devices get `RESUMED_MS` to report. */
const LATE_MS = 5 * SECOND_MS;
const RESUMED_MS = MINUTE_MS;
/** How often the observer reviews the gateways and devices of the registry. */
const REVIEW_MS = 10 * SECOND_MS;
/** Looks in which the observer goes through all devices, unless they are too many. */
const ROUND = 60;
const MAX_PER_LOOK = 500;
const MAX_GATEWAYS = 10_000;

/** Looks once a second for silent devices and gateways, by stored messages and registry, and tells the alarms. */
export class AbsenceObserver {
  private readonly uptime: () => number;
  private readonly monitor: AbsenceMonitor;
  private readonly gateways: GatewayLivenessBook;
  private readonly report: AbsenceReport;
  private readonly devices: LivenessBook;
  private readonly order: DeviceLiveness[] = [];
  private fresh: DeviceLiveness[] = [];
  private next = 0;
  private lookedAt: number;
  private reviewedAt = Number.NEGATIVE_INFINITY;
  private heldBackAt = Number.NEGATIVE_INFINITY;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: AbsenceObserverOptions) {
    const { uptime = () => performance.now(), everyMs = SECOND_MS, settings } = options;
    this.uptime = uptime;
    this.devices = options.devices;
    const startedAt = uptime();
    this.lookedAt = startedAt;
    this.monitor = new AbsenceMonitor(startedAt, { maxGateways: MAX_GATEWAYS, ...settings });
    this.gateways = new GatewayLivenessBook(this.monitor, options.registry, startedAt + START_GRACE_MS);
    this.report = new AbsenceReport(this.monitor, this.devices, this.gateways);
    for (const device of this.devices.all()) this.follow(device);
    options.journal.onCommitted((batch) => this.hear(batch));
    this.timer = setInterval(() => this.look(), everyMs).unref();
  }

  /** `turnedAway`: devices, series and gateways refused at a bound, counted each time. */
  get stats(): { readonly devices: number; readonly turnedAway: number } {
    let turnedAway = this.devices.refused + this.monitor.turnedAway;
    for (const device of this.order) turnedAway += device.turnedAway;
    return { devices: this.devices.size, turnedAway };
  }

  /** Stops looking; resolves once the learned intervals are stored. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const device of this.order) this.devices.note(device, this.uptime());
    await this.devices.saveAll(this.uptime());
  }

  look(): void {
    const now = this.uptime();
    if (now - this.lookedAt > LATE_MS || this.options.refusing?.()) this.heldBackAt = now;
    this.lookedAt = now;
    if (now - this.reviewedAt >= REVIEW_MS) this.review(now);
    this.gateways.look(now);
    this.handIn(now);
    this.goOn(now);
    void this.devices.save(now);
    if (now - this.heldBackAt < RESUMED_MS) return;
    for (const finding of this.monitor.tick(now)) this.note(finding, now);
    const wallClock = this.options.clock();
    this.options.alarms.accept('absence', (engine) => this.report.tell(engine, now, wallClock));
  }

  /** Stops missing a device until it reports again. */
  forget(id: DeviceKey): void {
    const device = this.devices.get(id);
    if (device === undefined) return;
    this.monitor.unwatch(id);
    for (const series of device.series?.values() ?? []) this.monitor.unwatch(series.id);
    this.report.changed.delete(device);
    this.order.splice(this.order.indexOf(device), 1);
    this.fresh = this.fresh.filter((one) => one !== device);
    this.devices.forget(device);
  }

  /** Runs for every message: one lookup, and no work that can wait. */
  private hear(batch: JournalBatch<AlarmInput>): void {
    const now = this.uptime();
    for (const { decoded, gateway, replayedAt } of batch.entries) {
      // A replay does not show that the device reports now.
      if (replayedAt !== undefined) continue;
      const device =
        decoded === undefined || decoded.readings.length === 0
          ? undefined
          : (this.devices.get(decoded.device) ?? this.meet(decoded));
      if (device === undefined) {
        this.gateways.noteReceipt(gateway, now);
        continue;
      }
      device.noteReceipt(decoded!, now);
      if (device.fresh) continue;
      device.fresh = true;
      this.fresh.push(device);
    }
  }

  private meet(sender: ReportingDevice): DeviceLiveness | undefined {
    const device = this.devices.meet(sender);
    if (device !== undefined) this.follow(device);
    return device;
  }

  /** Watches the device from the next look on. */
  private follow(device: DeviceLiveness): void {
    this.order.push(device);
    this.report.changed.add(device);
    device.fresh = true;
    this.fresh.push(device);
  }

  /** Passes the receipts since the last look to the monitor. */
  private handIn(now: number): void {
    const { fresh, monitor } = this;
    this.fresh = [];
    for (const device of fresh) {
      device.fresh = false;
      const { boundMs, watchedThrough, series } = device;
      const isNews =
        boundMs === undefined || device.gateway !== watchedThrough || series?.size !== device.watchedSeries;
      if (isNews) this.expect(device, now);
      this.gateways.noteReceipt(device.gateway, device.at);
      monitor.noteReceipt(device.id, device.at);
      for (const one of series?.values() ?? []) if (one.boundMs !== undefined) monitor.noteReceipt(one.id, one.at);
    }
  }

  /** Takes over changes in the registry and in the rules. */
  private review(now: number): void {
    const { registry, alarms } = this.options;
    this.reviewedAt = now;
    this.report.setRules(alarms.rules());
    const devices = registry.devices();
    this.gateways.review(devices);
    for (const { id, park, domain, gateway, expectedIntervalS, retiredAt = null } of devices) {
      if (gateway === null || expectedIntervalS === null || retiredAt !== null) continue;
      const device = deviceKey(park, id);
      if (this.devices.get(device) !== undefined) continue;
      if (this.meet({ device, park, domain, gateway }) === undefined) return;
    }
  }

  /** Continues the round through the devices: intervals and rules change, and an observation may be lost. */
  private goOn(now: number): void {
    const count = Math.min(Math.ceil(this.order.length / ROUND), MAX_PER_LOOK);
    for (let n = 0; n < count; n += 1) {
      this.next = (this.next + 1) % this.order.length;
      const device = this.order[this.next]!;
      this.expect(device, now);
      this.devices.note(device, now);
      this.report.changed.add(device);
    }
  }

  /** Gives the monitor the device's present interval. */
  private expect(device: DeviceLiveness, now: number): void {
    if (!this.gateways.knows(device.gateway)) return;
    const expectedS = this.options.registry.device(device.id)?.expectedIntervalS ?? null;
    const expected = expectedS === null ? device.interval.estimateMs : expectedS * SECOND_MS;
    this.watch(device, device, expected, expectedS === null, now);
    device.watchedThrough = device.gateway;
    device.watchedSeries = device.series?.size;
    for (const series of device.series?.values() ?? []) {
      if (this.report.hasRule(device.domain, series.metric)) {
        const isNew = series.boundMs === undefined;
        this.watch(device, series, expectedMs(series), true, now);
        if (isNew) this.monitor.noteReceipt(series.id, series.at);
      } else if (series.boundMs !== undefined) {
        this.monitor.unwatch(series.id);
        series.boundMs = undefined;
      }
    }
  }

  /** Learned bounds move a little with every message; the monitor judges the device again only after a large change. */
  private watch(
    device: DeviceLiveness,
    liveness: Liveness,
    expected: number | null,
    learned: boolean,
    now: number,
  ): void {
    const before = liveness.boundMs;
    const bound = silenceBoundMs(expected);
    const same = learned && before != null && bound !== null && !hasMoved(before, bound);
    const boundMs = same ? before : bound;
    const taken = this.monitor.watch(liveness.id, { device: device.id, gateway: device.gateway, boundMs }, now);
    liveness.boundMs = taken ? boundMs : undefined;
  }

  private note({ kind, id, began }: AbsenceFinding, now: number): void {
    if (kind !== 'series_silent') {
      this.report.gateway(id, kind, began, now);
      return;
    }
    const found = this.report.find(id);
    if (found === undefined) return;
    if (began) found.liveness.silentSince = now;
    this.report.changed.add(found.device);
  }
}
