import { setImmediate } from 'node:timers/promises';

/** Items that one turn of the event loop takes; each is a row of a file or an entry of a body. */
const AT_ONCE = 500;

/** What becomes of each item, one part after the other: a file may have tens of thousands. */
export async function flatMapInTurns<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => readonly R[],
): Promise<R[]> {
  const all: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await setImmediate();
    for (const one of map(item, index)) all.push(one);
  }
  return all;
}

/** As `flatMapInTurns`, one of each. */
export const mapInTurns = <T, R>(items: readonly T[], map: (item: T, index: number) => R): Promise<R[]> =>
  flatMapInTurns(items, (item, index) => [map(item, index)]);
