import { z } from 'zod';
import { HistorianUnavailableError } from '../../historian/port/errors.js';
import type { Assessments, Effect, Supposed } from '../../intensity/assess/port.js';
import type { BillChanges } from '../../intensity/bills/port.js';
import type { Assessment } from '../../intensity/model/assess/assessment.js';
import { TRACKED } from '../../intensity/model/assess/quantity-book.js';
import { parkOfMember, type Scope, scopeText } from '../../intensity/model/assess/scope.js';
import { inWords } from '../../intensity/model/tracking/reason.js';
import { VERDICTS } from '../../intensity/model/tracking/verdict.js';
import type { StatisticsChanges } from '../../intensity/statistics/port.js';
import { maySeePark, type Principal } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';

const maybe = z.number().nullable();
const outcome = z.strictObject({
  verdict: z.enum(VERDICTS),
  expected: maybe.describe('intensity expected at the end of the year'),
  allowed: maybe,
  decline: maybe.describe('expected annual decline since the base year'),
  intensity: maybe.describe('of the months so far'),
  reasons: z.array(z.strictObject({ code: z.string(), zh: z.string(), en: z.string() })),
});
export const effectsAnswer = z.strictObject({
  computed: z
    .boolean()
    .describe(
      'false while years of readings are first read, another dry run is worked out, or history is away: ask again',
    ),
  items: z
    .array(
      z.strictObject({
        scope: z.string(),
        carrier: z.enum(TRACKED),
        unit: z.string(),
        year: z.number().int(),
        verdictChanges: z.boolean(),
        before: outcome,
        after: outcome,
        restated: z
          .array(z.strictObject({ year: z.number().int(), from: maybe, to: maybe }))
          .describe('past years whose intensity would be another'),
      }),
    )
    .describe(
      'verdicts of the year that runs on the parks it tells of, and on their districts and the city where all parks are in scope',
    ),
});

type Effects = z.infer<typeof effectsAnswer>;
type Deps = Pick<ApiDeps, 'registry'> & { readonly assessments: Pick<Assessments, 'supposing'> };

/** What cannot be taken has no effect. */
export const NOTHING_TOLD: Supposed = { entries: [], sets: [], bills: [] };

/** What an upload of statistics or sets tells that differs. */
export const toldBy = ({ entries, sets }: Pick<StatisticsChanges, 'entries' | 'sets'>): Supposed => ({
  ...NOTHING_TOLD,
  ...{ entries: entries.map(({ after }) => after), sets: sets.map(({ after }) => after) },
});

/** What an upload of bills tells that differs. */
export const billsToldBy = ({ changes }: Pick<BillChanges, 'changes'>): Supposed => ({
  ...{ ...NOTHING_TOLD, bills: changes.map(({ after }) => after) },
});

/** What would become of verdicts if this were recorded, as far as the principal sees them. */
export async function verdictEffectsOf(
  { assessments, registry }: Deps,
  told: Supposed,
  who: Principal,
): Promise<Effects> {
  const scopes = scopesOf(registry, told, who);
  if (scopes.length === 0) return { computed: true, items: [] };
  try {
    const effects = await assessments.supposing(told, scopes);
    return { computed: effects !== null, items: (effects ?? []).map(effectToWire) };
  } catch (error) {
    if (error instanceof HistorianUnavailableError) return { computed: false, items: [] };
    throw error;
  }
}

/** The parks of what is told, then the sums that they are part of. */
function scopesOf(registry: Deps['registry'], told: Supposed, who: Principal): Scope[] {
  const parks = registry.parks();
  const ofSets = told.sets.flatMap(({ scope, members }) => [scope, ...members]);
  const ofBills = told.bills.map(({ owner }) => owner);
  const named = new Set([...told.entries.map(({ subject }) => subject), ...ofSets, ...ofBills].map(parkOfMember));
  const touched = parks.filter((park) => named.has(park.id) && maySeePark(who, park));
  const sees = (district?: string) =>
    parks.every((park) => (district !== undefined && park.district !== district) || maySeePark(who, park));
  const districts = [...new Set(touched.map(({ district }) => district))].filter(sees);
  return [
    ...touched.map(({ id }): Scope => ({ kind: 'park', id })),
    ...districts.map((id): Scope => ({ kind: 'district', id })),
    ...(touched.length > 0 && sees() ? [{ kind: 'city' } as const] : []),
  ];
}

function effectToWire({ scope, carrier, before, after }: Effect): Effects['items'][number] {
  const values = new Map(before.path.map(({ year, value }) => [year, value]));
  const years = new Map(after.path.map(({ year, value }) => [year, value]));
  const restated = [...new Set([...values.keys(), ...years.keys()])]
    .map((year) => ({ year, from: values.get(year) ?? null, to: years.get(year) ?? null }))
    .filter(({ year, from, to }) => year < after.year && from !== to);
  return {
    ...{ scope: scopeText(scope), carrier, year: after.year, unit: `${after.unit} per 10⁴ CNY` },
    verdictChanges: before.verdict.verdict !== after.verdict.verdict,
    ...{ before: outcomeOf(before), after: outcomeOf(after), restated },
  };
}

const outcomeOf = ({ verdict, figure }: Assessment): z.infer<typeof outcome> => ({
  ...{ verdict: verdict.verdict, expected: verdict.expected?.value ?? null, allowed: verdict.allowed },
  ...{ decline: verdict.decline, intensity: figure?.value ?? null },
  reasons: verdict.reasons.map((one) => ({ code: one.code, ...inWords(one) })),
});
