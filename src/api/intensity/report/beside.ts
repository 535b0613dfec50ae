import type { Language } from '../../../model/language.js';
import type { IntensityAnswer } from '../wire.js';
import { figure, html, type Markup } from './html.js';
import { num, table } from './sections.js';
import type { Say } from './words.js';

/** CO2 of the year by carrier and factor: its year, region, source and mark; null of wastewater. */
export function co2Section({ co2 }: IntensityAnswer, lang: Language, say: Say): Markup | null {
  if (co2 === null) return null;
  const rows = co2.parts.map((one, i) => {
    const of = (key: string) => `co2.parts.${i}.${key}`;
    const stands =
      one.carriedFrom !== null && say(`${one.carriedFrom} 年因子沿用`, `the factor of ${one.carriedFrom} stands in`);
    return html`<tr><td>${one.carrier}</td>${num(figure(of('tCo2'), one.tCo2, 'amount'))}${num(figure(of('kgPerUnit'), one.kgPerUnit, 'intensity'))}<td>${one.unit}</td><td>${one.region}</td><td>${one.from} – ${one.to ?? ''}</td><td>${lang === 'zh' ? one.labelZh : one.labelEn}${stands && html` <span class="mark">${stands}</span>`}</td><td>${one.source}</td><td><span class="mark">${one.mark}</span></td></tr>`;
  });
  const heads = [
    say('能源', 'Carrier'),
    ['t CO₂'],
    [say('因子', 'Factor')],
    say('单位', 'Unit'),
    say('区域', 'Region'),
    say('年份', 'Of'),
    say('名称', 'Name'),
    say('来源', 'Source'),
    say('标记', 'Mark'),
  ] as const;
  return html`<section><h2>${say('二氧化碳', 'Carbon dioxide')}</h2><p>${figure('co2.tCo2', co2.tCo2, 'amount')} t CO₂</p>${table(heads, rows)}${
    co2.missing.length > 0 &&
    html`<p>${say('没有因子，未计入', 'No factor, so not counted')}: ${co2.missing.join(', ')}</p>`
  }<p class="sub">${say('绿证不从二氧化碳中扣除。', 'Certificates of green power take nothing off it.')}</p></section>`;
}

/** What utilities billed before there were meters. */
export function billsSection({ bills: { items, count } }: IntensityAnswer, say: Say): Markup | null {
  if (count === 0) return null;
  const rows = items.map((one, i) => {
    const of = (key: string) => `bills.items.${i}.${key}`;
    return html`<tr><td>${one.owner}</td><td>${one.carrier}</td><td>${one.account}</td><td>${one.from} – ${one.through}</td>${num(figure(of('amount'), one.amount, 'amount'))}<td>${one.unit}</td>${num(figure(of('billedDays'), one.billedDays, 'amount'))}${num(figure(of('days'), one.days, 'amount'))}<td>v${one.version}</td><td>${one.source}</td></tr>`;
  });
  const heads = [
    say('对象', 'Owner'),
    say('能源', 'Carrier'),
    say('户号', 'Account'),
    say('时期', 'Period'),
    [say('用量', 'Amount')],
    say('单位', 'Unit'),
    [say('计入天数', 'Days that count')],
    [say('天数', 'Days')],
    say('版本', 'Version'),
    say('来源', 'Source'),
  ] as const;
  return html`<section><h2>${say('装表前账单', 'Bills before metering')}</h2>${table(heads, rows)}${
    count > items.length &&
    html`<p class="sub">${say(`另有 ${count - items.length} 张`, `${count - items.length} more bills`)}</p>`
  }</section>`;
}
