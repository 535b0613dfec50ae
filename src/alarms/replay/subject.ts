import type { SeriesKey } from '../../historian/port/queries.js';
import { deviceKey } from '../../model/ids.js';
import { DAY_MS, SECOND_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { Device, RegistryLookups } from '../../registry/port.js';
import { placeId } from '../engine/watch/place-id.js';
import type { UsualInterval } from '../engine/watch/subjects.js';
import { INTERVAL_TRUSTED } from '../model/absence/expected-interval.js';
import type { ReplaySettings } from '../model/judge/replay.js';
import { type AlarmRule, isOfPlace, longestBridgedMs, metricsOfRule } from '../model/rule/rule.js';
import type { RuleIndex } from '../model/rule/select.js';
import { openSignal } from '../model/signal/open.js';
import type { SignalContext } from '../model/signal/signal.js';
import type { SignalSpec } from '../model/signal/spec.js';
import type { ReplayDeps } from './deps.js';
import { REPLAY_BOUNDS, ReplayRefusedError } from './port.js';

/** A device, or a place with its devices, on which a rule is judged again. */
export interface ReplaySubject {
  /** Id in the API, and in the service. */
  readonly id: string;
  readonly key: string;
  readonly park: string;
  readonly place: string | null;
  readonly limitProfile: string | null;
  readonly expectedIntervalS: number | null;
  readonly devices: readonly Device[];
}

/** Whether the inputs of the rule are stored as readings, and its baselines are known. */
export function isReplayable({ domain, signal }: AlarmRule, { baselines }: Pick<ReplayDeps, 'baselines'>): boolean {
  if (signal.kind === 'deviation') return baselines !== undefined;
  return domain !== 'system' && signal.kind !== 'silence';
}

/** @throws ReplayRefusedError */
export function requireReplayable(rule: AlarmRule, deps: Pick<ReplayDeps, 'baselines'>): void {
  if (isReplayable(rule, deps)) return;
  const what = rule.domain === 'system' ? 'of the domain system' : `on the signal ${rule.signal.kind}`;
  const message = `a rule ${what} cannot be replayed: its inputs are not all stored as readings`;
  throw new ReplayRefusedError('not_replayable', message);
}

/** The subjects of a rule among some devices. */
export function subjectsOf(
  rule: AlarmRule,
  devices: readonly Device[],
  registry: Pick<RegistryLookups, 'devices'>,
): readonly ReplaySubject[] {
  if (!isOfPlace(rule)) return devices.map(subjectOf);
  const places = new Map<string, ReplaySubject>();
  for (const { park, place } of devices) {
    if (place === null) continue;
    const id = placeId(park, place);
    if (places.has(id)) continue;
    const there = registry.devices({ park, ...(rule.domain !== 'system' && { domain: rule.domain }) });
    const members = there.filter((one) => one.place === place);
    places.set(id, { id, key: id, park, place, limitProfile: null, expectedIntervalS: null, devices: members });
  }
  return [...places.values()];
}

export function subjectOf(device: Device): ReplaySubject {
  const { id, park, place, limitProfile, expectedIntervalS } = device;
  return { id, key: deviceKey(park, id), park, place, limitProfile, expectedIntervalS, devices: [device] };
}

/** Whether the rule index selects this rule for the subject; a place gets the rules of its devices. */
export function applies(index: RuleIndex, rule: AlarmRule, subject: ReplaySubject): boolean {
  return subject.devices.some(({ id, park, domain, limitProfile }) =>
    index.select({ id, park, domain, limitProfile }, rule.metric).some((one) => one.id === rule.id),
  );
}

/** The series that rules evaluate on a subject. */
export function evaluatedSeries(rules: readonly AlarmRule[], subject: ReplaySubject): SeriesKey[] {
  const metrics = new Set(rules.flatMap((rule) => [...metricsOfRule(rule)]));
  return subject.devices.flatMap(({ park, id }) => {
    return [...metrics].map((metric) => ({ device: deviceKey(park, id), metric }));
  });
}

/** Milliseconds between readings of the rule's slowest series on a subject: registered, else learned, else null. */
export function slowestMs(rule: AlarmRule, { devices }: ReplaySubject, usualMs: UsualInterval = () => null) {
  const intervals = devices.flatMap(({ park, id, expectedIntervalS }) => {
    if (expectedIntervalS !== null) return expectedIntervalS * SECOND_MS;
    return metricsOfRule(rule).flatMap((metric) => usualMs(deviceKey(park, id), metric) ?? []);
  });
  return intervals.length === 0 ? null : Math.max(...intervals);
}

/**
 * How long before a period a replay must begin: for delays, windows and gaps that reach into it, at most a day; for a
 * slow subject, for the readings that its signal and its interval need.
 * @param intervalMs interval of the slowest series; null: unknown
 */
export function leadMs(
  rule: AlarmRule,
  { expectedIntervalS }: Pick<ReplaySubject, 'expectedIntervalS'>,
  intervalMs: number | null = null,
): number {
  const { onDelayS, offDelayS, comparison, signal } = rule;
  const delayS = Math.max(onDelayS, offDelayS, ...comparison.levels.map((level) => level.onDelayS ?? 0));
  const windowS = 'windowS' in signal ? signal.windowS : 0;
  const thresholdS = comparison.levels.at(-1)!.setpoint;
  const stillS = signal.kind === 'unchanged' || signal.kind === 'counter_still' ? thresholdS : 0;
  const gapMs = longestBridgedMs(rule, expectedIntervalS, null, intervalMs);
  const reachMs = Math.min(DAY_MS, (delayS + windowS + stillS) * SECOND_MS + gapMs);
  const readings = Math.max(readingsFor(signal), expectedIntervalS === null ? 2 * INTERVAL_TRUSTED : 0);
  return Math.max(reachMs, Math.min(MOST_LEAD_MS, readings * (intervalMs ?? 0)));
}

/** Readings that a signal needs at any interval. */
function readingsFor(signal: SignalSpec): number {
  if (signal.kind === 'bad_share') return signal.minReadings;
  return signal.kind === 'rate' ? 3 : 0;
}

const MOST_LEAD_MS = REPLAY_BOUNDS.days * DAY_MS;

/** The settings to replay rules on a subject over a period. */
export async function optionsFor(
  { zone, baselines, usualMs }: Pick<ReplayDeps, 'zone' | 'baselines' | 'usualMs'>,
  subject: ReplaySubject,
  rules: readonly AlarmRule[],
  period: Period,
  abort?: AbortSignal,
): Promise<ReplaySettings> {
  const usual = new Map<AlarmRule, SignalContext['baseline']>();
  for (const rule of rules) {
    if (rule.signal.kind !== 'deviation' || baselines === undefined) continue;
    usual.set(rule, await baselines(rule, evaluatedSeries([rule], subject), period, abort));
  }
  const deviceOf = (key: string) => subject.devices.find(({ id, park }) => deviceKey(park, id) === key);
  return {
    facts: {
      expectedIntervalS: isPlace(subject) ? null : subject.expectedIntervalS,
      intervalOf: (key) => deviceOf(key)?.expectedIntervalS ?? null,
      ...(usualMs && {
        // The interval of a device created in the period was unknown.
        usualMs: (key, metric) => {
          const device = deviceOf(key);
          return device !== undefined && device.createdAt < period.from ? usualMs(key, metric) : null;
        },
      }),
    },
    zone,
    open(rule, gapMs) {
      if (rule.signal.kind === 'value') return null;
      return openSignal(rule.signal, null, {
        subject: subject.key,
        get maxGapMs() {
          return gapMs();
        },
        evidence: rule.evidence,
        baseline: usual.get(rule) ?? (() => null),
      });
    },
  };
}

const isPlace = ({ id, devices }: ReplaySubject) => devices[0]?.id !== id;
