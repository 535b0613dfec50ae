import { z } from 'zod';
import type { ScorecardAnswer } from '../../intensity/assess/port.js';
import { SCOPE_KINDS } from '../../intensity/model/scorecard/targets.js';

const line = z.strictObject({
  item: z.string(),
  unit: z.enum(['CNY/mu', 'share', 'CNY']),
  atLeast: z.number().nullable().describe('null where the guideline names no number'),
  clause: z.string(),
  verdict: z.enum(['met', 'missed', 'no_target', 'unknown']),
  value: z.number().nullable(),
  by: z.number().nullable().describe('by how much it is missed, in `unit`'),
  byShare: z.number().nullable(),
  why: z.string().nullable().describe('why it is unknown'),
  parks: z.array(z.string()).describe('parks that it waits for'),
  known: z.number().nullable().describe('what is known of it: of the parks that reported, or of the year so far'),
});
export const scorecardAnswer = z.strictObject({
  kind: z.enum(SCOPE_KINDS),
  id: z.string(),
  source: z.string().describe('the document that the clauses are of'),
  year: z.number().int(),
  months: z.number().int().describe('months of the year that the money figures cover'),
  lines: z.array(line),
});

export function scorecardToWire({ card, year, months }: ScorecardAnswer): z.infer<typeof scorecardAnswer> {
  const none = { value: null, by: null, byShare: null, why: null, parks: [], known: null };
  return {
    ...{ kind: card.kind, id: card.id, source: card.source, year, months },
    lines: card.lines.map(({ target: { item, unit, atLeast, clause }, ...verdict }) => ({
      ...{ item, unit, atLeast, clause },
      ...{ ...none, ...verdict },
      parks: 'parks' in verdict ? [...verdict.parks] : [],
    })),
  };
}
