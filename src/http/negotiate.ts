import { z } from 'zod';
import { problem } from './problem.js';

/**
 * Chooses the media type of `offered` that an Accept header prefers (RFC 9110 section 12.5.1): by weight, then by
 * precision of the range, then in the order offered.
 * @throws ProblemError 406 when none is acceptable
 */
export function negotiate<T extends string>(accept: string | undefined, offered: readonly [T, ...T[]]): T {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.toLowerCase().split(',', 50).map(parseRange);
  let best: { readonly type: T; readonly score: number } | null = null;
  for (const type of offered) {
    const score = scoreOf(type, ranges);
    if (score > 0 && (best === null || score > best.score)) best = { type, score };
  }
  if (best) return best.type;
  throw problem(406, 'not_acceptable', `this answers ${offered.join(' or ')}`, { offered });
}

interface Range {
  readonly range: string;
  readonly weight: number;
}

function parseRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = q === undefined ? 1 : Number(q);
  return { range, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** Weight in thousands, plus the precision of the most precise range that names the type; 0 when refused. */
function scoreOf(type: string, ranges: readonly Range[]): number {
  const wildcards = ['*/*', `${type.split('/')[0]}/*`, type];
  for (let precision = 2; precision >= 0; precision--) {
    const found = ranges.find((candidate) => candidate.range === wildcards[precision]);
    if (found) return found.weight === 0 ? 0 : Math.round(found.weight * 1000) * 10 + precision;
  }
  return 0;
}

/** The answer of a route that writes JSON, or CSV if the client prefers it. */
export const jsonOrCsv = <J extends z.ZodType, C extends z.ZodType>(description: string, json: J, csv: C) => ({
  200: { description, content: { 'application/json': { schema: json }, 'text/csv': { schema: csv } } },
});
/** As `jsonOrCsv`, with a workbook too. */
export const jsonOrTables = <J extends z.ZodType>(
  description: string,
  json: J,
  csv: z.ZodType = z.string().describe('RFC 4180, UTF-8 with BOM, a header row'),
) => ({
  200: {
    description,
    content: {
      'application/json': { schema: json },
      'text/csv': { schema: csv },
      [XLSX_TYPE]: { schema: z.unknown().meta({ type: 'string', format: 'binary', description: 'a workbook' }) },
    },
  },
});
export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
export const JSON_OR_TABLES = ['application/json', 'text/csv', XLSX_TYPE] as const;
export const JSON_OR_CSV = ['application/json', 'text/csv'] as const;
export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
