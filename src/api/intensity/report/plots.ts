import type { IntensityAnswer } from '../wire.js';
import { html, type Markup, shownFigure } from './html.js';

const WIDTH = 680;
const LEFT = 64;
const RIGHT = 12;

/** Where a value stands between two edges of a plot. */
const scale = (low: number, high: number, from: number, to: number) => (value: number) =>
  from + ((value - low) / (high - low || 1)) * (to - from);
const at = (value: number) => Math.round(value * 10) / 10;
const points = (all: readonly (readonly [number, number])[]) => all.map(([x, y]) => `${at(x)},${at(y)}`).join(' ');

const svg = (height: number, label: string, inside: readonly (Markup | null)[]) =>
  html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${inside}</svg>`;

/** Four lines of a value axis. */
function grid(low: number, high: number, y: (value: number) => number, as: 'amount' | 'intensity'): Markup[] {
  return [0, 1, 2, 3].map((i) => {
    const value = low + ((high - low) * i) / 3;
    const line = at(y(value));
    return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${line}" y2="${line}"/><text class="e" x="${LEFT - 6}" y="${line + 4}">${shownFigure(value, as)}</text>`;
  });
}

/** The allowed path (dashed), what was (line) and what is expected with its 80 % interval. The axis need not start at 0. */
export function pathPlot({ path, verdict, year }: IntensityAnswer, label: string): Markup | null {
  const expected = verdict.expected;
  const seen = path.flatMap(({ allowed, comparable }) => (comparable === null ? [allowed] : [allowed, comparable]));
  const all = [...seen, ...(expected ? [expected.value] : []), ...Object.values(expected?.interval ?? {})];
  if (path.length < 2 || all.length === 0) return null;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least) * 0.08 || most * 0.05 || 1;
  const x = scale(path[0]!.year, path.at(-1)!.year, LEFT + 14, WIDTH - RIGHT - 20);
  const y = scale(least - room, most + room, 218, 14);
  const actual = path.flatMap((row) => (row.comparable === null ? [] : [[x(row.year), y(row.comparable)] as const]));
  const last = actual.at(-1);
  const here = expected ? ([x(year), y(expected.value)] as const) : null;
  const interval = expected?.interval ?? null;
  return svg(244, label, [
    ...grid(least - room, most + room, y, 'intensity'),
    html`<polyline class="allowed" points="${points(path.map((row) => [x(row.year), y(row.allowed)]))}"/>`,
    html`<polyline class="actual" points="${points(actual)}"/>`,
    last && here && expected?.kind === 'forecast'
      ? html`<polyline class="expected" points="${points([last, here])}"/>`
      : null,
    ...actual.map(([cx, cy]) => html`<circle class="dot" cx="${at(cx)}" cy="${at(cy)}" r="3.4"/>`),
    here && interval
      ? html`<line class="interval" x1="${at(here[0])}" x2="${at(here[0])}" y1="${at(y(interval.low))}" y2="${at(y(interval.high))}"/>`
      : null,
    here && interval ? html`<circle class="open" cx="${at(here[0])}" cy="${at(here[1])}" r="4"/>` : null,
    ...path.map((row) => html`<text class="m" x="${at(x(row.year))}" y="238">${row.year}</text>`),
  ]);
}

interface Bar {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'plain' | 'open' | 'up' | 'down' | 'total';
}

/** Bars on an axis that holds 0. */
function bars(all: readonly Bar[], label: string, height = 200): Markup | null {
  if (all.length === 0) return null;
  const ends = all.flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const y = scale(low, high || 1, height - 26, 20);
  const step = (WIDTH - LEFT - RIGHT) / all.length;
  return svg(height, label, [
    ...grid(low, high || 1, y, 'amount'),
    html`<line class="zero" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(0))}" y2="${at(y(0))}"/>`,
    ...all.map(({ name, from, to, kind }, i) => {
      const [top, bottom] = [Math.min(y(from), y(to)), Math.max(y(from), y(to))];
      const middle = LEFT + step * (i + 0.5);
      return html`<rect class="${kind}" x="${at(middle - step * 0.32)}" y="${at(top)}" width="${at(step * 0.64)}" height="${at(Math.max(1, bottom - top))}"/><text class="m" x="${at(middle)}" y="${at(top - 4)}">${shownFigure(to - from, 'amount')}</text><text class="m" x="${at(middle)}" y="${height - 8}">${name}</text>`;
    }),
  ]);
}

