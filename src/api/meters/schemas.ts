import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { METER_LIMITS } from '../../intensity/meters/port.js';
import { CARRIERS } from '../../intensity/model/boundary/carriers.js';
import { METER_ROLES } from '../../intensity/model/boundary/tree.js';
import { MARK_LABELS, MARKS } from '../../intensity/model/conversion/coefficient.js';
import { GAP_METHODS } from '../../intensity/model/quantity/gaps.js';
import { asOfText as asOf, lossLimitShape, meteredTime as time, toldShape } from '../intensity-query.js';

/** Why, for the history and the audit, and on which paper. */
const told = { reason: toldShape.reason.unwrap(), source: toldShape.source.optional() };
const register = anyId.describe('key of a counter in the catalogue, such as `import_energy_kwh`');
const yes = z
  .enum(['true', 'false'])
  .optional()
  .transform((text) => text === 'true')
  .describe('checks, and changes nothing');

/** Which meter: a register of a device of a park. */
const meter = { park: anyId, device: anyId.describe('its id in the park'), register };
const meterAnswer = { park: z.string(), device: z.string(), register: z.string() };
const recorded = {
  version: z.number().int().describe('the revision of the ledger that recorded it'),
  recordedAt: wireTime,
  by: z.string().describe('id of the token that recorded it'),
  source: z.string(),
  reason: z.string().nullable(),
};

export const treeQuery = z.strictObject({
  park: anyId.optional(),
  carrier: z.enum(CARRIERS).optional(),
  at: time.optional().describe('only what holds at that time; left out: every version'),
  asOf,
  ...pagingQuery(),
});
const owner = z.strictObject({ kind: z.enum(['park', 'enterprise']), id: z.string() });
const parentAnswer = z.strictObject({ device: z.string(), register: z.string() }).nullable();
const treeItem = z.strictObject({
  ...meterAnswer,
  unit: z.string().describe('of the register'),
  carrier: z.enum(CARRIERS),
  role: z.enum(METER_ROLES),
  owner,
  parent: parentAnswer.describe('the meter that counts it as well; of generation, whose network it feeds'),
  from: wireTime,
  to: wireTime.nullable().describe('the end, not included; null: it still counts'),
  deviceState: z
    .enum(['in_use', 'retired', 'removed', 'moved'])
    .describe('of the device now; a meter of one that is not in use counts its history'),
  ownerKnown: z.boolean().describe('false: the enterprise was removed since'),
  ...recorded,
});
export const treeAnswer = z.strictObject({
  ...pageOf(treeItem, 'by park, device, register and time').shape,
  treeVersion: z.number().int().describe('the last version of the trees that this answer knows; 0: there is none'),
});

const draft = z.strictObject({
  device: meter.device,
  register,
  carrier: z.string().max(40).describe(CARRIERS.join(', ')),
  role: z.string().max(40).describe(METER_ROLES.join(', ')),
  owner: z
    .strictObject({ kind: z.enum(['park', 'enterprise']), id: anyId })
    .optional()
    .describe('whose consumption it measures; left out: the park’s'),
  parent: z.strictObject({ device: anyId, register }).nullable().default(null),
  from: time.describe('a whole hour'),
  to: time.nullable().default(null).describe('a whole hour; null or left out: it still counts'),
});
export const dryRunQuery = z.strictObject({ dryRun: yes });
export const treeBody = z.strictObject({
  versions: z
    .array(draft)
    .min(1)
    .max(METER_LIMITS.versionsAtOnce)
    .describe('each replaces what was known of its meter for its time; everything else stays as it is'),
  ...told,
});
export const editAnswer = z.strictObject({
  dryRun: z.boolean(),
  version: z.number().int().nullable().describe('of the trees; null: nothing was recorded'),
  changed: z.number().int().describe('versions that say something new'),
  versions: z.number().int().describe('of the tree of the park, afterwards'),
  notes: z
    .array(
      z.strictObject({
        ...{ device: z.string(), register: z.string() },
        what: z.enum(['device_retired', 'device_removed', 'device_moved', 'owner_removed']),
        ...{ zh: z.string(), en: z.string() },
      }),
    )
    .describe('meters that count in the tree although their device or owner is gone'),
});
export const endParams = z.strictObject({ park: anyId, device: anyId });
export const endQuery = z.strictObject({
  register,
  at: time.describe('from this whole hour on the meter is not in the tree'),
  ...told,
  dryRun: yes,
});

