import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AlarmRule } from '../../alarms/model/rule/rule.js';
import { maybe } from '../../alarms/model/wire.js';
import type { RuleChange, RuleVersion } from '../../alarms/rules/port.js';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { pageAfter } from '../../http/paging.js';
import { invalidField, problem } from '../../http/problem.js';
import { ok, okOrMade, route, routes } from '../../http/route.js';
import { timeWriter } from '../../http/times.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { ApiDeps } from '../deps.js';
import {
  changeHeaders,
  changeQuery,
  currentRule,
  newRuleParams,
  removeQuery,
  restoreBody,
  ruleBody,
  ruleList,
  ruleParams,
  rulesQuery,
  versionAnswer,
  versionList,
  versionsQuery,
} from './schemas.js';
import { VisibleRules } from './visible.js';

const CONFLICT = 'Answered with 409 when another version than the one that was read is the newest.';

/** `GET /alarm-rules`, `GET PUT DELETE /alarm-rules/{id}`, `/alarm-rules/{id}/versions`, `POST /alarm-rules/{id}/restore`. */
export function alarmRuleRoutes(deps: Pick<ApiDeps, 'alarmRules' | 'timeZone' | 'registry'>) {
  const { alarmRules, timeZone, registry } = deps;
  const visible = (request: FastifyRequest) =>
    new VisibleRules(principalOf(request), registry, (id) => alarmRules.get(id)).version;
  const time = timeWriter(timeZone);

  const answerCurrent = (reply: { header(name: string, value: string): unknown }, version: RuleVersion) => {
    reply.header('etag', `"${version.rule.version}"`);
    return currentToWire(version, time);
  };

  return routes((app) => {
    app.get(
      '/alarm-rules',
      route(READERS, 'alarms', 'The alarm rules in their newest version', {
        querystring: rulesQuery,
        ...ok(ruleList, 'A page of rules'),
      }),
      async (request) => {
        const { domain, metric, ...paging } = request.query;
        const sees = visible(request);
        const found = alarmRules
          .list()
          .flatMap((version) => sees(version) ?? [])
          .filter(({ rule }) => (!domain || rule.domain === domain) && (!metric || rule.metric === metric));
        const page = pageAfter(found, ({ rule }) => rule.id, paging);
        return { ...page, items: page.items.map((version) => currentToWire(version, time)) };
      },
    );
    app.get(
      '/alarm-rules/:id',
      route(READERS, 'alarms', 'One alarm rule in its newest version', {
        params: ruleParams,
        ...ok(currentRule, 'The rule'),
      }),
      async (request, reply) => {
        const newest = alarmRules.get(request.params.id);
        const version = newest && visible(request)(newest);
        if (!version) throw problem(404, 'unknown_rule', `there is no alarm rule ${request.params.id}`);
        return answerCurrent(reply, version);
      },
    );
    app.get(
      '/alarm-rules/:id/versions',
      route(READERS, 'alarms', 'The history of an alarm rule: every version ever, who made it and when', {
        params: ruleParams,
        querystring: versionsQuery,
        ...ok(versionList, 'A page of versions'),
      }),
      async (request) => {
        const sees = visible(request);
        const versions = alarmRules.versions(request.params.id).flatMap((version) => sees(version) ?? []);
        if (versions.length === 0) throw problem(404, 'unknown_rule', `there never was a rule ${request.params.id}`);
        const page = pageAfter(versions, newestFirst, request.query);
        return { ...page, items: page.items.map((version) => versionToWire(version, time)) };
      },
    );
    app.put(
      '/alarm-rules/:id',
      route(ADMINS, 'alarms', 'Makes an alarm rule, or replaces one by a new version', {
        description:
          'In force for the next reading. The version that was read is to be given, in the body or as If-Match. ' +
          CONFLICT,
        params: newRuleParams,
        querystring: changeQuery,
        headers: changeHeaders,
        body: ruleBody,
        ...okOrMade(currentRule, 'The rule as it is now', 'The rule that was made'),
      }),
      async (request, reply) => {
        const { id } = request.params;
        const rule = ruleOf(request.body, id);
        const change = changeBy(request, request.headers['if-match'], request.body.version, request.query.comment);
        const known = alarmRules.get(id);
        if (known && change.base === undefined) {
          throw invalidField(
            'body.version',
            `needed, as the rule exists: the version that was read; ${known.rule.version} is the newest`,
          );
        }
        const { version, created } = alarmRules.put(rule, change);
        if (created) reply.code(201).header('location', `/api/v1/alarm-rules/${id}`);
        return answerCurrent(reply, version);
      },
    );
    app.delete(
      '/alarm-rules/:id',
      route(ADMINS, 'alarms', 'Ends an alarm rule; one that the service ships is disabled instead', {
        description: `Its versions are kept, and it can be restored. ${CONFLICT}`,
        params: ruleParams,
        querystring: removeQuery,
        headers: changeHeaders,
        ...ok(versionAnswer, 'The version with which it ended, or is disabled'),
      }),
      async (request) => {
        const { version, comment } = request.query;
        const change = changeBy(request, request.headers['if-match'], version, comment);
        return versionToWire(alarmRules.remove(request.params.id, change), time);
      },
    );
    app.post(
      '/alarm-rules/:id/restore',
      route(ADMINS, 'alarms', 'Puts what an older version said, or what the service ships, in force again', {
        description: `As a new version, valid as things are now. ${CONFLICT}`,
        params: ruleParams,
        headers: changeHeaders,
        body: restoreBody,
        ...ok(currentRule, 'The rule as it is now'),
      }),
      async (request, reply) => {
        const { version: wanted, base, comment } = request.body;
        const change = changeBy(request, request.headers['if-match'], base, comment);
        return answerCurrent(reply, alarmRules.restore(request.params.id, wanted, change));
      },
    );
  });
}

/** @throws ProblemError 422 when the body names another rule than the path */
export function ruleOf(body: z.output<typeof ruleBody>, id: string): AlarmRule {
  const { origin: _origin, by: _by, at: _at, comment: _comment, id: named = id, version: _version, ...said } = body;
  if (named !== id) throw invalidField('body.id', `${id}, as in the path`);
  return { ...said, id, version: 0 };
}

/** @throws ProblemError 422 when header and request name different versions */
function changeBy(
  request: FastifyRequest,
  ifMatch?: string,
  given?: number,
  comment: string | null = null,
): RuleChange {
  const header = ifMatch === undefined ? undefined : Number(ifMatch.replace(/\D/g, ''));
  if (header !== undefined && given !== undefined && header !== given) {
    throw invalidField('headers.if-match', `version ${given}, as the request says`);
  }
  const base = header ?? given;
  return { by: principalOf(request).id, comment, ...(base !== undefined && { base }) };
}

/** Keys that rise as versions fall. */
const newestFirst = ({ rule }: RuleVersion) => String(MOST_VERSIONS - rule.version).padStart(10, '0');
const MOST_VERSIONS = 2 ** 31;

function madeToWire({ origin, by, at, comment }: RuleVersion, time: WriteTime) {
  return { origin, by, comment, at: maybe(time)(at) };
}

function currentToWire(version: RuleVersion, time: WriteTime) {
  return { ...version.rule, ...madeToWire(version, time) };
}

function versionToWire(version: RuleVersion, time: WriteTime) {
  const { rule, deleted } = version;
  return { version: rule.version, ...madeToWire(version, time), deleted, rule };
}
