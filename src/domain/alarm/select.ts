import type { AlarmDomain, AlarmRule } from './rule.js';

const NONE: readonly AlarmRule[] = [];

/** Enabled rules by domain and metric. */
export class RuleIndex {
  private readonly byMetric = new Map<string, AlarmRule[]>();

  constructor(rules: Iterable<AlarmRule>) {
    for (const rule of rules) {
      if (!rule.enabled) continue;
      const key = indexKey(rule.domain, rule.metric);
      const known = this.byMetric.get(key);
      if (known) known.push(rule);
      else this.byMetric.set(key, [rule]);
    }
  }

  /** The rules for a device: of each family those of its limit profile, and where there are none, the general ones. */
  select(domain: AlarmDomain, metric: string, limitProfile: string | null): readonly AlarmRule[] {
    const rules = this.byMetric.get(indexKey(domain, metric));
    if (rules === undefined) return NONE;
    if (limitProfile === null) return rules.filter((rule) => rule.limitProfile === null);
    const special = new Set(rules.filter((rule) => rule.limitProfile === limitProfile).map((rule) => rule.family));
    return rules.filter((rule) => rule.limitProfile === (special.has(rule.family) ? limitProfile : null));
  }
}

const indexKey = (domain: AlarmDomain, metric: string) => `${domain} ${metric}`;
