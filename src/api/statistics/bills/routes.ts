import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { principalOf, READERS, WRITERS } from '../../../http/auth/access.js';
import { foreign, parkScope } from '../../../http/auth/scope.js';
import { pageAfter } from '../../../http/paging.js';
import { problem } from '../../../http/problem.js';
import { ok, route, routes, tableRoute } from '../../../http/route.js';
import { timeWriter } from '../../../http/times.js';
import type { BillChanges } from '../../../intensity/bills/port.js';
import { parkOfMember } from '../../../intensity/model/assess/scope.js';
import { type Bill, billKey } from '../../../intensity/model/bills/bill.js';
import type { Believed } from '../../../intensity/model/statistics/ledger.js';
import type { FieldError } from '../../../model/field-error.js';
import type { ApiDeps } from '../../deps.js';
import { requireAsOf, requireScope, sourceAndReason } from '../../intensity-query.js';
import { recordedToWire } from '../../recorded.js';
import { billsToldBy, NOTHING_TOLD, verdictEffectsOf } from '../effects.js';
import { longList, sendLists } from '../in-turns.js';
import {
  billChangesAnswer,
  billListAnswer,
  billListQuery,
  billPutBody,
  billWithdrawn,
  billWithdrawQuery,
  MOST_BILLS,
  putQuery,
} from './schemas.js';

type Deps = Pick<ApiDeps, 'bills' | 'registry' | 'timeZone' | 'clock' | 'assessments'>;

/** `GET PUT DELETE /statistics/bills`: what utilities billed before there were meters. */
export function billRoutes(deps: Deps): FastifyPluginAsync {
  const { bills, registry, timeZone, clock } = deps;
  const time = timeWriter(timeZone);
  const billToWire = (one: Believed<Bill>) => ({
    ...{ ...one.value, use: { ...bills.use(one.value) } },
    ...recordedToWire(one, time),
  });
  /** Sends what bills change, or would change, with what is wrong of them. */
  const send = (
    reply: FastifyReply,
    { changes, unchanged, version }: BillChanges,
    head: { readonly dryRun: boolean; readonly effects?: object },
    wrong: readonly FieldError[] = [],
  ) => {
    const { bills: list, errors } = billChangesAnswer.shape;
    return sendLists(
      reply,
      { ...head, version, unchanged },
      {
        bills: longList(list.element, changes, ({ before, after }) => ({
          before: before && billToWire(before),
          after: { ...after, use: { ...bills.use(after) } },
        })),
        errors: longList(errors.element, wrong, ({ field, expected }) => ({ field: `body.${field}`, expected })),
      },
    );
  };

  return routes((app) => {
    app.get(
      '/statistics/bills',
      route(READERS, 'statistics', 'Bills of utilities for times before metering, and how their days count', {
        querystring: billListQuery,
        ...ok(billListAnswer, 'A page of bills'),
      }),
      async (request) => {
        const { scope, owner, asOf, ...paging } = request.query;
        const inScope =
          scope === undefined ? null : new Set(requireScope(request, registry, scope).map(({ id }) => id));
        const sees = parkScope(principalOf(request), registry);
        const { version, items } = bills.list(requireAsOf(asOf, bills.list().version, clock()));
        const wanted = items.filter(({ value }) => {
          const park = parkOfMember(value.owner);
          return (inScope?.has(park) ?? sees(park)) && (owner === undefined || value.owner === owner);
        });
        const page = pageAfter(wanted, ({ key }) => key, paging);
        return { version, ...page, items: page.items.map(billToWire) };
      },
    );
    app.put(
      '/statistics/bills',
      tableRoute(WRITERS, 'statistics', 'Records bills of utilities, all of them or none', {
        description:
          `At most ${MOST_BILLS} at once. A bill counts for its days until the first meter of its carrier counts for its ` +
          'owner: days of meters are not billed again. One of several months is spread evenly over its days, and marked.',
        querystring: putQuery,
        body: billPutBody,
        ...ok(billChangesAnswer, 'What changed, or would change'),
      }),
      async (request, reply) => {
        const { bills: all, basedOn } = request.body;
        const who = principalOf(request);
        if (request.query.dryRun) {
          const changes = await bills.preview(all, who);
          const wrong = await bills.check(all, who);
          const effects = await verdictEffectsOf(deps, wrong.length > 0 ? NOTHING_TOLD : billsToldBy(changes), who);
          return send(reply, changes, { dryRun: true, effects }, wrong);
        }
        const told = { ...sourceAndReason(request.body), ...(basedOn !== undefined && { basedOn }) };
        return send(reply, await bills.put(all, who, told), { dryRun: false });
      },
    );
    app.delete(
      '/statistics/bills',
      route(WRITERS, 'statistics', 'Withdraws one bill, with the reason', {
        description: 'A new version without it; what was believed before stays known, and may be recorded again.',
        querystring: billWithdrawQuery,
        ...ok(billWithdrawn, 'What was believed until now'),
      }),
      async (request) => {
        const { source, reason, basedOn, ...of } = request.query;
        const park = parkOfMember(of.owner);
        if (registry.park(park) && !parkScope(principalOf(request), registry)(park)) {
          throw foreign(problem(404, 'unknown_entry', `nothing is recorded of ${billKey(of)}`));
        }
        const told = { source, reason, ...(basedOn !== undefined && { basedOn }) };
        const before = await bills.withdraw(of, principalOf(request), told);
        return { version: bills.list().version, withdrawn: billToWire(before) };
      },
    );
  });
}
