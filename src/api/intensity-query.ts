import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../http/auth/access.js';
import { foreign, parkScope, requirePark } from '../http/auth/scope.js';
import { invalidField, problem } from '../http/problem.js';
import { line } from '../http/request-texts.js';
import { instant } from '../http/times.js';
import type { AsOf } from '../intensity/model/statistics/ledger.js';
import { parseSubject, parseSumScope, SUBJECT_FORMS, SUM_FORMS } from '../intensity/model/statistics/subject.js';
import type { Statistics } from '../intensity/statistics/port.js';
import type { Park } from '../model/parks.js';
import type { Registry } from '../registry/port.js';

const MAX_SUBJECT = 'enterprise:'.length + 63 + 1 + 63;

export const subjectText = z
  .string()
  .max(MAX_SUBJECT)
  .refine((text) => parseSubject(text) !== null, SUBJECT_FORMS)
  .describe(SUBJECT_FORMS);

export const scopeSchema = z
  .string()
  .max(MAX_SUBJECT)
  .refine((text) => parseSumScope(text) !== null, SUM_FORMS)
  .describe(SUM_FORMS);

/** Where something told comes from, and why; both stand in the history. */
export const toldShape = {
  source: line(200).describe('the file or paper it comes from, such as `增加值_2026-11.xlsx`'),
  reason: line(500).optional().describe('why'),
};

/** As the books take it, without what is left out. */
export const sourceAndReason = ({
  source,
  reason,
}: {
  readonly source: string;
  readonly reason?: string | undefined;
}) => ({
  ...{ source, ...(reason !== undefined && { reason }) },
});

/** Of a withdrawal, as a query. */
export const withdrawShape = {
  source: toldShape.source,
  reason: toldShape.reason.unwrap().describe('why it is withdrawn'),
  basedOn: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('the version that the client read; 409 when it changed since'),
};

/** What losses below a main meter are judged by. */
export const lossLimitShape = {
  maxShare: z.number().describe('the most that may be lost, a share of what came in: 0.05 for 5 %'),
  toleranceShare: z.number().describe('by how much the meters below may measure more, a share'),
  minCompleteness: z.number().describe('the least share of the time that has to be measured of every meter'),
};

const [FIRST, END] = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)];
/** A time for which meters may be told of, or asked. */
export const meteredTime = instant.refine((ts) => ts >= FIRST && ts < END, 'a time from 2000 to 2099');

const version = /^version:([1-9]\d{0,8})$/;

/** A moment whose knowledge is asked for. */
export const asOfText = z
  .union([
    z
      .string()
      .regex(version)
      .transform((text) => ({ version: Number(version.exec(text)?.[1]) })),
    instant.transform((time) => ({ time })),
  ])
  .optional()
  .describe(
    'answers as was known then: an RFC 3339 time with offset that is past, or `version:{n}`; now when left out',
  );

/**
 * @param newest the newest version of the ledger that answers
 * @throws ProblemError 422 for what nobody can know yet: a time or version to come
 */
export function requireAsOf(asOf: z.output<typeof asOfText>, newest: number, now: number): AsOf {
  if (asOf === undefined) return 'latest';
  if ('version' in asOf) {
    if (asOf.version <= newest) return asOf;
    throw invalidField('query.asOf', `a version up to ${newest}, the newest`);
  }
  if (asOf.time <= now) return asOf;
  throw invalidField('query.asOf', 'a time that is past');
}

/**
 * The parks of a scope, when the principal may see all of them.
 * @throws ProblemError 404 for a scope that does not exist or reaches beyond the principal's: nobody learns which
 */
export function requireScope(
  request: FastifyRequest,
  registry: Pick<Registry, 'park' | 'parks'>,
  text: string,
): readonly Park[] {
  const scope = parseSumScope(text);
  if (scope?.kind === 'park') return [requirePark(request, registry, scope.park)];
  const parks = registry.parks().filter((park) => scope?.kind === 'city' || park.district === scope?.district);
  const sees = parkScope(principalOf(request), registry);
  if (parks.length > 0 && parks.every(({ id }) => sees(id))) return parks;
  const absent = problem(404, 'unknown_scope', `there is no scope ${text}`);
  throw parks.length > 0 ? foreign(absent) : absent;
}

/** @throws ProblemError 404 for a subject that does not exist or is outside the scope: nobody learns which */
export function requireSubject(
  request: FastifyRequest,
  registry: Pick<Registry, 'park'>,
  statistics: Pick<Statistics, 'isKnown'>,
  text: string,
): string {
  const park = parseSubject(text)?.park ?? '';
  const absent = problem(404, 'unknown_subject', `there is no subject ${text}`);
  if (registry.park(park) && !parkScope(principalOf(request), registry)(park)) throw foreign(absent);
  if (!statistics.isKnown(text)) throw absent;
  return text;
}
