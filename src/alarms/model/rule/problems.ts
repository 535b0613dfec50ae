import { type FieldError, inPart, must } from '../../../model/field-error.js';
import { ID_RULE, isId } from '../../../model/ids.js';
import type { Domain } from '../../../model/reading.js';
import { type AlarmClass, atLeast, classPolicyOf } from '../class.js';
import { ruleMetric } from '../metric.js';
import { causeProblems } from './problems/causes.js';
import { delaysOf, guardProblems } from './problems/guard.js';
import { levelProblems } from './problems/levels.js';
import { signalProblems } from './problems/signal.js';
import type { AlarmDomain, AlarmRule } from './rule.js';
import { problemsOfSchedule } from './schedule.js';

/** The objects to which a rule refers. */
export interface RuleSurroundings {
  /** All other rules, by id. */
  readonly rules: ReadonlyMap<string, AlarmRule>;
  /** The rule that the service ships under this id; undefined for a site's own. */
  readonly shipped: AlarmRule | undefined;
  /** The general rule of its family and domain as the service ships it, whatever edits made of it; else undefined. */
  readonly shippedGeneral?: AlarmRule | undefined;
  readonly hasPark: (id: string) => boolean;
  /** The devices of all parks with this id. */
  readonly devices: (id: string) => readonly { readonly park: string; readonly domain: Domain }[];
}

const DAY_S = 86_400;
/** Bounds in seconds of delays, and of the gap that a delay may bridge. */
const MAX_DELAY_S = DAY_S;
const MAX_GAP_S = 7 * DAY_S;

/** All errors of a rule; none when it may be put in force. */
export function ruleProblems(rule: AlarmRule, around: RuleSurroundings): readonly FieldError[] {
  const subject = ruleMetric(rule.domain, rule.metric);
  const found = [
    ...must(isId(rule.id), 'id', ID_RULE),
    ...must(isId(rule.family), 'family', ID_RULE),
    ...must(rule.limitProfile === null || isId(rule.limitProfile), 'limitProfile', ID_RULE),
    ...must(subject !== null, 'metric', `a metric of the domain ${rule.domain}`),
    ...signalProblems(rule, subject),
    ...levelProblems(rule, subject),
    ...delayProblems(rule),
    ...(rule.schedule === null ? [] : inPart('schedule', problemsOfSchedule(rule.schedule))),
    ...classProblems(rule, around),
    ...shippedProblems(rule, around.shipped),
    ...causeProblems(rule, around.rules),
    ...scopeProblems(rule, around),
    ...textProblems(rule),
  ];
  // A field with an error of its own is reported once.
  const wrong = new Set(found.map(({ field }) => partOf(field)));
  return [...found, ...guardProblems(rule, around).filter(({ field }) => !wrong.has(partOf(field)))];
}

/** The member of a rule to which a field belongs; for a level, its own member. */
const partOf = (field: string) => (field.startsWith('comparison.levels.') ? field : field.split('.')[0]!);

function delayProblems(rule: AlarmRule): FieldError[] {
  const [own, ...ofLevels] = delaysOf(rule);
  const delays = [own!, ['offDelayS', rule.offDelayS] as const, ...ofLevels];
  const { maxGapS } = rule;
  const gapHolds = maxGapS === null || (maxGapS >= 1 && maxGapS <= MAX_GAP_S);
  return [
    ...delays.flatMap(([field, seconds]) =>
      must(seconds >= 0 && seconds <= MAX_DELAY_S, field, `0 to ${MAX_DELAY_S} seconds`),
    ),
    ...must(gapHolds, 'maxGapS', `1 to ${MAX_GAP_S} seconds, or null`),
  ];
}

/** The only domain of some classes. */
const HOMES: Partial<Record<AlarmClass, AlarmDomain>> = {
  fire_alarm: 'fire',
  fire_facility: 'fire',
  system: 'system',
};

