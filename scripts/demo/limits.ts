import type { ServiceApi } from '../../simulators/service-api.js';

interface Rule {
  readonly family: string;
  readonly limitProfile: string | null;
  readonly enabled: boolean;
  readonly parks: readonly string[];
  readonly devices: readonly string[];
  readonly comparison: { readonly levels: readonly { readonly setpoint: number }[] };
}

/** What the demo prints: the metric, the family of its limit rules, and its label. */
const TOLD = [
  ['cod_mg_l', 'cod-high', 'COD'],
  ['nh3n_mg_l', 'nh3n-high', 'NH3-N'],
] as const;

/** The wastewater limits in force in each park, from the service's rules; one line for all parks of a profile. */
export async function limitsThatApply(api: ServiceApi, parks: readonly string[]): Promise<string[]> {
  const byProfile = new Map<string | null, string[]>();
  for (const park of parks) {
    const { wastewater } = await api.get<{ wastewater: string | null }>(`/parks/${park}/limit-profiles`);
    byProfile.set(wastewater, [...(byProfile.get(wastewater) ?? []), park]);
  }
  const rules = await Promise.all(
    TOLD.map(async ([metric, family, name]) => {
      const { items } = await api.get<{ items: Rule[] }>(`/alarm-rules?domain=wastewater&metric=${metric}&limit=100`);
      return { name, rules: items.filter((rule) => rule.family === family && isForAll(rule)) };
    }),
  );
  return [...byProfile].map(([profile, those]) => {
    const limits = rules.flatMap(({ name, rules: all }) => {
      const rule = all.find((one) => one.limitProfile === profile) ?? all.find((one) => one.limitProfile === null);
      const limit = rule?.comparison.levels.at(-1)?.setpoint;
      return limit === undefined ? [] : [`${name} ${limit} mg/L`];
    });
    return `${profile ?? 'general'}: ${limits.join(', ')} (${those.join(', ')})`;
  });
}

const isForAll = ({ enabled, parks, devices }: Rule) => enabled && parks.length === 0 && devices.length === 0;
