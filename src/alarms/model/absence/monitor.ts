import { MINUTE_MS, SECOND_MS } from '../../../model/time/duration.js';
import { DeadlineHeap } from '../judge/deadline-heap.js';
import { dueOf, type WatchedDevice, WatchedGateway, type WatchedSeries } from './gateway.js';

const ABSENCE_DEFAULTS = {
  /** Time offline after which a gateway is down. */
  gatewayDownMs: 2 * MINUTE_MS,
  /** Longest silence of a connected gateway, unless each of its series is expected more rarely. */
  gatewaySilentMs: 15 * MINUTE_MS,
  maxSeries: 100_000,
  maxGateways: 2_000,
  /** Series judged in one tick, about; the others wait for the next, so that a tick stays short. */
  maxPerTick: 2_000,
};
export type AbsenceSettings = Readonly<typeof ABSENCE_DEFAULTS>;

const EXPECTED_INTERVALS = 3;

/** Longest normal silence of a series: as configured, else three expected intervals, at least 1 min; null: any. */
export function silenceBoundMs(expectedIntervalMs: number | null, configuredMs: number | null = null): number | null {
  if (configuredMs !== null) return configuredMs;
  return expectedIntervalMs === null ? null : Math.max(EXPECTED_INTERVALS * expectedIntervalMs, MINUTE_MS);
}

/** Subject of the watch: one metric of a device, or a whole device. */
interface AbsenceSubject {
  readonly device: string;
  readonly gateway: string;
  /** See `silenceBoundMs`; null: not judged, but its readings show that its gateway works. */
  readonly boundMs: number | null;
}

export type AbsenceKind = 'series_silent' | 'gateway_down' | 'gateway_silent';

export interface AbsenceFinding {
  readonly kind: AbsenceKind;
  /** The series or the gateway. */
  readonly id: string;
  readonly began: boolean;
  /** For a silent series: no other series of its device has reported since it was due. */
  readonly wholeDevice: boolean;
}

/**
 * Tells silent devices from gateways that are down (offline) or silent (connected, but mute). Times are of receipt, in
 * milliseconds of a monotonic clock. A series is silent when it is overdue and its gateway has delivered something
 * since it was due; so a dead gateway is one finding, with any number of devices. While a gateway is down or silent its
 * series are not judged; when it returns each gets its full bound again, as after a start of the service.
 */
export class AbsenceMonitor {
  readonly #settings: AbsenceSettings;
  readonly #series = new Map<string, WatchedSeries>();
  readonly #devices = new Map<string, WatchedDevice>();
  readonly #gateways = new Map<string, WatchedGateway>();
  readonly #silent = new Set<WatchedSeries>();
  /** Every judged series is in here, parked with its gateway, or silent. Checked when due, not at each reading. */
  readonly #checks = new DeadlineHeap<WatchedSeries>((a, b) => a.id < b.id);
  #findings: AbsenceFinding[] = [];
  #turnedAway = 0;

  constructor(
    private readonly startedAt: number,
    settings: Partial<AbsenceSettings> = {},
  ) {
    this.#settings = { ...ABSENCE_DEFAULTS, ...settings };
  }

  /** Series and gateways refused at a bound. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  get watched(): number {
    return this.#series.size;
  }

  /** Begins to watch a series, or changes its bound and judges it again. False: refused at a bound. */
  watch(id: string, watch: AbsenceSubject, now: number): boolean {
    const boundMs = watch.boundMs ?? Number.POSITIVE_INFINITY;
    const known = this.#series.get(id);
    if (known && isSame(known, watch, boundMs)) return true;
    if (known === undefined && this.#series.size >= this.#settings.maxSeries) {
      this.#turnedAway += 1;
      return false;
    }
    const gateway = this.#gatewayOf(watch.gateway);
    if (gateway === null) return false;
    this.unwatch(id);
    const device = this.#devices.get(watch.device) ?? { id: watch.device, last: Number.NEGATIVE_INFINITY, series: 0 };
    this.#devices.set(device.id, device);
    device.series += 1;
    const grace = Math.max(now, this.startedAt);
    const last = known?.last ?? Number.NEGATIVE_INFINITY;
    const series = { id, device, gateway, boundMs, last, grace, silent: false, gone: false };
    this.#series.set(id, series);
    gateway.add(series);
    this.#check(series);
    return true;
  }