/** Errors by class: its requirements, which no rule of the same family may evade. */
function classProblems(rule: AlarmRule, { rules }: RuleSurroundings): FieldError[] {
  const { alarmClass, domain, comparison, family } = rule;
  const { leastPriority } = classPolicyOf(alarmClass);
  const last = comparison.levels.length - 1;
  const isOfDomain = (HOMES[alarmClass] ?? domain) === domain && (domain !== 'system' || alarmClass === 'system');
  const guarded = [...rules.values()].find(
    (other) =>
      other.family === family &&
      other.domain === domain &&
      other.alarmClass !== alarmClass &&
      classPolicyOf(other.alarmClass).leastPriority !== 'low',
  );
  return [
    ...must(isOfDomain, 'alarmClass', `a class for rules of the domain ${domain}`),
    ...must(
      last < 0 || atLeast(comparison.levels[last]!.priority, leastPriority),
      `comparison.levels.${last}.priority`,
      `${leastPriority}: no lower priority for the most severe level of the class ${alarmClass}`,
    ),
    ...must(
      guarded === undefined,
      'alarmClass',
      `${guarded?.alarmClass}, as rule ${guarded?.id} of the same family has it`,
    ),
  ];
}

/** A shipped rule keeps its metric and signal. */
function shippedProblems(rule: AlarmRule, shipped: AlarmRule | undefined): FieldError[] {
  if (shipped === undefined) return [];
  const guarded = classPolicyOf(shipped.alarmClass).leastPriority !== 'low';
  const fixed = ['domain', 'metric', 'family', ...(guarded ? (['alarmClass'] as const) : [])] as const;
  return fixed
    .filter((field) => rule[field] !== shipped[field])
    .map((field) => ({ field, expected: `${shipped[field]}: that of a rule the service ships cannot be changed` }));
}

const MAX_PARKS = 200;
const MAX_DEVICES = 1_000;

function scopeProblems(rule: AlarmRule, { hasPark, devices: called }: RuleSurroundings): FieldError[] {
  const { parks, devices, domain } = rule;
  const found = [
    ...must(parks.length <= MAX_PARKS, 'parks', `at most ${MAX_PARKS}`),
    ...must(devices.length <= MAX_DEVICES, 'devices', `at most ${MAX_DEVICES}`),
  ];
  if (domain === 'system' && devices.length > 0) {
    return [...found, { field: 'devices', expected: 'none: rules of the domain system are for no devices' }];
  }
  parks.slice(0, MAX_PARKS).forEach((id, index) => {
    const field = `parks.${index}`;
    if (!hasPark(id)) found.push({ field, expected: `an existing park; there is no park ${id}` });
    else if (parks.indexOf(id) < index) found.push({ field, expected: `each park once; ${id} is there already` });
  });
  const inParks = new Set(parks);
  const seen = new Set<string>();
  devices.slice(0, MAX_DEVICES).forEach((id, index) => {
    const field = `devices.${index}`;
    const known = called(id);
    const ofDomain = known.filter((one) => one.domain === domain);
    const isInParks = parks.length === 0 || ofDomain.some(({ park }) => inParks.has(park));
    if (known.length === 0) found.push({ field, expected: `an existing device; there is no device ${id}` });
    else if (ofDomain.length === 0) found.push({ field, expected: `a device of the domain ${domain}` });
    else if (!isInParks) found.push({ field, expected: 'a device of these parks' });
    else if (seen.has(id)) found.push({ field, expected: `each device once; ${id} is there already` });
    seen.add(id);
  });
  return found;
}

/** Most characters of texts for people. */
const TEXT_LIMITS = { text: 200, level: 40, standard: 100, clause: 200 } as const;

const CONTROL = /\p{Cc}/u;

/** Errors of texts for people. */
function textProblems({ message, advice, source, comparison }: AlarmRule): FieldError[] {
  const texts: readonly (readonly [field: string, text: string, most: number])[] = [
    ['message.zh', message.zh, TEXT_LIMITS.text],
    ['message.en', message.en, TEXT_LIMITS.text],
    ['advice.zh', advice.zh, TEXT_LIMITS.text],
    ['advice.en', advice.en, TEXT_LIMITS.text],
    ['source.standard', source.standard, TEXT_LIMITS.standard],
    ['source.clause', source.clause, TEXT_LIMITS.clause],
    ...comparison.levels.flatMap(({ message: own }, index) =>
      (['zh', 'en'] as const).map(
        (language) =>
          [`comparison.levels.${index}.message.${language}`, own?.[language] ?? '-', TEXT_LIMITS.text] as const,
      ),
    ),
    ...comparison.levels.map(
      ({ name }, index) => [`comparison.levels.${index}.name`, name, TEXT_LIMITS.level] as const,
    ),
  ];
  return texts
    .filter(([, text, most]) => text.trim() === '' || text.length > most || CONTROL.test(text))
    .map(([field, , most]) => ({ field, expected: `1 to ${most} characters on one line` }));
}
