import type { IntensityAnswer } from '../wire.js';
import { figure, html, type Markup } from './html.js';
import type { ReportMeter } from './meters.js';
import { num, table } from './sections.js';
import type { Say } from './words.js';

/** Rows of statistics and of meters that the report lists; the workbook has them all. */
const LISTED = 400;

export function driversSection(
  { drivers, driversSinceBase: since }: IntensityAnswer,
  say: Say,
  names: Readonly<Record<string, string>>,
): Markup {
  if (drivers === null)
    return html`<p>${say('没有可比的去年同期。', 'There are no comparable months of last year.')}</p>`;
  const ids = ['activity', 'structure', 'efficiency', 'entered', 'left'] as const;
  const rows = (['quantity', 'intensity'] as const).map((kind) => {
    const one = drivers[kind];
    const as = kind === 'quantity' ? 'amount' : 'intensity';
    const title = kind === 'quantity' ? say('用量', 'Quantity') : say('强度', 'Intensity');
    if (one.effects === null) return html`<tr><td>${title}</td><td colspan="7">${one.reason ?? ''}</td></tr>`;
    const { effects } = one;
    return html`<tr><td>${title}</td>${num(figure(`drivers.${kind}.before`, one.before, as))}${ids.map((id) => num(figure(`drivers.${kind}.effects.${id}`, effects[id], as)))}${num(figure(`drivers.${kind}.after`, one.after, as))}</tr>`;
  });
  const heads = [
    '',
    [say('去年同期', 'Before')],
    ...ids.map((id) => [names[id] ?? id] as const),
    [say('今年', 'After')],
  ] as const;
  const lists = [
    [say('新进', 'Entered'), drivers.entered],
    [say('退出', 'Left'), drivers.left],
    [say('未计入', 'Left out'), drivers.leftOut],
  ] as const;
  const structure = since?.structure ?? null;
  return html`<p class="sub">${drivers.first} – ${drivers.last}</p>${table(heads, rows)}${structure && html`<p>${say(structure.zh, structure.en)} ${figure('driversSinceBase.structure.change', structure.change, 'change')}</p>`}${lists.map(
    ([title, all]) =>
      all.length > 0 && html`<p class="sub">${title}: ${all.slice(0, 40).join(', ')}${all.length > 40 && ' …'}</p>`,
  )}`;
}

/** What was published before, what it became, when and why. */
export function restatementsSection({ restatements }: IntensityAnswer, say: Say): Markup {
  const why: Readonly<Record<string, string>> = {
    statistics: say('统计修订', 'statistics revised'),
    sets: say('规上名单改变', 'counted set changed'),
    coefficients: say('系数改变', 'coefficients changed'),
    policy: say('方案改变', 'policy changed'),
    forecast: say('预测方法改变', 'forecast method changed'),
    readings: say('读数、更正或表树改变', 'readings, corrections or meter trees changed'),
  };
  const rows = restatements.map((one, i) => {
    const because = one.because.map((cause) => why[cause] ?? cause).join(say('、', ', '));
    return html`<tr><td>${one.year}</td>${num(figure(`restatements.${i}.from`, one.from, 'intensity'))}${num(figure(`restatements.${i}.to`, one.to, 'intensity'))}<td>${because}</td><td>v${one.version}</td><td>${one.recordedAt}</td></tr>`;
  });
  const heads = [
    say('年', 'Year'),
    [say('原值', 'Before')],
    [say('现值', 'Now')],
    say('原因', 'Because'),
    say('版本', 'Version'),
    say('时间', 'At'),
  ] as const;
  const none = html`<p>${say('公布的数字没有改变过。', 'No published figure has changed.')}</p>`;
  return html`<section><h2>${say('重述', 'Restatements')}</h2>${rows.length > 0 ? table(heads, rows) : none}</section>`;
}

