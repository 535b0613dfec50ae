import type { z } from 'zod';
import { READERS, WRITERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { pageAfter } from '../../http/paging.js';
import { invalidFields } from '../../http/problem.js';
import { parkParams } from '../../http/request-texts.js';
import { ok, route, routes, tableRoute } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { RecordedVersion } from '../../intensity/meters/port.js';
import { registerOf } from '../../intensity/model/boundary/carriers.js';
import { IntensityRefusedError } from '../../intensity/port.js';
import { deviceKey, deviceOf } from '../../model/ids.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { requireAsOf } from '../intensity-query.js';
import { recordedToWire } from '../recorded.js';
import { authorOf, listed, type MeterDeps, meterToWire } from './common.js';
import { dryRunQuery, editAnswer, endParams, endQuery, treeAnswer, treeBody, treeQuery } from './schemas.js';

/** `GET /meters`, `PUT /meters/{park}`, `DELETE /meters/{park}/{device}`; operators change those of their parks. */
export function meterTreeRoutes({ meters, registry, timeZone, clock }: MeterDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/meters',
      route(READERS, 'intensity', 'The meter trees: what each meter counts, for whom, below which other, and when', {
        querystring: treeQuery,
        ...ok(treeAnswer, 'A page of versions'),
      }),
      async (request) => {
        const { park, carrier, at, asOf: asked, ...paging } = request.query;
        const asOf = requireAsOf(asked, meters.newest('meters'), clock());
        const versionsOf = (id: string) =>
          meters
            .versions(id, asOf)
            .filter((one) => carrier === undefined || one.carrier === carrier)
            .filter(({ from, to }) => at === undefined || (from <= at && at < to))
            .map((one) => ({ meter: { device: one.device, register: one.register }, one }));
        const all = listed(request, registry, { park }, versionsOf, ({ one }) => one.from);
        const page = pageAfter(all, ({ pageKey }) => pageKey, paging);
        const items = page.items.map(({ one }) => versionToWire(one, meters.standing(one), time));
        return { ...page, items, treeVersion: meters.treeVersion(asOf) };
      },
    );
    app.put(
      '/meters/:park',
      tableRoute(WRITERS, 'intensity', 'Puts meters in the tree of a park, or moves them in it, from a time on', {
        description:
          'Each version holds for its time, instead of what was known of that time: a meter that moves in June has a ' +
          'version from June on, and what is known of the time before stays. All of it is taken or nothing. Consumption ' +
          'of the time is counted again.',
        params: parkParams,
        querystring: dryRunQuery,
        body: treeBody,
        ...ok(editAnswer, 'What was recorded, or would be'),
      }),
      async (request) => {
        const { id } = requirePark(request, registry, request.params.park);
        const { dryRun } = request.query;
        const versions = request.body.versions.map((one) => draftOf(one, id));
        const done = meters.putVersions(id, versions, authorOf(request, request.body), dryRun);
        return { dryRun, ...done, notes: done.notes.map(noteToWire) };
      },
    );
    app.delete(
      '/meters/:park/:device',
      route(WRITERS, 'intensity', 'Removes a meter from the tree, from a time on', {
        description:
          'What it counted before stays. Refused while other meters lie below it then: end or move these first.',
        params: endParams,
        querystring: endQuery,
        ...ok(editAnswer, 'What was recorded, or would be'),
      }),
      async (request) => {
        const { id } = requirePark(request, registry, request.params.park);
        const { register, at, dryRun, ...said } = request.query;
        const meter = { device: deviceKey(id, request.params.device), register };
        const done = inQuery(() => meters.endMeter(meter, at, authorOf(request, said), dryRun));
        return { dryRun, ...done, notes: done.notes.map(noteToWire) };
      },
    );
  });
}

function draftOf({ to, device, parent, owner, ...said }: z.output<typeof treeBody>['versions'][number], park: string) {
  return {
    ...said,
    park,
    device: deviceKey(park, device),
    owner: owner ?? { kind: 'park' as const, id: park },
    parent: parent && { device: deviceKey(park, parent.device), register: parent.register },
    to: to ?? Number.POSITIVE_INFINITY,
  };
}

/** What was wrong came in the query. */
function inQuery<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof IntensityRefusedError) || error.fields.length === 0) throw error;
    throw invalidFields(error.fields.map(({ field, expected }) => ({ field: `query.${field}`, expected })));
  }
}

const noteToWire = <T extends { readonly device: string }>(note: T) => ({ ...note, device: deviceOf(note.device) });

function versionToWire(
  version: RecordedVersion,
  { device, ownerKnown }: ReturnType<MeterDeps['meters']['standing']>,
  time: WriteTime,
) {
  const { carrier, role, owner, parent, from, to, register } = version;
  return {
    ...meterToWire(version),
    unit: registerOf(carrier, register)?.unit ?? '',
    ...{ carrier, role, owner },
    parent: parent && { device: deviceOf(parent.device), register: parent.register },
    from: time(from),
    to: to === Number.POSITIVE_INFINITY ? null : time(to),
    deviceState: device,
    ownerKnown,
    ...recordedToWire(version, time),
  };
}
