/** A sentence in both languages of the product. */
interface Words {
  readonly zh: string;
  readonly en: string;
}

type Params = Readonly<Record<string, string | number | null | readonly string[]>>;

/** Why a figure is as it is, or cannot be judged; the code is for programs, `inWords` for people. */
export interface Reason {
  readonly code: ReasonCode;
  /** Fractions for shares, declines and changes; intensities in `unit`; periods as text. */
  readonly params: Params;
}

export const reason = (code: ReasonCode, params: Params = {}): Reason => ({ code, params });

/** A reason as a sentence for people. */
export const inWords = ({ code, params }: Reason): Words => WORDS[code](reader(params));

/** −1.23 %; more digits while the rounded figure would equal `limit` and the figure itself does not. */
export function percent(value: number, decimals = 2, limit?: number): string {
  let digits = decimals;
  const equal = () =>
    limit !== undefined && value !== limit && fixed(value * 100, digits) === fixed(limit * 100, digits);
  while (digits < 8 && equal()) digits += 1;
  return `${fixed(value * 100, equal() ? decimals : digits)} %`;
}

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

const signed = (value: number): string => {
  const text = percent(value, 1);
  return value > 0 && Number.parseFloat(text) !== 0 ? `+${text}` : text;
};

/** Energy intensity is shown with four decimals, wastewater with three; more where a value would read as nothing. */
const intensity = (value: number, unit: string): string => {
  const decimals = unit === 'tce' ? 4 : 3;
  const text = value.toFixed(decimals);
  return Number(text) === 0 && value !== 0 ? value.toPrecision(3) : text;
};

function reader(params: Params) {
  const number = (name: string) => Number(params[name]);
  const unit = String(params.unit ?? 'tce');
  const list = params.list;
  const names = Array.isArray(list) ? list : [];
  return {
    text: (name: string) => String(params[name] ?? ''),
    number,
    share: (name: string) => percent(number(name), 1, number('threshold')),
    decline: (name: string) => percent(number(name), 2, number('rate')),
    change: (name: string) => signed(number(name)),
    intensity: (name: string) => intensity(number(name), unit),
    zhList: () => some(names, '、', (rest) => `等 ${rest} 个`),
    enList: () => some(names, ', ', (_, more) => ` and ${more} more`),
  };
}

const SHOWN = 6;
function some(names: readonly string[], comma: string, more: (all: number, rest: number) => string): string {
  const shown = names.slice(0, SHOWN).join(comma);
  return names.length > SHOWN ? `${shown}${more(names.length, names.length - SHOWN)}` : shown;
}

type Reader = ReturnType<typeof reader>;
type Say = (p: Reader) => Words;
const say =
  (zh: (p: Reader) => string, en: (p: Reader) => string): Say =>
  (p) => ({ zh: zh(p), en: en(p) });

