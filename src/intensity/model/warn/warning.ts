/**
 * What is watched of the 5 %, with the unit of `value`:
 * `path_shortfall_pct`: by how much the expected annual decline misses the rate, in % of what the policy tolerates: 0 is the
 * rate itself, above 0 at risk, above 100 off track; below 0 it is better than the rate. `path_blocks`: how many reasons there
 * are why it is not assessable. `month_budget_expected_pct`: what the running month will use at the forecast's pace, in % of
 * its allowance. `month_budget_used_pct`: what a month used, in % of its allowance. `statistics_age_d`: days since the end of
 * the oldest period whose added value is not published. `month_measured_pct`: share of a month's time that was measured.
 * `loss_beyond_limit_pct`: by how much losses below a main meter are outside their limits, in % of what came in.
 */
const WARNING_METRICS = [
  ...(['path_shortfall_pct', 'path_blocks', 'month_budget_expected_pct', 'month_budget_used_pct'] as const),
  ...(['statistics_age_d', 'month_measured_pct', 'loss_beyond_limit_pct'] as const),
] as const;
type WarningMetric = (typeof WARNING_METRICS)[number];

/** One figure that an alarm may rest on. */
export interface Warning {
  readonly metric: WarningMetric;
  /** What it is of, unique in the service: `{park}.{carrier}`, of one month with `.YYYY-MM` behind it. */
  readonly part: string;
  /** Null of a sum over parks: whoever may see it has to see them all. */
  readonly park: string | null;
  /**
   * Null of what is not watched, or not any more, because nothing is expected of it: no later value could end an alarm of
   * it, so the alarm ends with that as its reason. What only cannot be computed just now is left out instead.
   */
  readonly value: number | null;
}

/** What is known of all that is watched; what is missing in it is not known just now. */
export interface Warnings {
  readonly warnings: readonly Warning[];
  /** `YYYY-MM`: what is of a month before it is not watched any more. */
  readonly since: string;
}

/** Alarms name their subject in at most 80 characters; a month takes eight. */
const MAX_BODY = 72;
const HASH = 16;

/** The name of what a warning is of; names that are too long end in a hash of their whole. */
export function warningPart(names: readonly string[], month?: string): string {
  const body = names.join('.');
  const fits = body.length <= MAX_BODY ? body : `${body.slice(0, MAX_BODY - HASH - 1)}-${hashOf(body)}`;
  return month === undefined ? fits : `${fits}.${month}`;
}

/** FNV-1a, 64 bits, in hexadecimal. Names are ids: each character is one byte. */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(HASH, '0');
}
