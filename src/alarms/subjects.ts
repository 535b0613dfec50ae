import type { Alarm } from '../domain/alarm/alarm.js';
import { type AlarmDomain, type AlarmRule, gapBoundMs, metricsOf } from '../domain/alarm/rule.js';
import { RuleIndex } from '../domain/alarm/select.js';
import { openSignal } from '../domain/alarm/signal/open.js';
import type { SignalContext, SignalMemory } from '../domain/alarm/signal/signal.js';
import type { RegistryLookups } from '../registry/port.js';
import { placeId } from './place-id.js';
import type { AlarmStats } from './port.js';
import type { StoredCondition } from './store.js';
import { Subject, Watch } from './watch.js';

export interface SubjectsOptions {
  readonly registry: Pick<RegistryLookups, 'device'>;
  /** Most conditions (rule × subject) that are watched; devices themselves are bounded by the registry. */
  readonly maxConditions: number;
  readonly stats: AlarmStats;
  readonly baseline: SignalContext['baseline'];
  /** The watch is no longer for its subject, or its rule is gone. */
  readonly onWithdrawn: (watch: Watch, now: number) => void;
}

/** Who is watched, and by which rules. */
export class Subjects {
  private index = new RuleIndex([]);
  private rules: ReadonlyMap<string, AlarmRule> = new Map();
  private readonly devices = new Map<string, Subject>();
  private readonly places = new Map<string, Subject>();
  /** Gateways and parts of the service; a device may have the same name. */
  private readonly others = new Map<string, Subject>();

  constructor(private readonly options: SubjectsOptions) {}

  /**
   * Puts other rules in force: what no longer applies ends at `now`, what goes on keeps its state. Rules that are the
   * same objects as before cost nothing.
   */
  setRules(rules: readonly AlarmRule[], now: number): void {
    const before = this.rules;
    this.index = new RuleIndex(rules);
    this.rules = new Map(rules.filter((rule) => rule.enabled).map((rule) => [rule.id, rule]));
    const changed = changedMetrics(before, this.rules);
    for (const subjects of [this.devices, this.others]) {
      for (const subject of subjects.values()) {
        const metrics = changed.get(subject.domain);
        if (metrics) this.reselect(subject, now, metrics);
      }
    }
    this.dropPlaces(now);
  }

  rule(id: string): AlarmRule | undefined {
    return this.rules.get(id);
  }

  /** The device as the registry knows it now. */
  device(id: string, park: string | null, domain: AlarmDomain, now: number): Subject {
    let device = this.devices.get(id);
    if (device === undefined) {
      device = new Subject(id, park, domain);
      this.devices.set(id, device);
    }
    if (device.learn(this.options.registry.device(id))) this.reselect(device, now);
    return device;
  }

  /** Whether it has been seen, as a device, a place, a gateway or a part of the service. */
  has(id: string): boolean {
    return this.devices.has(id) || this.places.has(id) || this.hasOther(id);
  }

  /** Whether it has been seen as a gateway or a part of the service. */
  hasOther(id: string): boolean {
    return [...this.others.values()].some((one) => one.id === id);
  }

  /** A gateway, with its park, or a part of the service; there are few, and the bound is for what devices bring. */
  other(id: string, park: string | null): Subject {
    const key = `${park ?? ''}/${id}`;
    let subject = this.others.get(key);
    if (subject === undefined) {
      subject = new Subject(id, park, 'system');
      this.others.set(key, subject);
    }
    return subject;
  }

  /** As stored: with its park; as people name it: without. */
  private otherNamed(id: string, park: string | null): Subject {
    const named = park === null ? [...this.others.values()].find((one) => one.id === id) : undefined;
    return named ?? this.other(id, park);
  }

  watches(subject: Subject, metric: string): readonly Watch[] {
    return subject.byMetric.get(metric) ?? this.open(subject, metric);
  }

  /** The watch of a rule on a subject, made when there is none; undefined when the rule is not for it. */
  find(ruleId: string, subjectId: string, park: string | null, now: number): Watch | undefined {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return undefined;
    if (isOfPlace(rule)) return this.places.get(subjectId)?.byMetric.get(rule.id)?.[0];
    const subject =
      rule.domain === 'system' ? this.otherNamed(subjectId, park) : this.device(subjectId, park, rule.domain, now);
    return this.watches(subject, metricsOf(rule)[0]!).find((watch) => watch.rule === rule);
  }

  /** As `find`, for a place that none of its devices has reported from yet. */
  findPlace(rule: AlarmRule, subjectId: string, park: string, place: string | null): Watch {
    return this.placeWatch(rule, subjectId, park, place);
  }

  /** A watch for an alarm that nothing evaluates any more. */
  orphan({
    rule: id,
    device,
    park,
    alarm,
  }: Pick<StoredCondition, 'rule' | 'device' | 'park'> & { alarm: Alarm }): Watch {
    const subject = new Subject(device, park, alarm.domain);
    return new Watch(subject, ruleOf(id, alarm), 0);
  }

  /** All that is watched. */
  *all(): Iterable<Watch> {
    for (const subjects of [this.devices, this.places, this.others]) {
      for (const { byMetric } of subjects.values()) for (const watches of byMetric.values()) yield* watches;
    }
  }

