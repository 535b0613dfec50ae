import { progressOn } from '../../simulators/progress.js';
import type { ServiceApi } from '../../simulators/service-api.js';
import type { LoadedYears } from '../../simulators/years/load.js';
import { yearOf } from '../../simulators/years/truth.js';

type Tracked = 'energy' | 'wastewater';
type VerdictName = 'on_track' | 'at_risk' | 'off_track' | 'not_assessable';
export type Language = 'zh' | 'en';

interface Reason {
  readonly zh: string;
  readonly en: string;
}

/** What the demo prints of `GET /intensity`. */
export interface IntensityAnswer {
  readonly nameZh: string;
  readonly nameEn: string;
  readonly carrier: Tracked;
  /** Computed now, or as it was published. */
  readonly asKnown: string;
  readonly year: number;
  readonly units: { readonly quantity: string };
  readonly verdict: {
    readonly verdict: VerdictName;
    readonly allowed: number | null;
    readonly decline: number | null;
    readonly expected: {
      readonly value: number;
      readonly interval: { readonly low: number; readonly high: number } | null;
    } | null;
    readonly reasons: readonly Reason[];
  };
  readonly figure: { readonly value: number | null; readonly completeness: number } | null;
  readonly budget: { readonly left: number; readonly perDay: number | null } | null;
}

/** The language of the environment: Chinese where it says so, else English. */
export const languageOf = (env: NodeJS.ProcessEnv): Language =>
  /^zh/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'zh' : 'en';

/** Asks for the city and each park, energy and wastewater, and prints what they come to. */
export async function printVerdicts(
  api: ServiceApi,
  { plans, last }: LoadedYears,
  language: Language,
  {
    log,
    now,
    signal,
  }: { readonly log: NodeJS.WritableStream; readonly now: () => number; readonly signal: AbortSignal },
): Promise<void> {
  const year = yearOf(last);
  const shown = progressOn(log, language === 'zh' ? '考核' : 'assessment', 2 * plans.length + 2, now);
  let done = 0;
  const ask = async (scope: string, carrier: Tracked) => {
    const path = `/intensity?scope=${scope}&carrier=${carrier}&year=${year}`;
    const answer = await api.assessment<IntensityAnswer>(path, signal);
    shown.update(++done);
    return answer;
  };
  const cities: IntensityAnswer[] = [];
  const parks = new Map<string, IntensityAnswer[]>();
  try {
    for (const carrier of ['energy', 'wastewater'] as const) {
      for (const { id } of plans) {
        if (signal.aborted) return;
        parks.set(id, [...(parks.get(id) ?? []), await ask(`park:${id}`, carrier)]);
      }
      cities.push(await ask('city', carrier));
    }
  } finally {
    shown.stop();
  }
  log.write(verdictText(cities, [...parks.values()], language));
}

const WORDS = {
  zh: {
    ...{ on_track: '达标', at_risk: '有风险', off_track: '落后', not_assessable: '暂不可评' },
    ...{ energy: '单位工业增加值能耗', wastewater: '单位工业增加值废水', park: '园区', of: '年' },
    ...{
      so: '今年以来',
      path: '允许',
      expected: '预计年末',
      left: '剩余预算',
      perDay: '每天',
      decline: (of: string) => `年均 ${of}`,
    },
    ...{ energyShort: '能耗', wastewaterShort: '废水', complete: '完整度' },
  },
  en: {
    ...{ on_track: 'on track', at_risk: 'at risk', off_track: 'off track', not_assessable: 'not assessable' },
    ...{ energy: 'energy per added value', wastewater: 'wastewater per added value', park: 'park', of: '' },
    ...{
      so: 'so far',
      path: 'allowed',
      expected: 'expected',
      left: 'budget left',
      perDay: 'a day',
      decline: (of: string) => `${of} a year`,
    },
    ...{ energyShort: 'energy', wastewaterShort: 'wastewater', complete: 'measured' },
  },
} as const;

/**
 * The city's figures, then a table of the parks with the verdicts on both; a park that is not on track in energy says why.
 * @param parks of each the answers on energy and on wastewater
 */
export function verdictText(
  cities: readonly IntensityAnswer[],
  parks: readonly (readonly IntensityAnswer[])[],
  language: Language,
): string {
  const words = WORDS[language];
  const lines = cities.flatMap((one) => cityLines(one, language));
  const rows = parks.map((both) => [
    language === 'zh' ? both[0]!.nameZh : both[0]!.nameEn,
    ...both.map(({ verdict }) => `${words[verdict.verdict]} ${decline(verdict)}`.trimEnd()),
  ]);
  const head = [words.park, words.energyShort, words.wastewaterShort];
  const why = parks.flatMap(([energy]) => {
    const [first] = energy!.verdict.reasons;
    if (energy!.verdict.verdict !== 'not_assessable' || first === undefined) return [];
    return [`  ${language === 'zh' ? energy!.nameZh : energy!.nameEn}: ${first[language]}`];
  });
  return `${[...lines, '', ...table([head, ...rows]), ...(why.length > 0 ? ['', ...why] : [])].join('\n')}\n\n`;
}

/** What cannot be judged has no decline to hold against it. */
const decline = ({ verdict, decline: of }: IntensityAnswer['verdict']): string =>
  of === null || verdict === 'not_assessable' ? '' : percent(-of, 2);

function cityLines(one: IntensityAnswer, language: Language): string[] {
  const words = WORDS[language];
  const { verdict, figure, budget, units, year } = one;
  const { quantity } = units;
  const unit = `${quantity}/${language === 'zh' ? '万元' : '10⁴ CNY'}`;
  const value = (amount: number | null | undefined) => (amount == null ? '–' : amount.toPrecision(4));
  const name = language === 'zh' ? one.nameZh : one.nameEn;
  const interval = verdict.expected?.interval;
  const between = interval ? ` (80 %: ${value(interval.low)}–${value(interval.high)})` : '';
  const left = budget === null ? '–' : `${whole(budget.left)} ${quantity}`;
  const fall = decline(verdict);
  const judged = words[verdict.verdict] + (fall === '' ? '' : `, ${words.decline(fall)}`);
  const perDay = budget?.perDay == null ? '' : `, ${whole(budget.perDay)} ${quantity} ${words.perDay}`;
  return [
    `  ${name} ${year}${words.of} ${words[one.carrier]}: ${judged}`,
    `    ${words.so} ${value(figure?.value)} ${unit} (${words.complete} ${percent(figure?.completeness ?? 0)}), ` +
      `${words.path} ${value(verdict.allowed)}, ${words.expected} ${value(verdict.expected?.value)}${between}`,
    `    ${words.left} ${left}${perDay}`,
    ...verdict.reasons.slice(0, 1).map((reason) => `    ${reason[language]}`),
  ];
}

const whole = (amount: number): string => Math.round(amount).toLocaleString('en').replace('-', '−');
const percent = (share: number, digits = 1): string =>
  `${share < 0 ? '−' : ''}${Math.abs(share * 100).toFixed(digits)} %`;

/** Chinese characters are two columns wide. */
const width = (text: string): number => [...text].reduce((sum, one) => sum + (one > '\u2e80' ? 2 : 1), 0);

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell + ' '.repeat(widths[i]! - width(cell))).join('   ')}`.trimEnd(),
  );
}
