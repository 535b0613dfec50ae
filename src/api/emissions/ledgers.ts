import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type EmissionItems,
  type EmissionLedger,
  LEDGERS_OF_ONE_OUTLET,
} from '../../emissions/model/outlets/entries.js';
import type { OutletKey } from '../../emissions/model/outlets/outlet.js';
import type { EmissionBelief } from '../../emissions/port.js';
import { ADMINS, principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { parkScope, requirePark } from '../../http/auth/scope.js';
import { cursors, pageAfter } from '../../http/paging.js';
import { invalidFields } from '../../http/problem.js';
import { ok, route, routes, tableRoute } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { parkOf } from '../../model/ids.js';
import type { ApiDeps } from '../deps.js';
import { recordedToWire } from '../recorded.js';
import {
  entrySchemas,
  entryWithdrawal,
  ledgerAnswers,
  ledgerQuery,
  ledgerQueryOfOutlet,
  toldAnswer,
  toldBody,
} from './schemas.js';

type Deps = Pick<ApiDeps, 'outlets' | 'registry' | 'timeZone' | 'clock'>;

/** What each ledger holds, for the documents. */
const TITLES: Readonly<Record<EmissionLedger, string>> = {
  outlets: 'Outlets of wastewater, with the station that measures them',
  profiles: 'How outlets are judged and counted: regime of limits, comparison, programme of the analysers',
  permits: 'Discharge permits: limits of their own and masses of a year',
  overrides: 'What the site put in place of limits that are not certain',
  marks: 'What people said of the values of a time: invalid, or confirmed',
  samples: 'Samples taken by hand, which stand in for invalid times',
  calibrations: 'Calibrations that analysers passed',
};
/** Times in entries, which the wire has in RFC 3339. */
const TIMES: Partial<Record<EmissionLedger, readonly string[]>> = {
  ...{ marks: ['from', 'to'], samples: ['ts'], calibrations: ['ts'] },
};
/** The key of the last entry of a page. */
const cursor = cursors(z.string().max(300));
const KEPT = 'Nothing is overwritten: `asOf` still answers with what was known before.';

/** `GET PUT DELETE` of what people tell of outlets, one resource for each ledger. */
export function emissionLedgerRoutes({ outlets: book, registry, timeZone, clock }: Deps): FastifyPluginAsync {
  const time = timeWriter(timeZone);

  function toWire(ledger: EmissionLedger, { key, value, ...recorded }: EmissionBelief<object>) {
    const entry: Record<string, unknown> = { ...value };
    for (const field of TIMES[ledger] ?? []) entry[field] = time(entry[field] as number);
    const { source, ...rest } = recordedToWire(recorded, time);
    return { entry, key, ...rest, recordedSource: source };
  }

  const answer = (ledger: EmissionLedger, page: Page) => ({
    ...{ items: page.items.map((one) => toWire(ledger, one)), nextCursor: page.nextCursor, version: book.version },
  });

  function list(request: FastifyRequest, ledger: EmissionLedger, query: LedgerQuery) {
    const { outlet, asOf, ...paging } = query;
    if (asOf !== undefined && asOf > clock()) {
      throw invalidFields([{ field: 'query.asOf', expected: 'a time that is past' }]);
    }
    if (outlet !== undefined) requirePark(request, registry, parkOf(outlet as OutletKey));
    const sees = parkScope(principalOf(request), registry);
    const of = { outlet: outlet as OutletKey | undefined, asOf };
    if (LEDGERS_OF_ONE_OUTLET.has(ledger)) {
      const after = paging.cursor === undefined ? undefined : cursor.read(paging.cursor);
      const found = book.beliefs(ledger, { ...of, after, limit: paging.limit + 1 });
      const items = found.slice(0, paging.limit);
      const nextCursor = found.length > paging.limit ? cursor.write(items.at(-1)!.key) : null;
      return answer(ledger, { items, nextCursor });
    }
    const all = book.beliefs(ledger, of);
    const own = ledger === 'overrides' ? all : all.filter(({ key }) => sees(parkOf(key as OutletKey)));
    return answer(
      ledger,
      pageAfter(own, ({ key }) => key, paging),
    );
  }

  return routes((app) => {
    for (const ledger of Object.keys(TITLES) as EmissionLedger[]) {
      const url = `/emissions/${ledger}`;
      const writers = ledger === 'overrides' ? ADMINS : WRITERS;
      app.get(
        url,
        route(READERS, 'emissions', TITLES[ledger], {
          querystring: LEDGERS_OF_ONE_OUTLET.has(ledger) ? ledgerQueryOfOutlet : ledgerQuery,
          ...ok(ledgerAnswers[ledger], 'A page of entries, with who recorded them, when and why'),
        }),
        // biome-ignore lint/suspicious/noExplicitAny: the schema above is one of seven
        async (request) => list(request, ledger, request.query as LedgerQuery) as any,
      );
      app.put(
        url,
        tableRoute(writers, 'emissions', `Records: ${TITLES[ledger]}`, {
          description: `All entries are recorded, or none. An entry takes the place of one with the same key. ${KEPT}`,
          body: toldBody(entrySchemas[ledger]),
          ...ok(toldAnswer, 'The version that recorded them'),
        }),
        async (request) => {
          const { entries, source, reason } = request.body as { entries: object[]; source: string; reason: string };
          const items = { ledger, entries } as unknown as EmissionItems;
          const version = book.put(items, principalOf(request), { source, reason });
          return { version, recorded: entries.length };
        },
      );
      app.delete(
        url,
        route(writers, 'emissions', `Withdraws one entry: ${TITLES[ledger]}`, {
          description: KEPT,
          querystring: entryWithdrawal,
          ...ok(toldAnswer, 'The version that withdrew it'),
        }),
        async (request) => {
          const { key, ...told } = request.query;
          return { version: book.withdraw(ledger, key, principalOf(request), told), recorded: 1 };
        },
      );
    }
  });
}

interface Page {
  readonly items: readonly EmissionBelief<object>[];
  readonly nextCursor: string | null;
}

interface LedgerQuery {
  readonly outlet?: string;
  readonly asOf?: number;
  readonly limit: number;
  readonly cursor?: string;
}
