import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Alarm } from '../../alarms/model/alarm.js';
import { PRIORITIES, type Priority } from '../../alarms/model/class.js';
import type { AlarmFilter } from '../../alarms/model/filter.js';
import { asSeen } from '../../alarms/model/judge/seen.js';
import { principalOf } from '../../http/auth/access.js';
import { parkScope, parksInScope, requireDistrict, requirePark } from '../../http/auth/scope.js';
import { given } from '../../http/given.js';
import { requirePeriod } from '../../http/times.js';
import { maySeeService, type Principal } from '../../model/access.js';
import type { ApiDeps } from '../deps.js';
import type { filterShape } from './schemas.js';

type Registry = ApiDeps['registry'];

/** What is asked of a list, or of what is done to many. */
type AskedFilter = z.output<z.ZodObject<typeof filterShape>>;

/**
 * The parks that are meant: those asked for, in scope. Undefined: no limit, and the service itself is meant too.
 * @throws ProblemError 404 for a park or district that does not exist, or is outside the scope
 */
export function parksMeant(
  request: FastifyRequest,
  registry: Registry,
  { park, district }: Pick<AskedFilter, 'park' | 'district'>,
): readonly string[] | undefined {
  if (park === undefined && district === undefined && maySeeService(principalOf(request))) return undefined;
  for (const id of district ?? []) requireDistrict(request, registry, id);
  const parks = park?.map((id) => requirePark(request, registry, id)) ?? parksInScope(request, registry);
  return parks.filter((one) => district === undefined || district.includes(one.district)).map(({ id }) => id);
}

/** The filter of the alarms as it is asked, within the scope; `part` of the request names the fields that are wrong. */
export function filterOf(request: FastifyRequest, registry: Registry, asked: AskedFilter, part: string): AlarmFilter {
  const { from, to, device, minPriority } = asked;
  requireRange(asked, part);
  const parks = parksMeant(request, registry, asked);
  return {
    ...(parks && { parks: new Set(parks), system: false }),
    ...(asked.domain && { domains: new Set(asked.domain) }),
    ...(asked.state && { states: new Set(asked.state) }),
    suppressions: new Set(asked.suppression ?? ['none']),
    ...(asked.priority && { priorities: new Set(asked.priority) }),
    ...given({ minPriority, device, text: asked.text?.toLowerCase(), from, to }),
  };
}

/** @throws ProblemError 422 when that is no time at all */
export function requireRange(
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Pick<AskedFilter, 'from' | 'to'>,
  part: string,
): void {
  requirePeriod({ from, to }, part);
}

/** The priorities of a list that are at least `minPriority`; undefined: all. */
export function prioritiesOf({ priority, minPriority }: Pick<AskedFilter, 'priority' | 'minPriority'>) {
  if (minPriority === undefined) return priority;
  const above: readonly Priority[] = PRIORITIES.slice(PRIORITIES.indexOf(minPriority));
  return above.filter((one) => priority === undefined || priority.includes(one));
}

/** Whether the principal sees what is of this park, or of the service itself where there is none. */
function maySee(who: Principal, registry: Registry, { park: id }: Pick<Alarm, 'park'>): boolean {
  return id === null ? maySeeService(who) : parkScope(who, registry)(id);
}

/**
 * The alarm of that id, as `find` knows it and if the principal may see it: one out of scope counts as absent. An
 * id without a park means the first park that had a device of that id among those the principal sees; see `asSeen`.
 */
export function alarmMeant(
  who: Principal,
  registry: Registry,
  find: (id: string) => Alarm | undefined,
  id: string,
): Alarm | undefined {
  const exact = find(id);
  if (exact !== undefined && maySee(who, registry, exact)) return exact;
  const sees = parkScope(who, registry);
  const [plain = '', itsPark] = id.split('@');
  if (itsPark !== undefined) {
    // Nobody learns whether an alarm has this name.
    const alone = sees(itsPark) ? find(plain) : undefined;
    return alone?.park === itsPark ? alone : undefined;
  }
  for (const park of registry.parksNamed(plain.slice(plain.indexOf(':') + 1))) {
    const other = sees(park) ? find(`${plain}@${park}`) : undefined;
    if (other !== undefined && maySee(who, registry, other)) return other;
  }
  return undefined;
}

/** Names alarms as the client knows them. */
export function namesFor(request: FastifyRequest, registry: Registry): (alarm: Alarm) => Alarm {
  const looking = { sees: parkScope(principalOf(request), registry), parksNamed: registry.parksNamed };
  return (alarm) => asSeen(alarm, looking);
}
