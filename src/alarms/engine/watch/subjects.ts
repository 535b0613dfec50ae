import { type DeviceKey, deviceKey, deviceOf } from '../../../model/ids.js';
import type { RegistryLookups } from '../../../registry/port.js';
import { type AlarmDomain, type AlarmRule, isOfPlace, metricsOfRule } from '../../model/rule/rule.js';
import { isOfPark, RuleIndex } from '../../model/rule/select.js';
import { LimitProfiles, type ParkLookups } from './limit-profiles.js';
import { placeId } from './place-id.js';
import { changedMetrics } from './rule-change.js';
import { Series } from './series.js';
import { Subject } from './subject.js';
import type { Watch } from './watch.js';
import type { Watches } from './watches.js';

/** Registry lookups of devices that alarms need. */
export type KnownDevices = Pick<RegistryLookups, 'device'> &
  Partial<Pick<RegistryLookups, 'devicesCalled' | 'alarmName' | 'isRemoved' | 'revision'>>;

/** The usual interval of a device's series in milliseconds, as learned over restarts; null: unknown. */
export type UsualInterval = (device: string, metric: string) => number | null;

interface SubjectsOptions {
  readonly registry: KnownDevices;
  readonly parks: ParkLookups;
  readonly usualMs: UsualInterval;
}

type OwnWatches = Map<string, Watch>;

const REMOVED = { limitProfile: null, expectedIntervalS: null, place: null, enterprise: null, retiredAt: 0 };

/** The subjects and the rules that apply to them. There is one watch for a rule and a subject. */
export class Subjects {
  private index = new RuleIndex([]);
  private rules: ReadonlyMap<string, AlarmRule> = new Map();
  private profiles = new LimitProfiles([]);
  private readonly devices = new Map<DeviceKey, Subject>();
  /** The same by their names in alarms. */
  private readonly named = new Map<string, Subject>();
  private readonly places = new Map<string, Subject>();
  /** Gateways and parts of the service; a device may have the same name. */
  private readonly others = new Map<string, Subject>();

  constructor(
    private readonly options: SubjectsOptions,
    private readonly watches: Watches,
  ) {}

  /** Puts other rules in force; watches of withdrawn rules end at `now`. Unchanged rule objects cost nothing. */
  setRules(rules: readonly AlarmRule[], now: number): void {
    const before = this.rules;
    this.index = new RuleIndex(rules);
    this.profiles = new LimitProfiles(rules);
    this.rules = new Map(rules.filter((rule) => rule.enabled).map((rule) => [rule.id, rule]));
    for (const place of this.places.values()) this.reviewPlace(place, now);
    const changed = changedMetrics(before, this.rules);
    for (const subjects of [this.devices, this.others]) {
      for (const subject of subjects.values()) {
        subject.revision = Number.NaN;
        const metrics = changed.get(subject.domain);
        if (metrics) this.reselect(subject, now, metrics);
      }
    }
  }

  rule(id: string): AlarmRule | undefined {
    return this.rules.get(id);
  }

  /** The device with its present entry in the registry. */
  device(key: DeviceKey, park: string, domain: AlarmDomain, now: number): Subject {
    const { registry } = this.options;
    let device = this.devices.get(key);
    if (device === undefined) {
      const id = deviceOf(key);
      device = new Subject(id, park, domain, key, registry.alarmName?.(key) ?? id);
      this.devices.set(key, device);
      this.named.set(device.name, device);
    }
    // Runs for every message: it reads the registry again only after a change.
    const { revision = Number.NaN } = registry;
    if (device.revision === revision) return device;
    device.revision = revision;
    const known = registry.device(key);
    // After a crash the engine may evaluate readings from before the removal again.
    const facts = known ?? (registry.isRemoved?.(key) ? REMOVED : undefined);
    if (device.learn(facts, known && this.profiles.of(domain, known, this.options.parks))) this.reselect(device, now);
    return device;
  }

  /** Ends all watches of a device that no longer exists. */
  forget(key: DeviceKey, now: number): void {
    const device = this.devices.get(key);
    if (device === undefined) return;
    device.retired = true;
    this.reselect(device, now);
    this.devices.delete(key);
    this.named.delete(device.name);
  }

  /** A gateway, with its park, or a part of the service; they are few and outside the bound on conditions. */
  other(id: string, park: string | null): Subject {
    const key = `${park ?? ''}/${id}`;
    let subject = this.others.get(key);
    if (subject === undefined) {
      subject = new Subject(id, park, 'system');
      this.others.set(key, subject);
    }
    return subject;
  }

  series(subject: Subject, metric: string): Series {
    return subject.series.get(metric) ?? this.open(subject, metric, 0, ownWatches(subject));
  }

  /** The watch of a rule on a subject, created if missing; undefined when the rule does not apply to it. */
  find(ruleId: string, subjectId: string, park: string | null, now: number): Watch | undefined {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return undefined;
    if (isOfPlace(rule)) return this.places.get(subjectId)?.byRule.get(rule.id);
    if (rule.domain === 'system') return this.ofRule(rule, this.other(subjectId, park));
    if (park === null) return undefined;
    return this.ofRule(rule, this.device(deviceKey(park, subjectId), park, rule.domain, now));
  }

