import { z } from 'zod';
import type { ScorecardAnswer } from '../../intensity/assess/port.js';
import { monthsOf } from '../../intensity/model/scorecard/scorecard.js';
import { SCOPE_KINDS } from '../../intensity/model/scorecard/targets.js';
import { DOMAINS } from '../../model/reading.js';

const line = z.strictObject({
  item: z.string(),
  unit: z.enum(['CNY/mu', 'share', 'CNY']),
  atLeast: z.number().nullable().describe('null where the guideline names no number'),
  clause: z.string(),
  months: z
    .number()
    .int()
    .nullable()
    .describe('months of the year that the figure covers; null: it is of the last day'),
  verdict: z.enum(['met', 'missed', 'no_target', 'unknown']),
  value: z.number().nullable(),
  by: z.number().nullable().describe('by how much it is missed, in `unit`'),
  byShare: z.number().nullable(),
  why: z.string().nullable().describe('why it is unknown'),
  parks: z.array(z.string()).describe('parks that have not reported the figure: the sum waits for them'),
  known: z.number().nullable().describe('what is known of it: of the parks that reported, or of the year so far'),
});
export const scorecardAnswer = z.strictObject({
  kind: z.enum(SCOPE_KINDS),
  id: z.string(),
  source: z.string().describe('the document that the clauses are of'),
  version: z.number().int().describe('of the statistics that it is made of; 0: nothing was recorded'),
  asKnown: z.enum(['now', 'then']),
  year: z.number().int(),
  months: z.number().int().describe('months of the year that all money figures cover'),
  lines: z.array(line),
  areas: z
    .array(
      z.strictObject({
        ...{ park: z.string(), mu: z.number(), year: z.number().int().nullable() },
        of: z.enum(['statistics', 'plan']).describe('`plan`: the planned area of the park, where no land was told'),
      }),
    )
    .describe('the land by which figures per mu are divided'),
  coverage: z
    .strictObject({
      silent: z.array(z.strictObject({ park: z.string(), domain: z.enum(DOMAINS) })),
      areasNotShown: z.array(z.string()).describe('areas of section 二(3) that the platform does not cover'),
    })
    .describe('what is missing for full digital coverage: domains without a reading in the last day'),
});

export function scorecardToWire(
  { version, card, year, months, gaps, areas }: ScorecardAnswer,
  asKnown: 'now' | 'then',
): z.infer<typeof scorecardAnswer> {
  const none = { value: null, by: null, byShare: null, why: null, parks: [], known: null };
  return {
    ...{ kind: card.kind, id: card.id, source: card.source, version, asKnown },
    ...{ year, months: Math.min(...Object.values(months)) },
    lines: card.lines.map(({ target: { item, unit, atLeast, clause }, ...verdict }) => ({
      ...{ item, unit, atLeast, clause, months: monthsOf(item, { months }) },
      ...{ ...none, ...verdict },
      parks: 'parks' in verdict ? [...verdict.parks] : [],
    })),
    areas: [...areas],
    coverage: {
      silent: gaps.silent.map(({ parkId, domain }) => ({ park: parkId, domain })),
      areasNotShown: [...gaps.areasNotShown],
    },
  };
}
