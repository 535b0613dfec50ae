import type { Language } from '../../../model/language.js';
import { marksOf } from '../columns.js';
import type { IntensityAnswer } from '../wire.js';
import { figure, html, type Markup } from './html.js';
import { declinePlot } from './plots.js';
import { type Say, verdictMark } from './words.js';

/** Parts that the report lists; the answer and the workbook have them all. */
const LISTED = 300;

/** A table with these heads; a head in brackets is of numbers. */
export const table = (heads: readonly (string | readonly [string])[], rows: readonly Markup[]): Markup =>
  html`<table><thead><tr>${heads.map((head) =>
    typeof head === 'string' ? html`<th>${head}</th>` : html`<th class="num">${head[0]}</th>`,
  )}</tr></thead><tbody>${rows}</tbody></table>`;
/** A cell of a number. */
export const num = (inside: Markup): Markup => html`<td class="num">${inside}</td>`;

export function pathTable({ path, base, policy, projection, verdict, year }: IntensityAnswer, say: Say): Markup {
  /** What the year is expected to end at, and the years after it as they would follow. */
  const ahead = (of: number) => {
    if (of === year) return num(figure('verdict.expected.value', verdict.expected?.value ?? null, 'intensity'));
    const i = projection.findIndex((one) => one.year === of);
    return num(figure(`projection.${i}.value`, projection[i]?.value ?? null, 'intensity'));
  };
  const heads = [
    say('年', 'Year'),
    [say('允许', 'Allowed')],
    [say('实际', 'Actual')],
    [say('可比值', 'Comparable')],
    [say('预期或照此推算', 'Expected, or as it goes on')],
  ] as const;
  const rows = path.map((row, i) => {
    const of = (key: string) => `path.${i}.${key}`;
    const mark =
      row.year === policy.baseYear
        ? ` ${say('基年', 'base')}`
        : row.year === policy.targetYear
          ? ` ${say('目标', 'target')}`
          : '';
    return html`<tr><td>${row.year}${mark}</td>${num(figure(of('allowed'), row.allowed, 'intensity'))}${num(figure(of('value'), row.value, 'intensity'))}${num(figure(of('comparable'), row.comparable, 'intensity'))}${ahead(row.year)}${num(figure(of('change'), row.change, 'change'))}<td>${row.change !== null && !row.changeIsOnSameSet ? say('口径不同', 'another set') : ''}</td>${num(figure(of('againstPath'), row.againstPath, 'change'))}</tr>`;
  });
  const more = [[say('同比', 'Change')], say('口径', 'Set'), [say('对路径', 'Against path')]] as const;
  const none = say(
    '没有基年数字，因此没有允许路径。',
    'There is no figure of the base year, so there is no allowed path.',
  );
  return base === null || path.length === 0 ? html`<p>${none}</p>` : table([...heads, ...more], rows);
}

export function monthsSection({ months, units }: IntensityAnswer, say: Say): Markup {
  const rows = months.map((row, i) => {
    const of = (key: string) => `months.${i}.${key}`;
    const marks = marksOf(row).split(' ').filter(Boolean);
    return html`<tr><td>${row.first}${row.last === row.first ? '' : ` – ${row.last}`}${row.isRunning && ` ${say('未完', 'running')}`}</td>${num(figure(of('addedValue'), row.addedValue, 'amount'))}${num(figure(of('quantity'), row.quantity, 'amount'))}${num(figure(of('intensity'), row.intensity, 'intensity'))}${num(figure(of('change'), row.change, 'change'))}${num(figure(of('co2.tCo2'), row.co2?.tCo2 ?? null, 'amount'))}${num(figure(of('completeness'), row.completeness, 'share'))}<td>${marks.map((mark) => html`<span class="mark">${mark}</span> `)}</td></tr>`;
  });
  const heads = [
    say('月', 'Month'),
    [`${say('增加值', 'Added value')}, ${say('万元', '10⁴ CNY')}`],
    [`${say('用量', 'Quantity')}, ${units.quantity}`],
    [say('强度', 'Intensity')],
    [say('同比', 'Change')],
    ['t CO₂'],
    [say('完整度', 'Completeness')],
    say('标记', 'Marks'),
  ] as const;
  const legend = say(
    '初 统计初步；估 估算；补 按声明的方法补缺；废 含作废读数，已剔除；换 换表；未 更正未生效，其时读数已不保存。',
    '初 preliminary statistics; 估 estimated; 补 filled by the declared method; 废 voided readings, left out; 换 a meter exchanged; 未 a correction without effect, as the readings of its time are no longer kept.',
  );
  return html`${table(heads, rows)}<p class="sub">${legend} ${units.addedValue}</p>`;
}