  /** As `find`, by the name in alarms of a subject that has reported or is registered; creates no watch. */
  known(ruleId: string, name: string): Watch | undefined {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return undefined;
    if (isOfPlace(rule)) return this.places.get(name)?.byRule.get(rule.id);
    const subject =
      rule.domain === 'system'
        ? [...this.others.values()].find((one) => one.name === name)
        : (this.named.get(name) ?? this.registered(name));
    return subject && this.ofRule(rule, subject);
  }

  /** As `find`, for a place from which no device has reported yet. */
  findPlace(rule: AlarmRule, subjectId: string, park: string, place: string | null): Watch | undefined {
    return isOfPark(rule, park) ? this.placeWatch(rule, subjectId, park, place, 0) : undefined;
  }

  private ofRule(rule: AlarmRule, subject: Subject): Watch | undefined {
    return this.series(subject, metricsOfRule(rule)[0]!).watches.find((watch) => watch.rule.id === rule.id);
  }

  private registered(name: string): Subject | undefined {
    const { registry } = this.options;
    const [id = ''] = name.split('@');
    for (const { park, domain } of registry.devicesCalled?.(id) ?? []) {
      const key = deviceKey(park, id);
      if ((registry.alarmName?.(key) ?? id) === name) return this.device(key, park, domain, 0);
    }
    return undefined;
  }

  private rulesFor(subject: Subject, metric: string): readonly AlarmRule[] {
    return subject.retired ? [] : this.index.select(subject, metric);
  }

  private open(subject: Subject, metric: string, now: number, own: OwnWatches): Series {
    const watches = this.rulesFor(subject, metric).flatMap((rule) => {
      return (isOfPlace(rule) ? this.member(rule, subject, now) : this.ownWatch(rule, subject, now, own)) ?? [];
    });
    const before = subject.series.get(metric);
    before?.catchUp();
    const series = new Series(watches, () => this.options.usualMs(subject.key, metric));
    if (before) series.takeOver(before);
    subject.series.set(metric, series);
    return series;
  }

  private ownWatch(rule: AlarmRule, subject: Subject, now: number, own: OwnWatches): Watch | undefined {
    const watch = this.watches.inForce(own.get(rule.id), rule, subject, subject.expectedIntervalS, now);
    if (watch) own.set(rule.id, watch);
    return watch;
  }

  private member(rule: AlarmRule, { key, park, place }: Subject, now: number): Watch | undefined {
    if (park === null || place === null) return undefined;
    const watch = this.placeWatch(rule, placeId(park, place), park, place, now);
    watch?.members.add(key);
    return watch;
  }

  private placeWatch(rule: AlarmRule, id: string, park: string, name: string | null, now: number): Watch | undefined {
    const place = this.places.get(id) ?? new Subject(id, park, rule.domain);
    place.place = name ?? place.place;
    const watch = this.watches.inForce(place.byRule.get(rule.id), rule, place, null, now);
    if (watch === undefined) return undefined;
    this.places.set(id, place);
    place.byRule.set(rule.id, watch);
    return watch;
  }

  /** Selects rules again for these metrics, or for all; withdrawn watches end first and make room. */
  private reselect(subject: Subject, now: number, changed?: ReadonlySet<string>): void {
    const metrics = [...subject.series.keys()].filter((metric) => changed === undefined || changed.has(metric));
    if (metrics.length === 0) return;
    const own = ownWatches(subject, metrics);
    const there = metrics.flatMap((metric) => subject.series.get(metric)?.watches ?? []);
    const elsewhere = new Set(there.filter((watch) => watch.subject !== subject));
    const selected = metrics.flatMap((metric) => this.rulesFor(subject, metric));
    const wanted = new Set(selected.filter((rule) => !isOfPlace(rule)).map((rule) => rule.id));
    for (const [rule, watch] of own) {
      if (wanted.has(rule)) continue;
      own.delete(rule);
      this.watches.drop(watch, now);
    }
    for (const metric of metrics)
      for (const watch of this.open(subject, metric, now, own).watches) elsewhere.delete(watch);
    for (const watch of elsewhere) this.leave(watch, subject, now);
  }

  /** The device left the place, or its readings no longer count there. */
  private leave(watch: Watch, { key }: Subject, now: number): void {
    watch.members.delete(key);
    const { rule } = watch;
    const place = this.places.get(watch.subject.id);
    if (watch.members.size > 0 || place?.byRule.get(rule.id) !== watch) return;
    place.byRule.delete(rule.id);
    this.watches.drop(watch, now);
  }

  private reviewPlace(place: Subject, now: number): void {
    for (const [id, watch] of place.byRule) {
      const rule = this.rules.get(id);
      if (rule && isOfPlace(rule) && rule.domain === place.domain && isOfPark(rule, place.park)) {
        this.watches.inForce(watch, rule, place, null, now);
      } else {
        place.byRule.delete(id);
        this.watches.drop(watch, now);
      }
    }
  }
}

function ownWatches(subject: Subject, metrics: Iterable<string> = subject.series.keys()): OwnWatches {
  const all = [...metrics].flatMap((metric) => subject.series.get(metric)?.watches ?? []);
  return new Map(all.filter((watch) => watch.subject === subject).map((watch) => [watch.rule.id, watch]));
}
