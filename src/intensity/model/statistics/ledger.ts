import { revisionTime } from '../../../model/time/revision-time.js';

/** Who told it, and where it came from. */
export interface Origin {
  /** Token or name of who recorded it. */
  readonly by: string;
  /** The file or paper, such as `增加值_2026-11.xlsx`. */
  readonly source: string;
  /** Why, in words of who recorded it. */
  readonly reason?: string;
}

/** One act of recording: all that came in one file or request. */
export interface Revision<T> extends Origin {
  /** 1, 2, 3… of this ledger. */
  readonly version: number;
  /** Epoch ms, later than that of the version before, unless the clock was set back by more than a day in between. */
  readonly recordedAt: number;
  /** Latest belief about each key it holds; null withdraws what was believed. */
  readonly items: ReadonlyMap<string, T | null>;
}

/** Everything that was ever believed, oldest first. Nothing in it is changed or taken out. */
export type Ledger<T> = readonly Revision<T>[];

/** A belief with the version it comes from. */
export interface Believed<T> extends Origin {
  readonly key: string;
  readonly value: T;
  readonly version: number;
  readonly recordedAt: number;
}

/** The moment whose knowledge is asked for: an instant (epoch ms), a version, or all that is known. */
export type AsOf = { readonly time: number } | { readonly version: number } | 'latest';

/** What was believed at one moment. */
export interface Beliefs<T> {
  /** The last version that was known; 0 when nothing was. */
  readonly version: number;
  readonly at: ReadonlyMap<string, Believed<T>>;
}

/** The ledger with one more revision, at `revisionTime` of `now`, epoch ms. */
export function record<T>(
  ledger: Ledger<T>,
  items: Iterable<readonly [key: string, value: T | null]>,
  origin: Origin,
  now: number,
): Ledger<T> {
  const last = ledger.at(-1);
  const recordedAt = revisionTime(last?.recordedAt ?? Number.NEGATIVE_INFINITY, now);
  const version = (last?.version ?? 0) + 1;
  return [...ledger, { version, recordedAt, ...originOf(origin), items: new Map(items) }];
}

/** The version that was the newest at a moment; 0 when nothing had been recorded. */
export function versionAt<T>(ledger: Ledger<T>, asOf: AsOf): number {
  if (asOf === 'latest') return ledger.length;
  if ('version' in asOf) return Math.max(0, Math.min(asOf.version, ledger.length));
  return ledger.findLastIndex(({ recordedAt }) => recordedAt <= asOf.time) + 1;
}

/**
 * What the ledger said at a moment: of each key the latest that had been recorded by then.
 * @param from what it said at an earlier moment, to go on from
 */
export function believed<T>(
  ledger: Ledger<T>,
  asOf: AsOf,
  from: Beliefs<T> = { version: 0, at: new Map() },
): Beliefs<T> {
  const known = versionAt(ledger, asOf);
  const at = new Map(from.at);
  for (const { version, recordedAt, items, ...origin } of ledger.slice(from.version, known)) {
    for (const [key, value] of items) {
      if (value === null) at.delete(key);
      else at.set(key, { key, value, version, recordedAt, ...originOf(origin) });
    }
  }
  return { version: known, at };
}

/** Every belief about one key in the order in which it was recorded; a withdrawal has the value null. */
export function historyOf<T>(ledger: Ledger<T>, key: string): Believed<T | null>[] {
  return ledger.flatMap(({ version, recordedAt, items, ...origin }) => {
    const value = items.get(key);
    return value === undefined ? [] : [{ key, value, version, recordedAt, ...originOf(origin) }];
  });
}

/** The keys that revisions after a version hold: nothing else can differ since, as versions count from 1 without gaps. */
export const keysSince = (ledger: Ledger<unknown>, version: number): ReadonlySet<string> =>
  new Set(ledger.slice(version).flatMap(({ items }) => [...items.keys()]));

/** A belief that is another than before; null where there was none, or is none any more. */
export interface Changed<T> {
  readonly key: string;
  readonly before: T | null;
  readonly after: T | null;
}

/**
 * The beliefs that differ between a version and the newest one, whichever way: what has to be computed anew.
 * @param now what the ledger says now
 */
export function changedSince<T>(
  ledger: Ledger<T>,
  version: number,
  now: Beliefs<T>,
  same: (a: T | null, b: T | null) => boolean,
): Changed<T>[] {
  return [...keysSince(ledger, version)].flatMap((key) => {
    const before = ledger.findLast((one) => one.version <= version && one.items.has(key))?.items.get(key) ?? null;
    const after = now.at.get(key)?.value ?? null;
    return same(before, after) ? [] : [{ key, before, after }];
  });
}

/** Nothing else that an object may hold. */
const originOf = ({ by, source, reason }: Origin): Origin => ({ by, source, ...(reason !== undefined && { reason }) });
