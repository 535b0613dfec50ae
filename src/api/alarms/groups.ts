import { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { groupByCause } from '../../alarms/model/kpi/group.js';
import { alarmToWire } from '../../alarms/model/wire.js';
import { READERS } from '../../http/auth/access.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import { alarmPayload } from '../alarm-schemas.js';
import type { ApiDeps } from '../deps.js';
import { filterShape } from './schemas.js';
import { filterOf, namesFor } from './scope.js';

/** Groups of one answer, and alarms named in each; what is more is counted. */
const MAX_GROUPS = 200;
const MAX_NAMED = 100;

const { park, district, domain } = filterShape;
const groupsQuery = z.strictObject({ park, district, domain });

const group = z.strictObject({
  alarm: alarmPayload.describe('the cause'),
  follow: z.number().int().describe('alarms that follow from it'),
  alarms: z.array(z.string()).describe(`their ids, ${MAX_NAMED} at most, those raised first in front`),
  parks: z.array(z.string()),
  places: z.array(z.string()),
});

const groupList = z.strictObject({
  seq: z.number().int().describe('the alarms stand as of this event'),
  total: z.number().int(),
  items: z.array(group).describe(`the newest cause first, ${MAX_GROUPS} at most`),
});

/** `GET /alarm-groups`: causes, with what they bring about. */
export function alarmGroupRoutes({ alarms, registry, timeZone }: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.get(
      '/alarm-groups',
      route(READERS, 'alarms', 'Alarms by what caused them', {
        description:
          'Each alarm that silences others by design, with those; so one line stands for a transformer that is out and ' +
          'the meters behind it. Alarms without a cause that others follow from are not here.',
        querystring: groupsQuery,
        ...ok(groupList, 'Groups of alarms'),
      }),
      async (request) => {
        const { suppressions: _, ...filter } = filterOf(request, registry, request.query, 'query');
        const seq = alarms.headSeq();
        const standing = alarms
          .standing(filter)
          .map(({ raisedAt, ...alarm }) => ({ ...alarm, raisedAt: raisedAt ?? 0 }));
        const named = namesFor(request, registry);
        const ids = new Map(standing.map((alarm) => [alarm.id, named(alarm).id]));
        const groups = groupByCause(standing).filter(({ children }) => children.length > 0);
        return {
          seq,
          total: groups.length,
          items: groups.slice(0, MAX_GROUPS).map(({ root, children, parks, places }) => ({
            alarm: alarmToWire(named(alarms.get(root.id) as Alarm), time),
            follow: children.length,
            alarms: children.slice(0, MAX_NAMED).map(({ id }) => ids.get(id) ?? id),
            parks: [...parks],
            places: [...places],
          })),
        };
      },
    );
  });
}
