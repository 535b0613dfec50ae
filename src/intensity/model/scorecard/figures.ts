import { DOMAINS, type Domain } from '../../../model/reading.js';
import { DAY_MS } from '../../../model/time/duration.js';
import { DIGITAL_AREAS, type Item, type ScopeKind } from './targets.js';

/** What is known of one park; null where a figure was not reported. Money is of one year, in CNY at that year's prices. */
export interface ParkFigures {
  readonly parkId: string;
  readonly district: string;
  /** Area in mu. */
  readonly areaMu: number;
  readonly output: number | null;
  readonly addedValue: number | null;
  readonly tax: number | null;
  /** Of the park's leading industry; part of `addedValue`. */
  readonly leadingAddedValue: number | null;
  /**
   * When the platform last received a reading of each domain, epoch ms; left out where it never did. Null of a moment in the
   * past: that is not kept.
   */
  readonly lastReceivedAt: Readonly<Partial<Record<Domain, number>>> | null;
}

/** Whom a scorecard is of. */
export interface ScorecardScope {
  readonly kind: ScopeKind;
  readonly id: string;
  readonly parks: readonly ParkFigures[];
}

/** Why a figure is unknown. */
export type Unknown =
  /** Parks did not report what it is made of; `parks` names them. */
  | 'not_reported'
  /** Its divisor is 0 or negative. */
  | 'divisor_not_positive'
  /** Of a part that is larger than the whole or negative. */
  | 'part_not_of_whole'
  /** The sum is asked of more parks than there are here. */
  | 'parks_missing'
  /** It is known of the present alone. */
  | 'known_now_only'
  /** The months of the year so far have not reached the target, and the year goes on. */
  | 'year_not_complete';

/** A figure, or why there is none. `known` is what the parks that reported come to. */
type Figure =
  | { readonly value: number }
  | { readonly value: null; readonly why: Unknown; readonly parks: readonly string[]; readonly known: number | null };

type Money = 'output' | 'addedValue' | 'tax' | 'leadingAddedValue';

const PER_MU = { added_value_per_mu: 'addedValue', output_per_mu: 'output', tax_per_mu: 'tax' } as const;
const SUMS = { output: 'output', added_value: 'addedValue', tax: 'tax' } as const;

/** One figure of a scope: sums divided by sums, never a mean over parks. `now` is epoch ms. */
export function figureOf(item: Item, { parks }: ScorecardScope, now: number): Figure {
  if (item === 'digital_coverage') return coverageOf(parks, now);
  if (item === 'leading_industry_share') return leadingShareOf(parks);
  if (item === 'output' || item === 'added_value' || item === 'tax') return sumOf(parks, [SUMS[item]]);
  const money = sumOf(parks, [PER_MU[item]]);
  const reported = parks.filter((park) => park[PER_MU[item]] !== null);
  const over = (sum: number, of: readonly ParkFigures[]) => sum / of.reduce((area, { areaMu }) => area + areaMu, 0);
  if (parks.length === 0 || !parks.every(({ areaMu }) => areaMu > 0)) {
    const without = parks.filter(({ areaMu }) => !(areaMu > 0));
    return { value: null, why: 'divisor_not_positive', parks: ids(without), known: null };
  }
  if (money.value !== null) return { value: over(money.value, parks) };
  return { ...money, known: money.known === null ? null : over(money.known, reported) };
}

const ids = (parks: readonly ParkFigures[]) => parks.map(({ parkId }) => parkId);

/** The sum of one kind of money, unknown unless every park reported each of `needed`; the first is summed. */
function sumOf(parks: readonly ParkFigures[], needed: readonly [Money, ...Money[]]): Figure {
  const reported = parks.filter((park) => needed.every((one) => park[one] !== null));
  const known = reported.reduce((sum, park) => sum + park[needed[0]]!, 0);
  if (reported.length === parks.length && parks.length > 0) return { value: known };
  const silent = parks.filter((park) => !reported.includes(park));
  return { value: null, why: 'not_reported', parks: ids(silent), known: reported.length > 0 ? known : null };
}

function leadingShareOf(parks: readonly ParkFigures[]): Figure {
  const leading = sumOf(parks, ['leadingAddedValue', 'addedValue']);
  const whole = sumOf(parks, ['addedValue', 'leadingAddedValue']);
  if (leading.value === null || whole.value === null) {
    const [part, all] = [leading, whole].map((one) => (one.value === null ? one.known : one.value));
    const silent = leading.value === null ? leading.parks : [];
    const known = part != null && all != null && all > 0 ? part / all : null;
    return { value: null, why: 'not_reported', parks: silent, known };
  }
  if (whole.value <= 0) return { value: null, why: 'divisor_not_positive', parks: ids(parks), known: null };
  // Per park, because a part too large in one would hide a small one in another.
  const wrong = parks.filter(
    (park) => park.leadingAddedValue! < 0 || park.leadingAddedValue! > Math.max(0, park.addedValue!),
  );
  if (wrong.length > 0) return { value: null, why: 'part_not_of_whole', parks: ids(wrong), known: null };
  return { value: leading.value / whole.value };
}

/** Share of parks × domains heard of within the day before `now`. */
function coverageOf(parks: readonly ParkFigures[], now: number): Figure {
  if (parks.length === 0) return { value: null, why: 'not_reported', parks: [], known: null };
  const unheard = parks.filter(({ lastReceivedAt }) => lastReceivedAt === null);
  if (unheard.length > 0) return { value: null, why: 'known_now_only', parks: [], known: null };
  const live = parks.reduce((sum, park) => sum + DOMAINS.filter((domain) => isLive(park, domain, now)).length, 0);
  return { value: live / (parks.length * DOMAINS.length) };
}

/** Whether a domain of a park was heard of within the day before `now` (epoch ms). */
function isLive({ lastReceivedAt }: ParkFigures, domain: Domain, now: number): boolean {
  const last = lastReceivedAt?.[domain];
  return last !== undefined && last > now - DAY_MS;
}

/** What is missing for full digital coverage. */
export type CoverageGaps = ReturnType<typeof coverageGaps>;

/** What is missing for full digital coverage: parks with their silent domains, and areas the platform does not show. */
export function coverageGaps({ parks }: ScorecardScope, now: number) {
  return {
    silent: parks
      .filter(({ lastReceivedAt }) => lastReceivedAt !== null)
      .flatMap((park) =>
        DOMAINS.filter((domain) => !isLive(park, domain, now)).map((domain) => ({ parkId: park.parkId, domain })),
      ),
    areasNotShown: DIGITAL_AREAS.filter(({ domain }) => domain === null).map(({ area }) => area),
  };
}