  unwatch(id: string): void {
    const series = this.#series.get(id);
    if (series === undefined) return;
    this.#speak(series);
    series.gone = true;
    series.gateway.remove(series);
    this.#series.delete(id);
    series.device.series -= 1;
    if (series.device.series === 0) this.#devices.delete(series.device.id);
    if (this.#checks.size > 2 * this.#series.size + 64) this.#checks.keepOnly((one) => !one.gone);
  }

  /** Forgets a gateway that no longer exists, and its series. */
  forget(id: string): void {
    const gateway = this.#gateways.get(id);
    if (gateway === undefined) return;
    for (const series of [...gateway.series]) this.unwatch(series.id);
    this.#end(gateway);
    this.#gateways.delete(id);
  }

  /** Notes a receipt of the series. */
  noteReceipt(id: string, at: number): void {
    const series = this.#series.get(id);
    if (series === undefined || !(at > series.last)) return;
    this.#hear(series.gateway, at);
    series.last = at;
    series.device.last = Math.max(series.device.last, at);
    if (this.#speak(series)) this.#check(series);
  }

  /** Notes a receipt through a gateway from a device that is not watched. */
  heardThrough(gateway: string, at: number): void {
    const known = this.#gatewayOf(gateway);
    if (known !== null) this.#hear(known, at);
  }

  /** A gateway connected or disconnected. A gateway never mentioned counts as connected. */
  connection(gateway: string, online: boolean, at: number): void {
    const known = this.#gatewayOf(gateway);
    if (known === null) return;
    if (!online) known.offlineSince ??= Math.max(at, this.startedAt);
    else if (known.offlineSince !== null) this.#return(known, at);
  }

  /**
   * Silences that began or ended since the last tick.
   * @param now all receipts up to here have been passed in: the clock, except with a backlog
   */
  tick(now: number): AbsenceFinding[] {
    // After a common outage every gateway must be measured, in portions of at least one per tick.
    let measured = 0;
    for (const gateway of this.#gateways.values()) {
      if (gateway.offlineSince !== null) this.#judgeOffline(gateway, now);
      else if (gateway.state === 'ok' && gateway.isQuiet(now) && measured < this.#settings.maxPerTick) {
        measured += gateway.toMeasure;
        this.#judgeQuiet(gateway, now);
      }
    }
    for (let judged = 0; judged < this.#settings.maxPerTick; judged += 1) {
      const series = this.#checks.popDue(now);
      if (series === undefined) break;
      if (!series.gone) this.#judge(series, now);
    }
    return this.#findings.splice(0);
  }

  /** Seconds beyond the bound of each silent series: the value of the signal `silence`. */
  forEachSilent(now: number, visit: (id: string, seconds: number) => void): void {
    for (const series of this.#silent) {
      const due = dueOf(series);
      const { speaks, lastReceiptAt: lastHeard } = series.gateway;
      if (speaks && now >= due && lastHeard >= due) visit(series.id, (now - due) / SECOND_MS);
    }
  }

  /** Seconds beyond its bound that a gateway has been down or silent; null while it is neither. */
  gatewayAbsence(id: string, now: number): { kind: 'gateway_down' | 'gateway_silent'; seconds: number } | null {
    const gateway = this.#gateways.get(id);
    if (gateway === undefined || gateway.state === 'ok') return null;
    const { gatewayDownMs, gatewaySilentMs } = this.#settings;
    if (gateway.state === 'down') {
      return { kind: 'gateway_down', seconds: (now - (gateway.offlineSince ?? now) - gatewayDownMs) / SECOND_MS };
    }
    const beyond = now - gateway.quietSince - gateway.boundMs(gatewaySilentMs);
    return { kind: 'gateway_silent', seconds: Math.max(0, beyond) / SECOND_MS };
  }

  #judge(series: WatchedSeries, now: number): void {
    const due = dueOf(series);
    const { gateway } = series;
    if (now < due) {
      this.#check(series);
    } else if (!gateway.speaks || gateway.lastReceiptAt < due) {
      gateway.parked.add(series);
    } else {
      series.silent = true;
      this.#silent.add(series);
      gateway.lost();
      this.#find('series_silent', series.id, true, series.device.last < due);
    }
  }

  #judgeOffline(gateway: WatchedGateway, now: number): void {
    if (gateway.state === 'down' || now - (gateway.offlineSince ?? now) < this.#settings.gatewayDownMs) return;
    this.#end(gateway);
    gateway.state = 'down';
    this.#find('gateway_down', gateway.id, true);
  }

  #judgeQuiet(gateway: WatchedGateway, now: number): void {
    if (now - gateway.quietSince < gateway.boundMs(this.#settings.gatewaySilentMs)) return;
    gateway.state = 'silent';
    this.#find('gateway_silent', gateway.id, true);
  }

  #hear(gateway: WatchedGateway, at: number): void {
    if (!(at > gateway.lastReceiptAt)) return;
    // A message received before the connection ended does not show that the gateway is back.
    if (gateway.offlineSince !== null && at <= gateway.offlineSince) return;
    if (!gateway.speaks) this.#return(gateway, at);
    gateway.noteReceipt(at);
    this.#unpark(gateway);
  }

  #return(gateway: WatchedGateway, at: number): void {
    gateway.offlineSince = null;
    gateway.since = at;
    // A connection alone is no reading: a gateway that fell silent before is judged again.
    this.#end(gateway);
    gateway.giveGrace(at);
    this.#unpark(gateway);
  }

  #end(gateway: WatchedGateway): void {
    if (gateway.state !== 'ok') this.#find(`gateway_${gateway.state}`, gateway.id, false);
    gateway.state = 'ok';
  }

  #unpark(gateway: WatchedGateway): void {
    for (const series of gateway.parked) this.#check(series);
    gateway.parked.clear();
  }

  #check(series: WatchedSeries): void {
    if (series.boundMs < Number.POSITIVE_INFINITY) this.#checks.push(dueOf(series), series);
  }

  /** Ends the silence of a series; returns whether there was one. */
  #speak(series: WatchedSeries): boolean {
    if (!series.silent) return false;
    series.silent = false;
    this.#silent.delete(series);
    this.#find('series_silent', series.id, false);
    return true;
  }

  #gatewayOf(id: string): WatchedGateway | null {
    const known = this.#gateways.get(id);
    if (known !== undefined) return known;
    if (this.#gateways.size >= this.#settings.maxGateways) {
      this.#turnedAway += 1;
      return null;
    }
    const gateway = new WatchedGateway(id, this.startedAt);
    this.#gateways.set(id, gateway);
    return gateway;
  }

  #find(kind: AbsenceKind, id: string, began: boolean, wholeDevice = false): void {
    this.#findings.push({ kind, id, began, wholeDevice });
  }
}

function isSame(known: WatchedSeries, watch: AbsenceSubject, boundMs: number): boolean {
  return known.device.id === watch.device && known.gateway.id === watch.gateway && known.boundMs === boundMs;
}
