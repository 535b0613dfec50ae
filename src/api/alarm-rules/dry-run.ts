import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PRIORITIES } from '../../alarms/model/class.js';
import { signalUnit } from '../../alarms/model/metric.js';
import type { AlarmRule } from '../../alarms/model/rule/rule.js';
import { maybe } from '../../alarms/model/wire.js';
import { type DryRun, REPLAY_BOUNDS, type WouldRaise } from '../../alarms/replay/port.js';
import { principalOf, WRITERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { whileClientWaits } from '../../http/client-gone.js';
import { requireDevice } from '../../http/find/devices.js';
import { invalidField, invalidFields } from '../../http/problem.js';
import { anyId, newId } from '../../http/request-texts.js';
import { ofHistory, ok, route, routes } from '../../http/route.js';
import { instant, requirePeriod, timeWriter, wireTime } from '../../http/times.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { Period } from '../../model/time/windows.js';
import type { Device } from '../../registry/port.js';
import type { ApiDeps } from '../deps.js';
import { ruleOf } from './routes.js';
import { ruleBody } from './schemas.js';
import { VisibleRules } from './visible.js';

const dryRunBody = z.strictObject({
  rule: z.strictObject({ ...ruleBody.shape, id: newId.describe('of the rule it would be, or replace') }),
  from: instant.describe('first time, inclusive'),
  to: instant.describe('end, exclusive'),
  devices: z.array(anyId).min(1).max(REPLAY_BOUNDS.devices).optional(),
  park: anyId.optional().describe('instead of `devices`: all of this park that report on the domain of the rule'),
  countLate: z
    .boolean()
    .default(false)
    .describe('judge readings that came more than 2 minutes late as if in time; live they raise nothing'),
});

const outcome = z.strictObject({
  raised: z.number().int().describe('alarms raised in the period'),
  activeS: z.number().describe('seconds of the period during which one stood'),
  occurrences: z
    .array(
      z.strictObject({
        since: wireTime.describe('when the condition began'),
        raisedAt: wireTime,
        clearedAt: wireTime.nullable().describe('null: it still stood at the end'),
        durationS: z.number().nullable().describe('from the raise to the end'),
        level: z.string().describe('the most severe reached'),
        priority: z.enum(PRIORITIES),
        peak: z.number().describe('furthest on the abnormal side, in `unit`'),
      }),
    )
    .describe(`the first ${REPLAY_BOUNDS.occurrences}, with one that stood when the period began`),
});

const totals = z.strictObject({ raised: z.number().int(), activeS: z.number() });

const dryRunAnswer = z.strictObject({
  from: wireTime,
  to: wireTime,
  unit: z.string(),
  currentVersion: z.number().int().nullable().describe('what is compared with; null: no rule of this id is in force'),
  totals: z.strictObject({ readings: z.number().int(), late: z.number().int(), proposed: totals, current: totals }),
  days: z
    .array(z.strictObject({ day: z.iso.date(), proposed: z.number().int(), current: z.number().int() }))
    .describe("alarms raised on each day of the service's time zone that has any"),
  subjects: z.array(
    z.strictObject({
      subject: z.string().describe('a device; for a vote over places, a place'),
      place: z.string().nullable(),
      readings: z.number().int().describe('judged, with those shortly before the period that delays and windows need'),
      late: z.number().int().describe('of these, came more than 2 minutes late'),
      proposed: outcome.nullable().describe('null: the rule is not for it'),
      current: outcome.nullable().describe('null: the version in force is not for it, or there is none'),
    }),
  ),
});

type DryRunDeps = Pick<ApiDeps, 'alarmRules' | 'alarmReplays' | 'registry' | 'timeZone'>;

/** No rule has this id: ids have no capitals. */
const NOBODYS = 'A-RULE-OF-NOBODY';

/** `POST /alarm-rules/dry-run`: what a rule would have raised over a past period. */
export function dryRunRoutes({ alarmRules, alarmReplays, registry, timeZone }: DryRunDeps) {
  const time = timeWriter(timeZone);
  return routes((app) => {
    app.post(
      '/alarm-rules/dry-run',
      ofHistory(
        route(WRITERS, 'alarms', 'What a rule would have raised over a past period, beside the version in force', {
          description:
            'Judges the stored readings in the order of their receipt, as they were judged live. Of a reading that was ' +
            `sent again the last arrival counts. At most ${REPLAY_BOUNDS.days} days, ${REPLAY_BOUNDS.devices} devices and ` +
            `${REPLAY_BOUNDS.readings} readings, ${REPLAY_BOUNDS.subjectReadings} of one device.`,
          body: dryRunBody,
          ...ok(dryRunAnswer, 'What would have been raised'),
        }),
      ),
      async (request, reply) => {
        const { rule: body, devices: named, park, countLate, ...period } = request.body;
        const rule = ruleOf(body, body.id);
        // A rule outside the client's scope counts as absent: the dry run compares with none.
        const known = alarmRules.get(rule.id);
        requirePeriod(period, 'body', REPLAY_BOUNDS.days);
        const devices = devicesAsked(request, registry, rule, named, park);
        const sees = new VisibleRules(principalOf(request), registry, (id) => alarmRules.get(id));
        const problems = alarmRules.problems(rule, sees);
        if (problems.length > 0) {
          throw invalidFields(problems.map(({ field, expected }) => ({ field: `body.rule.${field}`, expected })));
        }
        const proposed = known && !sees.version(known) ? { ...rule, id: NOBODYS } : rule;
        const found = await whileClientWaits(reply, (signal) =>
          alarmReplays.dryRun({ ...period, by: principalOf(request).id, rule: proposed, devices, countLate }, signal),
        );
        return dryRunToWire(found, period, rule, time);
      },
    );
  });
}

function devicesAsked(
  request: FastifyRequest,
  registry: DryRunDeps['registry'],
  { domain, parks }: AlarmRule,
  named: readonly string[] | undefined,
  park: string | undefined,
): readonly Device[] {
  if ((named === undefined) === (park === undefined)) throw invalidField('body.devices', 'either these or `park`');
  if (named !== undefined) {
    const [only, ...others] = parks;
    const meant = { field: 'body.devices', park: others.length === 0 ? only : undefined };
    const devices = [...new Set(named)].map((id) => requireDevice(request, registry, id, meant));
    const other = devices.findIndex((device) => device.domain !== domain);
    if (other < 0) return devices;
    throw invalidField(`body.devices.${other}`, `a device of the domain ${domain}`);
  }
  const { id } = requirePark(request, registry, park!);
  const devices = domain === 'system' ? [] : registry.devices({ park: id, domain });
  if (devices.length > REPLAY_BOUNDS.devices) {
    throw invalidField(
      'body.park',
      `at most ${REPLAY_BOUNDS.devices} devices; park ${id} has ${devices.length} of the domain ${domain}: name some in devices`,
    );
  }
  return devices;
}

function dryRunToWire({ subjects, days, currentVersion }: DryRun, period: Period, rule: AlarmRule, time: WriteTime) {
  const sum = (figure: (subject: DryRun['subjects'][number]) => number) =>
    subjects.reduce((total, subject) => total + figure(subject), 0);
  const totals = (which: 'proposed' | 'current') => ({
    raised: sum((subject) => subject[which]?.raised ?? 0),
    activeS: sum((subject) => subject[which]?.activeMs ?? 0) / 1_000,
  });
  return {
    from: time(period.from),
    to: time(period.to),
    unit: signalUnit(rule),
    currentVersion,
    totals: {
      readings: sum((subject) => subject.readings),
      late: sum((subject) => subject.late),
      proposed: totals('proposed'),
      current: totals('current'),
    },
    days: [...days],
    subjects: subjects.map(({ proposed, current, ...subject }) => ({
      ...subject,
      proposed: outcomeToWire(proposed, time),
      current: outcomeToWire(current, time),
    })),
  };
}

function outcomeToWire(outcome: WouldRaise | null, time: WriteTime) {
  if (outcome === null) return null;
  const { raised, activeMs, occurrences } = outcome;
  return {
    raised,
    activeS: activeMs / 1_000,
    occurrences: occurrences.map(({ since, raisedAt, clearedAt, ...more }) => ({
      ...more,
      since: time(since),
      raisedAt: time(raisedAt),
      clearedAt: maybe(time)(clearedAt),
      durationS: clearedAt === null ? null : (clearedAt - raisedAt) / 1_000,
    })),
  };
}
