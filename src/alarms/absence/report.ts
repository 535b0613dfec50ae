import type { DeviceKey } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import { SECOND_MS } from '../../model/time/duration.js';
import type { AlarmEngine } from '../engine/engine.js';
import type { DeviceLiveness, Liveness } from '../model/absence/device-liveness.js';
import type { AbsenceKind, AbsenceMonitor } from '../model/absence/monitor.js';
import { isDeviceMetric } from '../model/metric.js';
import type { AlarmRule } from '../model/rule/rule.js';
import { DEVICE_SILENCE, silenceKey } from '../model/system.js';
import type { GatewayLiveness, GatewayLivenessBook } from './gateway-liveness.js';
import type { LivenessBook } from './liveness-book.js';

/** Looks after which a standing absence is observed again: its rule may have later levels. */
const REPEAT = 10;
/** Most devices whose change is observed in one look; the others wait for the next. */
const MAX_CHANGED = 2_000;

type Observer = Pick<AlarmEngine, 'observeDevice' | 'observeGateway' | 'reviewGateways'>;

/**
 * Tells the engine which devices, series and gateways are silent or report again. Where that is unknown the alarm
 * stays: of a device while its gateway is away, and of everything after a start until it reports or is judged.
 */
export class AbsenceReport {
  /** Devices to observe at the next look. */
  readonly changed = new Set<DeviceLiveness>();
  private readonly changedGateways = new Set<GatewayLiveness>();
  private bySeries: ReadonlySet<string> = new Set();
  private looks = 0;
  private from: readonly AlarmRule[] = [];

  constructor(
    private readonly monitor: AbsenceMonitor,
    private readonly devices: Pick<LivenessBook, 'get'>,
    private readonly gateways: GatewayLivenessBook,
  ) {}

  /** The monitor watches a series apart from its device where a rule is on its silence. */
  setRules(rules: readonly AlarmRule[]): void {
    if (rules === this.from) return;
    this.from = rules;
    const ofSeries = rules.filter(
      ({ enabled, signal, domain, metric }) =>
        enabled && signal.kind === 'silence' && domain !== 'system' && !isDeviceMetric(metric),
    );
    this.bySeries = new Set(ofSeries.map(({ domain, metric }) => `${domain} ${metric}`));
  }

  hasRule(domain: Domain, metric: string): boolean {
    return this.bySeries.has(`${domain} ${metric}`);
  }

  /** The device, and the device or series that the monitor has under the id. */
  find(id: string) {
    const [key, metric] = id.split(' ');
    const device = this.devices.get(key as DeviceKey);
    if (device === undefined) return undefined;
    if (metric === undefined) return { device, liveness: device as Liveness, metric: DEVICE_SILENCE };
    const series = device.series?.get(metric);
    return series && { device, liveness: series as Liveness, metric };
  }

  gateway(id: string, kind: Exclude<AbsenceKind, 'series_silent'>, began: boolean, now: number): void {
    const gateway = this.gateways.get(id);
    if (gateway === undefined) return;
    if (began && kind === 'gateway_silent') gateway.silentSince = now;
    this.changedGateways.add(gateway);
  }

  /**
   * @param now of the monotonic clock
   * @param at time of the observation, epoch milliseconds
   */
  tell(engine: Observer, now: number, at: number): void {
    this.looks += 1;
    this.tellGateways(engine, now, at);
    const devices = [...this.changed].slice(0, MAX_CHANGED);
    for (const device of devices) this.changed.delete(device);
    const told = new Set(devices);
    this.tellSilent(engine, told, now, at);
    for (const device of told) this.tellHeard(engine, device, at);
  }

  private tellSilent(engine: Observer, told: ReadonlySet<DeviceLiveness>, now: number, at: number): void {
    let turn = 0;
    this.monitor.forEachSilent(now, (id, seconds) => {
      turn += 1;
      const found = this.find(id);
      if (found === undefined || !(told.has(found.device) || (turn + this.looks) % REPEAT === 0)) return;
      const { device, liveness, metric } = found;
      // Only just overdue: the next look observes it.
      if (seconds === 0) this.changed.add(device);
      // A series is missing only while its device reports; else the device is.
      else if (liveness === device || device.at > now - seconds * SECOND_MS - 1) {
        engine.observeDevice(device.id, device.park, device.domain, silenceKey(metric), seconds, at);
      }
    });
  }

  private tellHeard(engine: Observer, device: DeviceLiveness, at: number): void {
    const { id, park, domain, usual, series } = device;
    const fine = (metric: string) => engine.observeDevice(id, park, domain, silenceKey(metric), 0, at);
    if (!(device.at > device.silentSince)) return;
    fine(DEVICE_SILENCE);
    if (this.bySeries.size === 0) return;
    if (series === null) {
      for (const metric of usual) if (this.hasRule(domain, metric)) fine(metric);
    } else {
      for (const one of series.values()) {
        if (one.at > one.silentSince && this.hasRule(domain, one.metric)) fine(one.metric);
      }
    }
  }

  private tellGateways(engine: Observer, now: number, at: number): void {
    for (const { id, park } of this.gateways.drainRemoved()) {
      engine.observeGateway(id, park, 'gateway_offline_s', 0, at);
      engine.observeGateway(id, park, 'gateway_silent_s', 0, at);
    }
    engine.reviewGateways((id) => this.gateways.parkOf(id), at);
    let turn = 0;
    for (const gateway of this.gateways.all()) {
      turn += 1;
      if (this.changedGateways.has(gateway) || (turn + this.looks) % REPEAT === 0) {
        if (this.tellGateway(engine, gateway, now, at)) this.changedGateways.delete(gateway);
      }
    }
  }

  /** Returns whether the gateway needs no observation at the next look. */
  private tellGateway(engine: Observer, gateway: GatewayLiveness, now: number, at: number): boolean {
    const { id, park } = gateway;
    const absence = this.monitor.gatewayAbsence(id, now);
    const tell = (metric: 'gateway_offline_s' | 'gateway_silent_s', seconds: number) =>
      engine.observeGateway(id, park, metric, seconds, at);
    if (absence === null) {
      if (gateway.online) tell('gateway_offline_s', 0);
      if (gateway.at > gateway.silentSince) tell('gateway_silent_s', 0);
      return true;
    }
    if (absence.seconds === 0) return false;
    tell('gateway_offline_s', absence.kind === 'gateway_down' ? absence.seconds : 0);
    tell('gateway_silent_s', absence.kind === 'gateway_silent' ? absence.seconds : 0);
    return true;
  }
}
