import { z } from 'zod';
import { EVERY_CHANNEL, POLICY_BOUNDS } from '../../alarms/model/notify/policy.js';
import type { PolicyVersion } from '../../alarms/notify/port.js';
import { ADMINS, principalOf, WRITERS } from '../../http/auth/access.js';
import { parkScope } from '../../http/auth/scope.js';
import { pageOf, pageRead } from '../../http/paging.js';
import { ok, route, routes } from '../../http/route.js';
import { timeWriter, wireTime } from '../../http/times.js';
import { maySeeService, type Principal } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';

const level = z.strictObject({
  afterS: z.number().int().min(0).max(POLICY_BOUNDS.afterS).describe('seconds without acknowledgement'),
  channels: z.array(z.string().min(1).max(63)).max(POLICY_BOUNDS.channels).describe('ids of channels; `*`: every one'),
});
const levels = z.array(level).max(POLICY_BOUNDS.levels).describe('in the order of their times; none: nobody is told');
const priorities = { low: levels, medium: levels, high: levels, critical: levels };

const input = z.strictObject({
  ...priorities,
  basedOn: z.number().int().min(1).optional().describe('the version that was read: 409 when it is not the newest'),
});
const answer = z.strictObject({
  ...priorities,
  version: z.number().int(),
  updatedAt: wireTime,
  updatedBy: z.string().describe('token id; `system` for the default'),
});
const versionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('items of one page'),
  cursor: z.coerce.number().int().min(1).optional().describe('`nextCursor` of the page before'),
});

/** `GET PUT /alarm-escalation`, `GET /alarm-escalation/versions`: who is told when nobody acknowledges. */
export function alarmEscalationRoutes(deps: Pick<ApiDeps, 'notifications' | 'registry' | 'timeZone'>) {
  const { notifications, registry, timeZone } = deps;
  const time = timeWriter(timeZone);
  /** Who is limited to some parks sees the channels that carry alarms of one of them. */
  const seesChannel = (who: Principal) => {
    if (maySeeService(who)) return () => true;
    const sees = parkScope(who, registry);
    const seen = notifications.channels().filter(({ filter }) => filter.parks.length === 0 || filter.parks.some(sees));
    const ids = new Set([EVERY_CHANNEL, ...seen.map(({ id }) => id)]);
    return (id: string) => ids.has(id);
  };
  const toWire = ({ version, policy, at, by }: PolicyVersion, sees: (channel: string) => boolean) => {
    const copy = (of: keyof typeof policy) =>
      policy[of].map((one) => ({ ...one, channels: one.channels.filter(sees) }));
    const [low, medium, high, critical] = [copy('low'), copy('medium'), copy('high'), copy('critical')];
    return { low, medium, high, critical, version, updatedAt: time(at), updatedBy: by };
  };

  return routes((app) => {
    app.get(
      '/alarm-escalation',
      route(WRITERS, 'notification', 'Who is told of an alarm that nobody acknowledges, and when, by priority', {
        description: 'A token that is limited to some parks sees no channels that carry alarms of other parks only.',
        ...ok(answer, 'The newest version'),
      }),
      async (request) => toWire(notifications.policy(), seesChannel(principalOf(request))),
    );
    app.get(
      '/alarm-escalation/versions',
      route(WRITERS, 'notification', 'The versions of the escalation that are kept', {
        querystring: versionsQuery,
        response: { 200: pageOf(answer, 'newest first').describe('A page of versions') },
      }),
      async (request) => {
        const { limit, cursor } = request.query;
        const found = notifications.policies({ before: cursor, limit: limit + 1 });
        const page = pageRead(found, limit, ({ version }) => version);
        const sees = seesChannel(principalOf(request));
        return { ...page, items: page.items.map((one) => toWire(one, sees)) };
      },
    );
    app.put(
      '/alarm-escalation',
      route(ADMINS, 'notification', 'Changes the escalation, for alarms that stand too', {
        body: input,
        ...ok(answer, 'The new version'),
      }),
      async (request) => {
        const { basedOn, ...policy } = request.body;
        const who = principalOf(request);
        return toWire(notifications.putPolicy(policy, who.id, basedOn), seesChannel(who));
      },
    );
  });
}