const WORDS = {
  expected_above_path: say(
    (p) =>
      `${p.text('year')} 年预计为 ${p.intensity('expected')}，比允许值 ${p.intensity('allowed')} 高 ${p.share('over')}；${p.text('years')} 年年均降幅 ${p.decline('decline')}`,
    (p) =>
      `${p.text('year')} is expected to end at ${p.intensity('expected')}, ${p.share('over')} above the allowed ${p.intensity('allowed')}; the annual decline over ${p.text('years')} years is ${p.decline('decline')}`,
  ),
  expected_within_path: say(
    (p) =>
      `${p.text('year')} 年预计为 ${p.intensity('expected')}，不高于允许值 ${p.intensity('allowed')}；${p.text('years')} 年年均降幅 ${p.decline('decline')}`,
    (p) =>
      `${p.text('year')} is expected to end at ${p.intensity('expected')}, within the allowed ${p.intensity('allowed')}; the annual decline over ${p.text('years')} years is ${p.decline('decline')}`,
  ),
  interval_above: say(
    (p) => `80 % 区间 ${p.intensity('low')}–${p.intensity('high')}，整段高于允许值`,
    (p) => `the 80 % interval ${p.intensity('low')}–${p.intensity('high')} lies above the allowed value`,
  ),
  interval_within: say(
    (p) => `80 % 区间 ${p.intensity('low')}–${p.intensity('high')}，整段不高于允许值`,
    (p) => `the 80 % interval ${p.intensity('low')}–${p.intensity('high')} lies within the allowed value`,
  ),
  interval_straddles: say(
    (p) => `80 % 区间 ${p.intensity('low')}–${p.intensity('high')}，跨过允许值`,
    (p) => `the 80 % interval ${p.intensity('low')}–${p.intensity('high')} straddles the allowed value`,
  ),
  year_to_date: say(
    (p) =>
      `${p.text('from')} 至 ${p.text('to')} 同口径比去年同期 ${p.change('change')}（${p.intensity('previous')} → ${p.intensity('current')}）`,
    (p) =>
      `${p.text('from')} to ${p.text('to')}, on the same set: ${p.change('change')} on last year (${p.intensity('previous')} → ${p.intensity('current')})`,
  ),
  change_needed_this_year: say(
    (p) => `${p.text('year')} 年须比上年 ${p.change('change')} 才达到允许值`,
    (p) => `to reach the allowed value ${p.text('year')} has to change by ${p.change('change')} on the year before`,
  ),
  needed_afterwards: say(
    (p) => `若今年照此收尾，此后 ${p.text('years')} 年每年须降 ${p.decline('decline')}`,
    (p) => `if the year ends so, each of the ${p.text('years')} years left needs a decline of ${p.decline('decline')}`,
  ),
  target_already_met: say(
    (p) => `若今年照此收尾，已低于 ${p.text('year')} 年目标，不回升即达标`,
    (p) => `if the year ends so, the target of ${p.text('year')} is met already unless intensity rises again`,
  ),
  base_year_missing: say(
    (p) => `${p.text('year')} 基年没有可用的强度`,
    (p) => `the base year ${p.text('year')} has no usable intensity`,
  ),
  not_after_base_year: say(
    (p) => `判定从 ${p.text('year')} 基年之后开始`,
    (p) => `verdicts begin after the base year ${p.text('year')}`,
  ),
  nothing_expected: say(
    (p) => `${p.text('year')} 年没有年末预测，也没有全年数`,
    (p) => `${p.text('year')} has neither a forecast nor a figure of the whole year`,
  ),
  chain_broken: say(
    (p) => `以下年份缺同口径同比，无法链接：${p.zhList()}`,
    (p) => `no change on one set for these years, so that the chain breaks: ${p.enList()}`,
  ),
  set_unknown: say(
    (p) => `${p.text('period')} 的规上企业名单未录入`,
    (p) => `the set of counted enterprises for ${p.text('period')} is not recorded`,
  ),
  nothing_counted: say(
    (p) => `${p.text('period')} 没有分子分母齐全的企业`,
    (p) => `no enterprise has both sides for ${p.text('period')}`,
  ),
  added_value_missing: say(
    (p) => `缺增加值：${p.zhList()}`,
    (p) => `added value is missing: ${p.enList()}`,
  ),
  quantity_missing: say(
    (p) => `缺用量：${p.zhList()}`,
    (p) => `the quantity is missing: ${p.enList()}`,
  ),
  not_converted: say(
    (p) => `缺折标系数，未能折标：${p.zhList()}`,
    (p) => `no coefficient, so that it is not converted: ${p.enList()}`,
  ),
  sets_differ: say(
    (p) => `分子与分母口径不同：${p.zhList()}`,
    (p) => `quantity and added value cover different enterprises: ${p.enList()}`,
  ),
  coverage_below: say(
    (p) =>
      `${p.text('period')} 同口径覆盖 ${p.share('share')}（${p.text('counted')}/${p.text('total')} 家），低于 ${p.share('threshold')}`,
    (p) =>
      `${p.text('period')}: both sides cover ${p.share('share')} of the set (${p.text('counted')} of ${p.text('total')} enterprises), below ${p.share('threshold')}`,
  ),
  completeness_below: say(
    (p) => `${p.text('period')} 数据完整度 ${p.share('completeness')}，低于 ${p.share('threshold')}`,
    (p) => `${p.text('period')}: ${p.share('completeness')} of the period was measured, below ${p.share('threshold')}`,
  ),
  preliminary: say(
    (p) => `增加值为初步数：${p.zhList()}`,
    (p) => `added value is preliminary: ${p.enList()}`,
  ),
  estimated: say(
    (p) => `用量中估算占 ${p.share('share')}`,
    (p) => `${p.share('share')} of the quantity is estimated`,
  ),
  filled: say(
    (p) => `用量中补缺占 ${p.share('share')}`,
    (p) => `${p.share('share')} of the quantity fills gaps`,
  ),
  billed: say(
    (p) => `用量中供应商账单（装表之前）占 ${p.share('share')}`,
    (p) => `${p.share('share')} of the quantity is from bills, before there were meters`,
  ),
  structure_raises: say(
    (p) => `${p.text('from')}–${p.text('to')} 年增加值移向单耗高的一方，仅此一项使强度 ${p.change('change')}`,
    (p) =>
      `from ${p.text('from')} to ${p.text('to')} added value moved to those that need more for it: by itself ${p.change('change')} on the intensity`,
  ),
  structure_lowers: say(
    (p) => `${p.text('from')}–${p.text('to')} 年增加值移向单耗低的一方，仅此一项使强度 ${p.change('change')}`,
    (p) =>
      `from ${p.text('from')} to ${p.text('to')} added value moved to those that need less for it: by itself ${p.change('change')} on the intensity`,
  ),
} satisfies Record<string, Say>;

type ReasonCode = keyof typeof WORDS;
