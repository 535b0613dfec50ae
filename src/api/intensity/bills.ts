import { z } from 'zod';
import { wireTime } from '../../http/times.js';
import type { Bills } from '../../intensity/bills/port.js';
import { parkOfMember, type Scope, scopeText } from '../../intensity/model/assess/scope.js';
import type { AsOf } from '../../intensity/model/statistics/ledger.js';

/** The most that one answer lists. */
const LISTED = 400;
const whole = z.number().int();

const bill = z.strictObject({
  ...{ owner: z.string(), carrier: z.string(), account: z.string(), from: z.string(), through: z.string() },
  ...{ amount: z.number(), unit: z.string() },
  days: whole.describe('that it is of'),
  billedDays: whole.describe('those of them that count; the others lie after the first meter and count by it'),
  ...{ version: whole, recordedAt: wireTime, by: z.string(), source: z.string() },
});
export const billsShape = z
  .strictObject({
    items: z.array(bill).describe(`the first ${LISTED} by owner, carrier, account and day`),
    count: whole,
  })
  .describe('of a park or enterprise: what utilities billed before there were meters, since the base year');

type BillsWire = z.infer<typeof billsShape>;

/** Bills of the scope's owners and of some carriers, as they were known at a moment. */
export function billsToWire(
  bills: Pick<Bills, 'list' | 'use'>,
  scope: Scope,
  {
    carriers,
    baseYear,
    asOf,
  }: { readonly carriers: readonly string[]; readonly baseYear: number; readonly asOf: AsOf },
  time: (instant: number) => string,
): BillsWire {
  if (scope.kind !== 'park' && scope.kind !== 'enterprise') return { items: [], count: 0 };
  const isOwner = (owner: string) =>
    scope.kind === 'park' ? parkOfMember(owner) === scope.id : owner === scopeText(scope);
  const all = bills
    .list(asOf)
    .items.filter(({ value }) => isOwner(value.owner) && carriers.includes(value.carrier))
    .filter(({ value }) => Number(value.through.slice(0, 4)) >= baseYear);
  const items = all.slice(0, LISTED).map(({ value, version, recordedAt, by, source }) => {
    const { days, billedDays } = bills.use(value);
    return { ...value, days, billedDays, version, recordedAt: time(recordedAt), by, source };
  });
  return { items, count: all.length };
}