/** What each month used; a month that runs is open. */
export const monthsPlot = ({ months }: IntensityAnswer, label: string): Markup | null =>
  bars(
    months.flatMap(({ first, last, quantity, isRunning }) => {
      const name = first === last ? first.slice(5) : `${first.slice(5)}/${last.slice(5)}`;
      return quantity === null ? [] : [{ name, from: 0, to: quantity, kind: isRunning ? 'open' : 'plain' } as const];
    }),
    label,
  );

/** The effects one on the other, and their sum. */
export function driversPlot(
  { drivers }: IntensityAnswer,
  names: Readonly<Record<string, string>>,
  label: string,
): Markup | null {
  const effects = drivers?.quantity.effects;
  if (!effects) return null;
  let sum = 0;
  const all = Object.entries(effects).map(([id, effect]): Bar => {
    const from = sum;
    sum += effect;
    return { name: names[id] ?? id, from, to: sum, kind: effect > 0 ? 'up' : 'down' };
  });
  return bars([...all, { name: names.total ?? 'Σ', from: 0, to: sum, kind: 'total' }], label);
}

/** What is left of the budget after each month: as allowed (dashed) and as used (line). */
export function burnPlot({ budget }: IntensityAnswer, label: string): Markup | null {
  if (budget === null || budget.months.length === 0) return null;
  let allowed = budget.allowed;
  let left = budget.allowed;
  const plan: number[] = [allowed];
  const real: number[] = [left];
  for (const month of budget.months) {
    allowed -= month.allowed;
    plan.push(allowed);
    if (month.used !== null && real.length === plan.length - 1) {
      left -= month.used;
      real.push(left);
    }
  }
  const [low, high] = [Math.min(0, ...plan, ...real), Math.max(...plan, ...real)];
  const x = scale(0, budget.months.length, LEFT + 8, WIDTH - RIGHT);
  const y = scale(low, high, 174, 12);
  const line = (all: readonly number[]) => points(all.map((value, i) => [x(i), y(value)]));
  return svg(200, label, [
    ...grid(low, high, y, 'amount'),
    html`<polyline class="allowed" points="${line(plan)}"/>`,
    html`<polyline class="actual" points="${line(real)}"/>`,
    ...budget.months.map(
      ({ month }, i) => html`<text class="m" x="${at(x(i + 0.5))}" y="194">${month.slice(5)}</text>`,
    ),
  ]);
}

/** The annual decline of each part beside 5 %, with its interval; the axis starts at 0 or below. */
export function declinePlot(
  all: readonly { readonly name: string; readonly decline: number; readonly low: number; readonly high: number }[],
  rate: number,
  label: string,
): Markup | null {
  if (all.length === 0) return null;
  const low = Math.min(0, ...all.map((one) => one.low));
  const high = Math.max(rate * 1.2, ...all.map((one) => one.high));
  const x = scale(low, high, 190, WIDTH - 70);
  const height = 22 * all.length + 24;
  return svg(height, label, [
    html`<line class="zero" x1="${at(x(0))}" x2="${at(x(0))}" y1="4" y2="${height - 18}"/>`,
    html`<line class="target" x1="${at(x(rate))}" x2="${at(x(rate))}" y1="4" y2="${height - 18}"/>`,
    html`<text class="m" x="${at(x(rate))}" y="${height - 4}">${shownFigure(rate, 'share')}</text>`,
    ...all.map(({ name, decline, low: from, high: to }, i) => {
      const y = 18 + 22 * i;
      return html`<text x="0" y="${y + 4}">${name.length > 22 ? `${name.slice(0, 21)}…` : name}</text><line class="interval" x1="${at(x(from))}" x2="${at(x(to))}" y1="${y}" y2="${y}"/><circle class="dot" cx="${at(x(decline))}" cy="${y}" r="4"/><text class="e" x="${WIDTH}" y="${y + 4}">${shownFigure(decline, 'share')}</text>`;
    }),
  ]);
}
