import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { metric } from '../../../src/model/catalogue/index.js';
import { DOMAINS } from '../../../src/model/reading.js';

const SIGNS = { high: ['>', '≥'], low: ['<', '≤'], equal: ['=', '='] } as const;

function row({ id, domain, metric: key, comparison, source }: AlarmRule): string {
  const sign = SIGNS[comparison.side as keyof typeof SIGNS][comparison.inclusive ? 1 : 0];
  const limits = comparison.levels.map(({ setpoint }) => `${sign} ${setpoint}`).join(', ');
  const known = DOMAINS.find((one) => one === domain);
  const unit = (known && metric(known, key)?.unit) || '–';
  return `| \`${id}\` | ${limits} | ${unit} | ${source.standard}, ${source.clause} | ${source.certainty} |`;
}

/** Limits on values that come from outside; what parks chose for themselves, and what is about the service, are left out. */
const limits = DEFAULT_RULES.filter(
  ({ signal, source, domain }) =>
    signal.kind === 'value' && source.standard !== 'park operations' && domain !== 'system',
);
const table = ['| rule | limit | unit | source | certainty |', '|---|---|---|---|---|', ...limits.map(row)].join('\n');

it('docs/domain.md shows the limits as the rules have them (npm run test:unit -- -u writes it)', async () => {
  const page = readFileSync('docs/domain.md', 'utf8');
  const written = page.replace(/(?<=<!-- limits: begin -->\n)[\s\S]*?(?=<!-- limits: end -->)/, () => `${table}\n`);
  expect(written).toContain(table);
  await expect(written).toMatchFileSnapshot('../../../docs/domain.md');
});
