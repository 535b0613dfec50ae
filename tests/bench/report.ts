/** What a figure has to reach, and on which side of it. */
export interface Target {
  readonly side: 'at least' | 'at most';
  readonly value: number;
}

/** One measured figure. */
export interface Figure {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: Target;
  readonly note?: string;
}

/** What one benchmark found. `remarks` say what was skipped, and what limits the figures. */
export interface BenchResult {
  readonly figures: readonly Figure[];
  readonly remarks: readonly string[];
}

/** What a benchmark is told. */
export interface BenchOptions {
  /** Short rounds: shows that everything runs; its figures are rough. */
  readonly quick: boolean;
  /** Says what is going on. */
  readonly progress: (text: string) => void;
}

export const atLeast = (value: number): Target => ({ side: 'at least', value });
export const atMost = (value: number): Target => ({ side: 'at most', value });

export function met({ value, target }: Figure): boolean {
  if (!target) return true;
  return target.side === 'at least' ? value >= target.value : value <= target.value;
}

/** `met`, or by how much the target was missed; '' without a target. */
export function verdict(figure: Figure): string {
  const { value, target } = figure;
  if (!target) return '';
  if (met(figure)) return 'met';
  const by = target.value === 0 ? Math.abs(value) : Math.abs(value - target.value) / Math.abs(target.value);
  return `MISSED by ${(by * 100).toFixed(by < 0.1 ? 1 : 0)} %`;
}

/** Enough digits to read, no more: 20,123 · 61.2 · 0.613. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** The figures as a table for people, its columns as wide as they must be. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.bench,
    figure.name,
    readable(figure.value),
    figure.unit,
    figure.target ? `${figure.target.side} ${readable(figure.target.value)}` : '',
    verdict(figure),
    figure.note ?? '',
  ]);
  const all = [['benchmark', 'figure', 'value', 'unit', 'target', 'verdict', 'note'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = all;
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

/** The middle value; the mean of the two middle ones when there are as many above as below. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value below which `percent` of the values lie, by nearest rank. NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
