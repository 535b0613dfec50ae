import { type LimitSource, site } from '../../../model/limits/limit.js';
import type { AlarmClass, Priority } from '../class.js';
import type { AlarmLevel, Comparison } from '../rule/comparison.js';
import type { AlarmDomain, AlarmRule, Cause, Text } from '../rule/rule.js';
import type { RateSpec, VoteMember, VoteSpec } from '../signal/spec.js';

/** What every default rule says of itself. */
type Said = Pick<AlarmRule, 'id' | 'metric' | 'comparison' | 'message' | 'advice' | 'source'>;
/** What a default rule may say; left out, it is as usual. */
type Unusual = Partial<Omit<AlarmRule, keyof Said | 'domain' | 'version'>>;
type RuleDraft = Said & Unusual;

/** Defaults of this version take the place of older ones, and of others of the same, that nobody edited. */
const VERSION = 2;

const CLASSES: Readonly<Record<AlarmDomain, AlarmClass>> = {
  energy: 'operation',
  wastewater: 'environment',
  fire: 'fire_facility',
  traffic: 'operation',
  system: 'system',
};

/** A default rule in force. */
export function rule(domain: AlarmDomain, draft: RuleDraft): AlarmRule {
  return {
    version: VERSION,
    enabled: true,
    domain,
    family: draft.id,
    limitProfile: null,
    parks: [],
    devices: [],
    alarmClass: CLASSES[domain],
    signal: { kind: 'value' },
    onDelayS: 0,
    offDelayS: 0,
    maxGapS: null,
    schedule: null,
    evidence: 'good',
    suppressedBy: [],
    ...draft,
  };
}

/** A level that is called `alarm`. */
export const alarm = (priority: Priority, setpoint: number, deadband = 0): AlarmLevel =>
  level('alarm', priority, setpoint, deadband);
export const level = (name: string, priority: Priority, setpoint: number, deadband = 0): AlarmLevel => ({
  name,
  priority,
  setpoint,
  deadband,
});

const comparing =
  (side: Comparison['side'], inclusive: boolean) =>
  (...levels: readonly AlarmLevel[]): Comparison => ({ side, inclusive, levels });

/** A limit: the setpoint itself complies. */
export const above = comparing('high', false);
export const below = comparing('low', false);

/** An alarm setting: reaching the setpoint is enough. */
export const reaches = comparing('high', true);
export const fallsTo = comparing('low', true);
export const is = (setpoint: number, priority: Priority): Comparison =>
  comparing('equal', true)(alarm(priority, setpoint));

export const text = (zh: string, en: string): Text => ({ zh, en });

/** What park operations ask for, where no standard does. */
export const operations = (clause: string): LimitSource => site('park operations', clause);

export const causes = (scope: Cause['scope'], ...rules: readonly string[]): readonly Cause[] =>
  rules.map((rule) => ({ rule, scope }));
export const member = (metric: string, side: VoteMember['side'], setpoint: number, inclusive = true): VoteMember => ({
  metric,
  side,
  setpoint,
  inclusive,
});
export const vote = (scope: VoteSpec['scope'], ...members: readonly VoteMember[]): VoteSpec => ({
  kind: 'vote',
  scope,
  members,
});
/** Per hour, over an hour. */
export const rate = (direction: RateSpec['direction']): RateSpec => ({
  kind: 'rate',
  windowS: 3_600,
  per: 'hour',
  direction,
});

export type Texts = readonly [zh: string, en: string];

/**
 * Default rules of a domain: what each watches and why, when that is abnormal, what people read and what they are to do,
 * in Chinese and English. `usual` is what all of them have in common, `more` what one has beside it.
 */
export const rulesOf =
  (domain: AlarmDomain, usual: Unusual = {}) =>
  (id: string, metric: string, source: LimitSource) => ({
    when: (comparison: Comparison, more: Unusual = {}) => ({
      says: (...message: Texts) => ({
        advises: (...advice: Texts): AlarmRule => {
          const texts = { message: text(...message), advice: text(...advice) };
          return rule(domain, { id, metric, comparison, ...usual, ...more, ...texts, source });
        },
      }),
    }),
  });