export const correctionsQuery = z.strictObject({
  park: anyId.optional(),
  device: anyId.optional(),
  asOf,
  ...pagingQuery(),
});
export const withdrawParams = z.strictObject({
  park: anyId,
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31),
});
export const meterWithdrawQuery = z.strictObject(told);

const readingsKept = z
  .boolean()
  .describe('false: the service no longer keeps the readings of that time, so this has no effect');
const shown = z.number().describe('what the register showed, in its unit');
export const swapBody = z.strictObject({
  ...meter,
  ts: time.describe('when the meter was exchanged'),
  closing: shown.describe('what the old register showed, in its unit'),
  opening: shown.describe('what the new register showed, in its unit'),
  ...told,
});
export const swapAnswer = z.strictObject({
  ...meterAnswer,
  ...{ ts: wireTime, closing: z.number(), opening: z.number(), unit: z.string() },
  readingsKept,
  ...recorded,
});
export const swapList = pageOf(swapAnswer, 'by park, device, register and time');

export const voidBody = z.strictObject({
  ...meter,
  ts: time.optional().describe('the one reading of this time; or `from` and `to`'),
  from: time.optional(),
  to: time.optional().describe('the end, not included'),
  ...told,
});
const voidItem = { ...meterAnswer, from: wireTime, to: wireTime.describe('the end, not included') };
const voidAnswer = z.strictObject({
  ...voidItem,
  readings: z.number().int().nullable().describe('good readings that it voided when it was recorded; null: not kept'),
  ...{ readingsKept, ...recorded },
});
const counted = {
  readings: z.number().int().describe('good readings of that time that are stored; they stay as they are'),
  voidedBefore: z.number().int().describe('those of them that another void covers'),
};
export const voidedAnswer = z.strictObject({ ...voidAnswer.shape, ...counted });
export const voidDryRun = z.strictObject({ dryRun: z.literal(true), ...voidItem, ...counted });
export const voidList = pageOf(voidAnswer, 'by park, device, register and time');

const rule = z.strictObject({
  from: time,
  longerThanS: z
    .number()
    .positive()
    .max(31 * 86_400)
    .describe('readings that are further apart leave a gap, seconds'),
  method: z.enum(GAP_METHODS),
});
export const gapRulesBody = z.strictObject({
  ...meter,
  rules: z.array(rule).max(METER_LIMITS.gapRulesOfMeter).describe('all there are of the meter; none: gaps stay open'),
  ...told,
});
const gapRuleAnswer = z.strictObject({
  ...meterAnswer,
  ...{ from: wireTime, longerThanS: z.number(), method: z.enum(GAP_METHODS) },
  ...recorded,
});
export const gapRulesAnswer = z.strictObject({ items: z.array(gapRuleAnswer).describe('by time') });
export const gapRuleList = pageOf(gapRuleAnswer, 'by park, device, register and time');

export const lossLimitsQuery = z.strictObject({ park: anyId.optional(), asOf, ...pagingQuery() });
export const lossLimitsBody = z.strictObject({
  park: anyId,
  limits: z.strictObject(lossLimitShape).nullable().describe('null: the park has none of its own any more'),
  ...told,
});
export const lossLimitsAnswer = z.strictObject({
  park: z.string(),
  limits: z.strictObject(lossLimitShape),
  origin: z.enum(['default', 'recorded']).describe('`default`: shipped with the service; `recorded`: of the site'),
  mark: z.enum(MARKS).nullable().describe(`of a default: \`M\` ${MARK_LABELS.M.en}; null of what the site recorded`),
  recorded: z.strictObject(recorded).nullable().describe('who recorded them; null of a default'),
});
export const lossLimitsList = pageOf(lossLimitsAnswer, 'by park');