/** Who falls and who does not: the parts of a sum by their decline, or the enterprises by their change. */
export function partsSection(answer: IntensityAnswer, lang: Language, say: Say): Markup | null {
  const { parts, members, policy } = answer;
  const title = html`<h2>${say('谁在降、谁没降', 'Who declines, and who does not')}</h2>`;
  const more = (all: readonly unknown[]) =>
    all.length > LISTED &&
    html`<p class="sub">${say(`另有 ${all.length - LISTED} 个，见 XLSX。`, `${all.length - LISTED} more are in the workbook.`)}</p>`;
  const nameOf = (one: { nameZh: string | null; nameEn: string | null }, id: string) =>
    (lang === 'zh' ? one.nameZh : one.nameEn) ?? id;
  if (parts.length > 0) {
    const ranked = parts
      .map((one, i) => ({ one, i }))
      .sort((a, b) => (b.one.decline ?? -Infinity) - (a.one.decline ?? -Infinity));
    const plotted = ranked.flatMap(({ one }) => {
      const { decline, interval } = one;
      return decline === null
        ? []
        : [{ name: nameOf(one, one.scope), decline, low: interval?.low ?? decline, high: interval?.high ?? decline }];
    });
    const rows = ranked.slice(0, LISTED).map(({ one, i }) => {
      const of = (key: string) => `parts.${i}.${key}`;
      return html`<tr><td>${nameOf(one, one.scope)}</td><td>${verdictMark(one.verdict, lang)}</td>${num(figure(of('decline'), one.decline, 'share'))}${num(figure(of('achievedAnnual'), one.achievedAnnual, 'share'))}${num(figure(of('intensity'), one.intensity, 'intensity'))}${num(figure(of('quantity'), one.quantity, 'amount'))}${num(figure(of('completeness'), one.completeness, 'share'))}<td>${one.reasons[0]?.[lang] ?? ''}</td></tr>`;
    });
    const heads = [
      say('名称', 'Name'),
      say('判定', 'Verdict'),
      [say('年均下降', 'Annual decline')],
      [say('已达', 'Achieved')],
      [say('强度', 'Intensity')],
      [answer.units.quantity],
      [say('完整度', 'Completeness')],
      say('理由', 'Reason'),
    ] as const;
    const drawn = declinePlot(plotted.slice(0, 40), policy.rate, say('年均下降', 'Annual decline'));
    return html`<section>${title}${drawn && html`<figure>${drawn}<figcaption>${say('点 年均下降；横线 80 % 区间；竖线 目标', 'Dot: annual decline. Bar: 80 % interval. Line: the target')}</figcaption></figure>`}${table(heads, rows)}${more(parts)}</section>`;
  }
  if (members.length === 0) return null;
  const rows = members.slice(0, LISTED).map((one, i) => {
    const of = (key: string) => `members.${i}.${key}`;
    return html`<tr><td>${nameOf(one, one.member)}</td><td>${one.isCounted ? say('计入', 'counted') : say('未计入', 'left out')}</td>${num(figure(of('quantity'), one.quantity, 'amount'))}${num(figure(of('addedValue'), one.addedValue, 'amount'))}${num(figure(of('intensity'), one.intensity, 'intensity'))}${num(figure(of('change'), one.change, 'change'))}${num(figure(of('own.decline'), one.own?.decline ?? null, 'share'))}${num(figure(of('own.achievedAnnual'), one.own?.achievedAnnual ?? null, 'share'))}<td>${one.own && verdictMark(one.own.verdict, lang)}</td>${num(figure(of('completeness'), one.completeness, 'share'))}</tr>`;
  });
  const heads = [
    say('企业', 'Member'),
    say('口径', 'Set'),
    [answer.units.quantity],
    [say('增加值', 'Added value')],
    [say('强度', 'Intensity')],
    [say('同比', 'Change')],
    [say('年均下降', 'Annual decline')],
    [say('已达', 'Achieved')],
    say('判定', 'Verdict'),
    [say('完整度', 'Completeness')],
  ] as const;
  return html`<section>${title}${table(heads, rows)}${more(members)}</section>`;
}
