import { type FieldError, inPart, must } from '../../../model/field-error.js';
import type { InSteps } from '../steps.js';
import { entryKey, type FigureKind, figureKind, MEASURES, type StatEntry, statEntryKey } from './entry.js';
import { type Month, monthText, overlaps, PERIOD_FORMS, parsePeriod, partsOf, periodText } from './period.js';

/** What entries are judged against. */
export interface EntryRules {
  /** The month that runs now; a statistic covers only months before it. */
  readonly now: Month;
  /** The subjects whose statistics this upload may hold; an enterprise of another park is not among them. */
  readonly subjects: ReadonlySet<string>;
  /** Keys already in the ledger, as `statEntryKey` writes them: a new entry may revise one, not contradict it. */
  readonly known?: Pick<ReadonlySet<string>, 'has'>;
  /** The greatest believable level, 10⁴ CNY. */
  readonly maxAmount?: number;
  /** The greatest believable growth, a fraction; a rate above it is most likely a percentage. */
  readonly maxGrowth?: number;
}

/** 10⁴ CNY: 10¹² CNY are several times the industry of the whole city. */
export const MAX_AMOUNT = 1e8;
/** Mu: some three times the area of all blocks of the city, 204 km² or 306,000 mu. */
export const MAX_LAND_MU = 1e6;
/** A fraction: +200 %, three times the year before. */
export const MAX_GROWTH = 2;

/**
 * What is wrong with the entries of one upload, by path such as `entries.3.figure.amount`; empty when all may be
 * recorded. They are taken together or not at all.
 */
export function* checkingEntries(entries: readonly StatEntry[], rules: EntryRules): InSteps<readonly FieldError[]> {
  const first = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const key = statEntryKey(entry);
    if (!first.has(key)) first.set(key, index);
    yield;
  }
  const wrong: FieldError[] = [];
  for (const [index, entry] of entries.entries()) {
    const twin = first.get(statEntryKey(entry));
    const errors = [
      ...checkEntry(entry, rules),
      ...must(twin === index, 'period', `once for each subject and kind of figure: entries.${twin} has it already`),
      ...contradictions(entry, first, rules.known),
    ];
    wrong.push(...inPart(`entries.${index}`, errors));
    yield;
  }
  return wrong;
}

function checkEntry({ subject, period, figure, status }: StatEntry, rules: EntryRules): readonly FieldError[] {
  const parsed = parsePeriod(period);
  return [
    ...must(rules.subjects.has(subject), 'subject', 'an enterprise or park that these statistics are for'),
    ...must(parsed !== null, 'period', PERIOD_FORMS),
    ...must(
      parsed === null || parsed.last < rules.now,
      'period',
      `a period that has ended, at the latest with ${monthText(rules.now - 1)}`,
    ),
    ...must(status === 'preliminary' || status === 'final', 'status', 'preliminary or final'),
    ...checkFigure(figure, parsed?.kind, rules),
  ];
}

function checkFigure(figure: StatEntry['figure'], period: string | undefined, rules: EntryRules) {
  const most = rules.maxAmount ?? MAX_AMOUNT;
  if (figure.kind === 'growth') return checkRate(figure.rate, rules.maxGrowth ?? MAX_GROWTH);
  if (figure.kind === 'level') return checkLevel(figure, most);
  const { kind, amount } = figure;
  if (kind === 'land_area') {
    const inBounds = Number.isFinite(amount) && amount > 0 && amount <= MAX_LAND_MU;
    return [
      ...must(inBounds, 'figure.amount', `above 0 and at most ${MAX_LAND_MU}, in mu`),
      ...must(period === undefined || period === 'year', 'period', 'a year, such as 2025: land is told once a year'),
    ];
  }
  const inBounds = Number.isFinite(amount) && amount >= 0 && amount <= most;
  return must(inBounds, 'figure.amount', `from 0 to ${most}, in ${MEASURES[kind]}`);
}

function checkRate(rate: number, most: number): readonly FieldError[] {
  return must(
    Number.isFinite(rate) && rate > -1 && rate <= most,
    'figure.rate',
    `a fraction above -1 and at most ${most}, 0.052 for 5.2 %`,
  );
}

function checkLevel(
  { price, baseYear, amount }: Extract<StatEntry['figure'], { kind: 'level' }>,
  most: number,
): readonly FieldError[] {
  const comparable = price === 'comparable';
  return [
    ...must(
      Number.isFinite(amount) && amount > 0 && amount <= most,
      'figure.amount',
      `above 0 and at most ${most}, in 10⁴ CNY`,
    ),
    ...must(comparable || price === 'current', 'figure.price', 'current or comparable'),
    ...must(
      comparable ? baseYear !== undefined && parsePeriod(String(baseYear))?.kind === 'year' : baseYear === undefined,
      'figure.baseYear',
      comparable ? 'the year whose prices the level is at' : 'none with current prices',
    ),
  ];
}

/**
 * January–February as one beside one of its months, or a comparable level beside a growth rate, would give one period
 * two values. Quarters and years may stand beside their months: the wider one counts (`added-value.ts`).
 */
function contradictions(
  entry: StatEntry,
  inUpload: Pick<ReadonlySet<string>, 'has'>,
  known: Pick<ReadonlySet<string>, 'has'> = new Set(),
): readonly FieldError[] {
  const kind = figureKind(entry);
  const has = (key: string) => inUpload.has(key) || known.has(key);
  const other: FigureKind | null = kind === 'comparable' ? 'growth' : kind === 'growth' ? 'comparable' : null;
  const kinds: readonly FigureKind[] = kind === 'comparable' || kind === 'growth' ? ['comparable', 'growth'] : [kind];
  const rival = rivalsOf(entry.period).find((text) => kinds.some((one) => has(entryKey(entry.subject, text, one))));
  return [
    ...must(
      other === null || !has(entryKey(entry.subject, entry.period, other)),
      'figure.kind',
      `${kind} or ${other} for one period, not both: withdraw the other first`,
    ),
    ...must(
      rival === undefined,
      'period',
      `January–February as one or its months apart: withdraw ${rival} before this one`,
    ),
  ];
}

function rivalsOf(text: string): string[] {
  const period = parsePeriod(text);
  if (period === null) return [];
  if (period.kind === 'jan_feb') return partsOf(period).map(periodText);
  const joint = parsePeriod(`${text.slice(0, 4)}-01/02`);
  return period.kind === 'month' && joint !== null && overlaps(period, joint) ? [periodText(joint)] : [];
}