/** Coefficients with their marks, versions of the ledgers, statistics and meters. */
export function basisSection(answer: IntensityAnswer, meters: readonly ReportMeter[], say: Say): Markup {
  const { basis, members, figure: year, base } = answer;
  const coefficients = (year ?? base)?.coefficients ?? [];
  const root = year === null ? 'base' : 'figure';
  const told = members.flatMap(({ member, statistics }) =>
    statistics.flatMap((one) => one.restsOn.map((rest) => ({ member, preliminary: one.preliminary, ...rest }))),
  );
  const more = (all: readonly unknown[]) =>
    all.length > LISTED &&
    html`<p class="sub">${say(`另有 ${all.length - LISTED} 行`, `${all.length - LISTED} more rows`)}</p>`;
  const versions = [
    [say('统计', 'Statistics'), `v${basis.statistics}`],
    [say('规上名单', 'Counted sets'), `v${basis.sets}`],
    [say('系数', 'Coefficients'), `v${basis.coefficients}`],
    [say('方案', 'Policy'), `v${basis.policy}`],
    [say('读数', 'Readings'), basis.readings],
    [say('预测', 'Forecast'), basis.forecast ?? '–'],
  ] as const;
  return html`<section><h2>${say('所据', 'What it rests on')}</h2>${table(
    [say('账本', 'Ledger'), say('版本', 'Version')],
    versions.map(([name, version]) => html`<tr><td>${name}</td><td>${version}</td></tr>`),
  )}<h2>${say('折标系数', 'Coefficients')}</h2>${table(
    [
      say('能源', 'Carrier'),
      [say('系数', 'Coefficient')],
      say('单位', 'Unit'),
      say('口径', 'Basis'),
      say('来源', 'Source'),
      say('标记', 'Mark'),
    ],
    coefficients.map(
      (one, i) =>
        html`<tr><td>${one.carrier}</td>${num(figure(`${root}.coefficients.${i}.kgcePerUnit`, one.kgcePerUnit, 'intensity'))}<td>kgce/${one.unit}</td><td>${say(one.labelZh, one.labelEn)}</td><td>${one.source}</td><td><span class="mark">${one.mark}</span></td></tr>`,
    ),
  )}<p class="sub">${say('M：凭记忆录入，待核对后自行设定；measured：实测热值。', 'M: from memory, to be checked and set by you; measured: measured heat value.')}</p>${
    told.length > 0 &&
    html`<h2>${say('统计', 'Statistics')}</h2>${table(
      [
        say('对象', 'Member'),
        say('时期', 'Period'),
        say('版本', 'Version'),
        say('来源', 'Source'),
        say('录入者', 'By'),
        say('入库', 'Recorded'),
      ],
      told
        .slice(0, LISTED)
        .map(
          (one) =>
            html`<tr><td>${one.member}</td><td>${one.period}${one.preliminary && html` <span class="mark">初</span>`}</td><td>v${one.version}</td><td>${one.source}</td><td>${one.by}</td><td>${one.recordedAt}</td></tr>`,
        ),
    )}${more(told)}`
  }${
    meters.length > 0 &&
    html`<h2>${say('计量表', 'Meters')}</h2>${table(
      [
        say('表', 'Meter'),
        say('寄存器', 'Register'),
        say('能源', 'Carrier'),
        say('作用', 'Role'),
        say('属于', 'Owner'),
        say('自', 'From'),
        say('至', 'To'),
      ],
      meters
        .slice(0, LISTED)
        .map(
          (one) =>
            html`<tr><td>${one.device}</td><td>${one.register}</td><td>${one.carrier}</td><td>${one.role}</td><td>${one.owner}</td><td>${one.from}</td><td>${one.to ?? ''}</td></tr>`,
        ),
    )}${more(meters)}`
  }</section>`;
}

export function methodSection(
  { policy, forecast, forecastRefusal, electricity, media }: IntensityAnswer,
  say: Say,
): Markup {
  const percent = (share: number) => Number((share * 100).toPrecision(6));
  const years = forecast?.calendarYearsNotCovered ?? [];
  const notes = [
    say(
      `允许路径 = 基年 ${policy.baseYear} × (1 − ${percent(policy.rate)} %)ⁿ，到 ${policy.targetYear} 年；已达年均 = 1 − (eₙ/e₀)^(1/n)；进度 = ln(1 − 已降)/ln(1 − 目标)。`,
      `Allowed path = base year ${policy.baseYear} × (1 − ${percent(policy.rate)} %)ⁿ, to ${policy.targetYear}; achieved annual decline = 1 − (eₙ/e₀)^(1/n); progress = ln(1 − achieved)/ln(1 − target).`,
    ),
    say(
      `判定：预期年均下降 ≥ ${percent(policy.rate)} % 达标，≥ ${percent(policy.riskRate)} % 有风险，更低落后；完整度低于 ${percent(policy.minCompleteness)} % 或覆盖率低于 ${percent(policy.minCoverage)} % 暂不可评。按全数值比较（GB/T 8170）。`,
      `Verdict: expected annual decline ≥ ${percent(policy.rate)} % on track, ≥ ${percent(policy.riskRate)} % at risk, less is off track; completeness below ${percent(policy.minCompleteness)} % or coverage below ${percent(policy.minCoverage)} % is not assessable. Full values are compared (GB/T 8170).`,
    ),
    say(
      '区与全市为 Σ ÷ Σ，不取平均。分子与分母为同一批规上企业。',
      'Districts and the city are Σ ÷ Σ, never a mean of means. Numerator and denominator are of the same firms.',
    ),
    electricity.startsWith('calorific')
      ? say('电力按当量值。', 'Electricity at its equivalent (calorific) value.')
      : say('电力按等价值。', 'Electricity at its equal (primary) value.'),
    ...(media
      ? [
          say(
            '含水、压缩空气等耗能工质：不是政策口径。',
            'With water and compressed air, media that carry energy: not the figure of the policy.',
          ),
        ]
      : []),
    ...(electricity === 'calorific' || electricity === 'equal_value'
      ? []
      : [say('已扣除绿证对应的绿电。', 'Less the certificates of green power.')]),
    ...(years.length > 0
      ? [say(`下列年份没有官方节假日：${years.join('、')}。`, `Years without official holidays: ${years.join(', ')}.`)]
      : []),
    ...(forecastRefusal === null ? [] : [say(forecastRefusal.zh, forecastRefusal.en)]),
  ];
  return html`<section><h2>${say('方法', 'Method')}</h2><ul class="sub">${notes.map((one) => html`<li>${one}</li>`)}</ul></section>`;
}
