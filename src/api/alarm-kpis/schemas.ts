import { z } from 'zod';
import { PRIORITIES } from '../../alarms/model/class.js';
import { MAX_LISTED } from '../../alarms/model/kpi/report/report.js';
import { KPI_NAMES } from '../../alarms/model/kpi/targets.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { instant, wireTime } from '../../http/times.js';
import { POSITION } from './position.js';

const position = z
  .string()
  .regex(POSITION, '`all`, `district:{id}` or `park:{id}`')
  .default('all')
  .describe('the operator position: `all` the token may see, `district:{id}` or `park:{id}`');

export const kpisQuery = z.strictObject({
  from: instant.optional().describe('start, inclusive; 30 days before `to` when left out. RFC 3339 or epoch ms'),
  to: instant.optional().describe('end, exclusive; now when left out. RFC 3339 or epoch ms'),
  position,
});

export const nuisanceQuery = z.strictObject({ position });

const count = z.number().int();

const owner = {
  alarm: z.string(),
  rule: z.string(),
  device: z.string(),
  park: z.string().nullable().describe('null: the service itself'),
  domain: z.enum(ALARM_DOMAINS),
  priority: z.enum(PRIORITIES).describe('of its last event'),
};

const kpi = z.strictObject({
  name: z.enum(KPI_NAMES),
  value: z.number().nullable(),
  unit: z.string(),
  target: z
    .strictObject({
      is: z.enum(['at_most', 'below', 'at_least']),
      value: z.number().describe('very likely to be acceptable'),
      manageable: z.number().nullable().describe('the most that is still manageable, where a standard tells it apart'),
    })
    .nullable()
    .describe('null: no published target'),
  verdict: z.enum(['met', 'missed', 'no_data']).nullable().describe('null without a target'),
  source: z.strictObject({
    standard: z.string(),
    clause: z.string(),
    certainty: z
      .enum(['verified', 'secondary', 'memory', 'site'])
      .describe('of the target: read in the standard, quoted elsewhere, unverified, or a choice of the site'),
  }),
});

const windows = z.strictObject({
  windows: count.describe('windows of the period, empty ones included; they begin at `from`'),
  mean: z.number(),
  peak: count,
  peakAt: wireTime.nullable().describe('start of the first window with the peak'),
  abovePct: z.number().describe('percent of windows above the limit: 10 in 10 minutes, 30 in an hour'),
  distribution: z.array(
    z.strictObject({ least: count, most: count.nullable().describe('null: without end'), windows: count }),
  ),
});

const listed = <T extends z.ZodType>(item: T) =>
  z.strictObject({ total: count, items: z.array(item).describe(`the worst, at most ${MAX_LISTED}`) });

const nuisance = listed(z.strictObject({ ...owner, chatters: count, chatterAlarms: count, fleeting: count }));
const suppressed = z.strictObject({ times: count, atEnd: count });

const detail = z.strictObject({
  per10Min: windows,
  perHour: windows,
  days: z
    .array(
      z.strictObject({
        from: wireTime,
        to: wireTime,
        alarms: count,
        perHour: z.number(),
        stale: count.describe('alarms that were stale at some time of the day'),
      }),
    )
    .describe('days of the time zone, cut to the period'),
  floods: z.strictObject({
    count,
    durationS: z.number().describe('within the period'),
    worst: z.array(
      z.strictObject({
        from: wireTime,
        to: wireTime,
        open: z.boolean().describe('it had not ended when the period did'),
        alarms: count,
        peak: count.describe('most in any 10 minutes'),
      }),
    ),
  }),
  topTen: z.array(z.strictObject({ ...owner, alarms: count, pct: z.number() })),
  chattering: nuisance.describe('3 times in less than 60 s'),
  fleeting: nuisance.describe('gone within 60 s, and not among those that chatter'),
  stale: listed(z.strictObject({ ...owner, longestS: z.number(), atEnd: z.boolean() })).describe('stood over 24 h'),
  priorities: z.array(
    z.strictObject({ priority: z.enum(PRIORITIES), alarms: count, pct: z.number().nullable(), targetPct: z.number() }),
  ),
  acknowledgement: z.strictObject({
    byOperators: count,
    byService: count.describe('by the time that the class of the alarm allows'),
    waits: count.describe('times an alarm began to wait for it, those included that did at the start'),
  }),
  suppression: z.strictObject({ shelved: suppressed, byDesign: suppressed, outOfService: suppressed }),
  standing: z.strictObject({ average: z.number().nullable(), most: count }),
  untrackedEvents: count,
  clockSteps: count,
});

const where = {
  position: z.string(),
  parks: z.array(z.string()).describe('of the position, as far as the token may see them'),
  system: z.boolean().describe('whether the alarms of the service itself belong to it'),
};

export const kpisAnswer = z.strictObject({
  ...where,
  from: wireTime,
  to: wireTime,
  measured: z
    .strictObject({ from: wireTime, to: wireTime })
    .nullable()
    .describe('the part of the period that the numbers are of; null when nothing of it is kept'),
  completeSince: wireTime.describe('from when on every event is kept'),
  timeZone: z.string(),
  notes: z.array(z.strictObject({ code: z.string(), text: z.string() })),
  kpis: z.array(kpi),
  detail: detail.nullable(),
});
export type KpisAnswer = z.input<typeof kpisAnswer>;

export const kpisCsv = z
  .string()
  .describe(
    'Header row, then one row per KPI: position,from,to,kpi,value,unit,target_is,target,manageable,verdict,standard,clause,' +
      'certainty; `from` and `to` of what was measured. RFC 4180, UTF-8 without BOM.',
  );

const watched = z.strictObject({
  ...owner,
  chattering: z.boolean().describe('now'),
  alarms: count.describe('in the last 24 hours, to the hour, as the next two'),
  chatters: count.describe('times it began to chatter'),
  fleeting: count.describe('times it was gone within 60 s'),
  suppressed: z.boolean().describe('shelved, suppressed or out of service'),
});

export const nuisanceAnswer = z.strictObject({
  ...where,
  chattering: listed(watched),
  fleeting: listed(watched).describe('those that do not chatter now'),
  proposals: z
    .array(watched.extend({ reason: z.enum(['chattering', 'fleeting']) }))
    .describe('worth shelving until the rule or sensor is put right; never of the domain fire'),
});
