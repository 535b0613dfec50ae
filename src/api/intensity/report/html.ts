/** Markup that a page holds without escaping. */
export class Markup {
  constructor(readonly text: string) {}
}
type Content = Markup | string | number | null | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

function textOf(content: Content): string {
  if (content === null || content === false) return '';
  if (content instanceof Markup) return content.text;
  return typeof content === 'object' ? content.map(textOf).join('') : escaped(String(content));
}

/** Markup whose inserted texts are escaped, in elements and in quoted attributes. */
export const html = (parts: TemplateStringsArray, ...inserted: readonly Content[]): Markup =>
  new Markup(parts.reduce((all, part, i) => `${all}${textOf(inserted[i - 1] ?? null)}${part}`));

/** How figures are shown: amounts with thin spaces between thousands, shares as %. */
export type Shown = 'amount' | 'intensity' | 'share' | 'change';

/** A figure in words of a page; a dash for none. */
export function shownFigure(value: number | null, as: Shown): string {
  if (value === null) return '–';
  if (as === 'share') return `${fixed(value * 100, 2)} %`;
  if (as === 'change') return `${value > 0 ? '+' : ''}${fixed(value * 100, 2)} %`;
  if (as === 'intensity') return fixed(value, Math.abs(value) < 1 ? 5 : 4);
  return fixed(value, Math.abs(value) < 100 ? 2 : 1);
}

function fixed(value: number, digits: number): string {
  const [whole = '', rest] = Math.abs(value).toFixed(digits).split('.');
  const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? '−' : '';
  const groups: string[] = [];
  for (let end = whole.length; end > 0; end -= 3) groups.unshift(whole.slice(Math.max(0, end - 3), end));
  return `${sign}${groups.join('\u2009')}${rest === undefined ? '' : `.${rest}`}`;
}

/**
 * A figure of the answer: what is printed, and in `value` and `data-of` the number itself and where it stands in the
 * answer of `GET /intensity`, so that programs can compare.
 */
export function figure(of: string, value: number | null, as: Shown): Markup {
  if (value === null) return html`–`;
  return html`<data data-of="${of}" value="${String(value)}">${shownFigure(value, as)}</data>`;
}
