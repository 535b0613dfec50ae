import type { TimeSpan } from '../../port/stats.js';

/** Puts a run of hours among others, which are disjoint and rising; those that touch become one. */
export function addRange(ranges: readonly TimeSpan[], { from, to }: TimeSpan): TimeSpan[] {
  const before = ranges.filter((range) => range.to < from);
  const after = ranges.filter((range) => range.from > to);
  const joined = ranges.slice(before.length, ranges.length - after.length);
  const merged = {
    from: Math.min(from, joined[0]?.from ?? from),
    to: Math.max(to, joined.at(-1)?.to ?? to),
  };
  return [...before, merged, ...after];
}

/** Spans in any order, those that touch as one; beyond `most`, the last one reaches over the rest. */
export function united(spans: readonly TimeSpan[], most: number): TimeSpan[] {
  const found: TimeSpan[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || (from > last.to && found.length < most)) found.push({ from, to });
    else found[found.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return found;
}

/** What is left of ranges at and after `at`. */
export function rangesFrom(ranges: readonly TimeSpan[], at: number): TimeSpan[] {
  return ranges.filter(({ to }) => to > at).map(({ from, to }) => ({ from: Math.max(from, at), to }));
}

/** What is left of ranges without another. */
export function rangesWithout(ranges: readonly TimeSpan[], { from, to }: TimeSpan): TimeSpan[] {
  return ranges.flatMap((range) => [
    ...(range.from < from ? [{ from: range.from, to: Math.min(range.to, from) }] : []),
    ...(range.to > to ? [{ from: Math.max(range.from, to), to: range.to }] : []),
  ]);
}
