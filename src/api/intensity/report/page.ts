import { createHash } from 'node:crypto';
import type { Language } from '../../../model/language.js';
import { keyFigures } from '../key-figures.js';
import type { IntensityAnswer } from '../wire.js';
import { billsSection, co2Section } from './beside.js';
import { figure, html, Markup, type Shown } from './html.js';
import type { ReportMeter } from './meters.js';
import { burnPlot, driversPlot, monthsPlot, pathPlot } from './plots.js';
import { basisSection, driversSection, methodSection, restatementsSection } from './rests-on.js';
import { monthsSection, partsSection, pathTable } from './sections.js';
import { STYLE } from './style.js';
import { type Say, verdictMark } from './words.js';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
/** The page loads nothing and runs nothing; its one style is known by its hash. */
export const REPORT_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** When, by whom and in which time zone a report was made. */
export interface Made {
  readonly at: string;
  readonly by: string;
  readonly timeZone: string;
}

/** How a figure of that unit is shown. */
const shownAs = (code: string, unit: string): Shown =>
  unit === 'share'
    ? code.endsWith('change') || code.endsWith('againstPath')
      ? 'change'
      : 'share'
    : unit.includes(' per ')
      ? 'intensity'
      : 'amount';

/** The annual assessment report, whole: one HTML file without scripts, to be read and to be printed on A4. */
export function reportPage(
  answer: IntensityAnswer,
  meters: readonly ReportMeter[],
  made: Made,
  lang: Language,
): string {
  const say: Say = (zh, en) => (lang === 'zh' ? zh : en);
  const name = lang === 'zh' ? answer.nameZh : answer.nameEn;
  const what =
    answer.carrier === 'energy'
      ? say('单位工业增加值能耗', 'Energy per unit of industrial added value')
      : say('单位工业增加值废水', 'Wastewater per unit of industrial added value');
  const title = say(`${answer.year} 年度评估报告`, `Annual assessment report ${answer.year}`);
  const { text } =
    html`<!doctype html><html lang="${say('zh-CN', 'en')}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name} · ${title}</title>${new Markup(`<style>${STYLE}</style>`)}</head><body>
<header><h1>${name} · ${what}</h1><p class="sub">${title} · ${answer.scope} · ${answer.units.intensity}</p><p class="sub">${knownAs(answer, made, say)}</p></header>
${verdictSection(answer, lang, say)}
<section><h2>${say('主要数字', 'Figures')}</h2><div class="facts">${keyFigures(answer).map(
      ([code, label, value, unit]) =>
        html`<div><span>${label[lang]}</span><b>${figure(code, value, shownAs(code, unit))}</b><em>${unit === 'share' ? '' : unit}</em></div>`,
    )}</div></section>
<section><h2>${say('路径与实际', 'Path and actual')}</h2>${plot(
      pathPlot(answer, say('允许路径、实际与年末预期', 'Allowed path, actual and expected')),
      say(
        '虚线 允许路径；实线 实际（可比值）；空心点与竖线 预期及 80 % 区间。纵轴不自零起。',
        'Dashed: allowed path. Line: actual (comparable). Open dot and bar: expected with its 80 % interval. The axis does not start at zero.',
      ),
    )}${pathTable(answer, say)}</section>
<section><h2>${say('预算', 'Budget')}</h2>${plot(
      burnPlot(answer, say('预算逐月消耗', 'Budget burn')),
      say('虚线 允许节奏；实线 实际剩余', 'Dashed: as allowed. Line: what is left'),
    )}${answer.budgetBlocks.map((one) => html`<p>${one[lang]}</p>`)}</section>
<section><h2>${say('逐月', 'Months')}</h2>${plot(monthsPlot(answer, say('逐月用量', 'Quantity by month')), `${answer.units.quantity} · ${say('虚框 未完的月', 'dashed frame: the month that runs')}`)}${monthsSection(answer, say)}</section>
<section><h2>${say('为什么变了', 'What drove the change')}</h2>${plot(driversPlot(answer, driverNames(say), say('变化分解', 'Drivers')), `${say('LMDI-I 加法分解，对去年同期', 'Additive LMDI-I, against the same months of last year')}, ${answer.units.quantity}`)}${driversSection(answer, say, driverNames(say))}</section>
${partsSection(answer, lang, say)}
${co2Section(answer, lang, say)}
${billsSection(answer, say)}
${restatementsSection(answer, say)}
${basisSection(answer, meters, say)}
${methodSection(answer, say)}
<footer class="sub"><p>${say('生成', 'Made')} ${made.at} (${made.timeZone}) · ${made.by}</p></footer></body></html>`;
  return text;
}

const driverNames = (say: Say): Readonly<Record<string, string>> => ({
  ...{ activity: say('活动', 'Activity'), structure: say('结构', 'Structure'), efficiency: say('效率', 'Efficiency') },
  ...{ entered: say('新进', 'Entered'), left: say('退出', 'Left'), total: say('合计', 'Total') },
});

const plot = (drawn: Markup | null, caption: string): Markup | null =>
  drawn && html`<figure>${drawn}<figcaption>${caption}</figcaption></figure>`;

function knownAs({ asKnown, published, through }: IntensityAnswer, { at, timeZone }: Made, say: Say): string {
  const readings = through === null ? '' : ` · ${say('读数到', 'readings through')} ${through}`;
  const version =
    published === null
      ? say('未公布过', 'never published')
      : `${say('公布版本', 'published version')} ${published.version}, ${published.recordedAt}`;
  const known =
    asKnown === 'published' ? say('按公布时所知', 'as it was published') : `${say('按此时所知', 'as known at')} ${at}`;
  return `${known} · ${version}${readings} · ${timeZone}`;
}

function verdictSection({ verdict, figure: year }: IntensityAnswer, lang: Language, say: Say): Markup {
  const all = [...verdict.reasons, ...(year?.blocks ?? [])];
  const said = [...new Set(all.map((one) => one[lang]))];
  const beside = [...new Set([...verdict.notes, ...(year?.notes ?? [])].map((one) => one[lang]))];
  return html`<section><h2>${say('判定', 'Verdict')}</h2><p>${verdictMark(verdict.verdict, lang)}</p><ul class="why">${said.map((one) => html`<li>${one}</li>`)}</ul>${
    beside.length > 0 &&
    html`<p class="sub">${say('说明', 'Notes')}</p><ul class="why sub">${beside.map((one) => html`<li>${one}</li>`)}</ul>`
  }</section>`;
}