  private open(subject: Subject, metric: string): readonly Watch[] {
    const { stats, maxConditions } = this.options;
    const rules = this.index.select(subject, metric);
    const known = [...subject.byMetric.values()].flat();
    const fresh = rules.filter((rule) => !isOfPlace(rule) && !known.some((watch) => watch.rule.id === rule.id));
    const fits = subject.domain === 'system' || stats.conditions + fresh.length <= maxConditions;
    if (fits) stats.conditions += fresh.length;
    else stats.refusedConditions += fresh.length;
    const watches = (fits ? rules : []).flatMap((rule) => this.watchOf(rule, subject, known) ?? []);
    subject.byMetric.set(metric, watches);
    return watches;
  }

  private watchOf(rule: AlarmRule, subject: Subject, known: readonly Watch[]): Watch | undefined {
    if (isOfPlace(rule)) {
      const { park, place } = subject;
      if (park === null || place === null) return undefined;
      return this.placeWatch(rule, placeId(park, place), park, place);
    }
    const gapMs = gapBoundMs(rule, subject.expectedIntervalS);
    const there = known.find((watch) => watch.rule.id === rule.id);
    const watch = there ?? new Watch(subject, rule, gapMs);
    watch.gapMs = gapMs;
    this.prepare(watch, rule, there === undefined);
    return watch;
  }

  private placeWatch(rule: AlarmRule, id: string, park: string, name: string | null): Watch {
    let place = this.places.get(id);
    if (place === undefined) {
      place = new Subject(id, park, rule.domain);
      this.places.set(id, place);
    }
    place.place = name ?? place.place;
    const there = place.byMetric.get(rule.id)?.[0];
    const watch = there ?? new Watch(place, rule, gapBoundMs(rule, null));
    this.prepare(watch, rule, there === undefined);
    place.byMetric.set(rule.id, [watch]);
    return watch;
  }

  /** Puts the rule's present version in force; another signal starts with an empty memory. */
  private prepare(watch: Watch, rule: AlarmRule, isNew: boolean): void {
    if (watch.rule === rule && !isNew) return;
    const sameSignal = JSON.stringify(watch.rule.signal) === JSON.stringify(rule.signal);
    watch.rule = rule;
    if (isNew || !sameSignal) this.openSignal(watch, null);
  }

  /** Opens the watch's signal with what was stored of it. */
  openSignal(watch: Watch, memory: SignalMemory | null): void {
    const { signal } = watch.rule;
    const context: SignalContext = {
      subject: watch.subject.id,
      get maxGapMs() {
        return watch.gapMs;
      },
      get evidence() {
        return watch.rule.evidence;
      },
      baseline: this.options.baseline,
    };
    watch.signal = signal.kind === 'value' ? null : openSignal(signal, memory, context);
  }

  /** Other rules may hold now for these metrics, for all where left out, and what no longer applies ends. */
  private reselect(subject: Subject, now: number, metrics?: ReadonlySet<string>): void {
    const affected = [...subject.byMetric.keys()].filter((metric) => metrics === undefined || metrics.has(metric));
    if (affected.length === 0) return;
    const before = affected.flatMap((metric) => subject.byMetric.get(metric) ?? []);
    for (const metric of affected) this.open(subject, metric);
    const kept = new Set(affected.flatMap((metric) => subject.byMetric.get(metric) ?? []));
    const gone = new Set(before.filter((watch) => watch.subject === subject && !kept.has(watch)));
    if (gone.size === 0) return;
    // A vote may still be watched by another of its metrics.
    const elsewhere = new Set([...subject.byMetric.values()].flat());
    for (const watch of gone) {
      if (elsewhere.has(watch)) continue;
      this.options.stats.conditions -= 1;
      this.options.onWithdrawn(watch, now);
    }
  }

  private dropPlaces(now: number): void {
    for (const place of this.places.values()) {
      for (const [rule, watches] of place.byMetric) {
        if (this.rules.has(rule)) continue;
        place.byMetric.delete(rule);
        for (const watch of watches) this.options.onWithdrawn(watch, now);
      }
    }
  }
}

/** The metrics, by domain, of rules that are other than before. */
function changedMetrics(
  before: ReadonlyMap<string, AlarmRule>,
  after: ReadonlyMap<string, AlarmRule>,
): ReadonlyMap<AlarmDomain, ReadonlySet<string>> {
  const changed = new Map<AlarmDomain, Set<string>>();
  const add = (rule: AlarmRule) => {
    const metrics = changed.get(rule.domain) ?? new Set();
    for (const metric of metricsOf(rule)) metrics.add(metric);
    changed.set(rule.domain, metrics);
  };
  for (const rule of before.values()) if (after.get(rule.id) !== rule) add(rule);
  for (const rule of after.values()) if (before.get(rule.id) !== rule) add(rule);
  return changed;
}

/** As much of a rule that is gone as its last alarm still tells. */
function ruleOf(id: string, alarm: Alarm): AlarmRule {
  const { name, setpoint } = { name: alarm.level, setpoint: alarm.setpoint };
  return {
    id,
    version: alarm.ruleVersion,
    enabled: false,
    domain: alarm.domain,
    metric: alarm.metric,
    family: id,
    limitProfile: null,
    parks: [],
    devices: [],
    alarmClass: alarm.alarmClass,
    signal: { kind: 'value' },
    comparison: {
      side: 'high',
      inclusive: false,
      levels: [{ name, setpoint, deadband: 0, priority: alarm.priority }],
    },
    onDelayS: 0,
    offDelayS: 0,
    maxGapS: null,
    schedule: null,
    evidence: 'good',
    suppressedBy: [],
    message: alarm.message,
    advice: alarm.advice,
    source: { ...alarm.source, certainty: 'site' },
  };
}

const isOfPlace = ({ signal }: AlarmRule) => signal.kind === 'vote' && signal.scope === 'place';
