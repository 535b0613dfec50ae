import { type AlarmDomain, type AlarmRule, metricsOfRule } from './rule.js';

const NONE: readonly AlarmRule[] = [];

export interface RuleSubject {
  readonly id: string;
  readonly park: string | null;
  readonly domain: AlarmDomain;
  readonly limitProfile: string | null;
}

/** Enabled rules by domain and metric. */
export class RuleIndex {
  private readonly byMetric = new Map<string, AlarmRule[]>();

  constructor(rules: Iterable<AlarmRule>) {
    for (const rule of rules) {
      if (!rule.enabled) continue;
      for (const metric of metricsOfRule(rule)) {
        const key = indexKey(rule.domain, metric);
        const known = this.byMetric.get(key);
        if (known) known.push(rule);
        else this.byMetric.set(key, [rule]);
      }
    }
  }

  /** The rules for a subject: of each family those of its limit profile, else the general ones. */
  select(subject: RuleSubject, metric: string): readonly AlarmRule[] {
    const { limitProfile } = subject;
    const rules = this.byMetric.get(indexKey(subject.domain, metric))?.filter((rule) => covers(rule, subject));
    if (rules === undefined) return NONE;
    if (limitProfile === null) return rules.filter((rule) => rule.limitProfile === null);
    const special = new Set(rules.filter((rule) => rule.limitProfile === limitProfile).map((rule) => rule.family));
    return rules.filter((rule) => rule.limitProfile === (special.has(rule.family) ? limitProfile : null));
  }
}

/** Whether the rule applies to the park; one limited to parks does not apply without a park. */
export function isOfPark({ parks }: Pick<AlarmRule, 'parks'>, park: string | null): boolean {
  return parks.length === 0 || (park !== null && parks.includes(park));
}

const covers = (rule: AlarmRule, { id, park }: RuleSubject) =>
  isOfPark(rule, park) && (rule.devices.length === 0 || rule.devices.includes(id));

const indexKey = (domain: AlarmDomain, metric: string) => `${domain} ${metric}`;
