/** What grouping needs of a standing alarm. */
export interface CausedAlarm {
  readonly id: string;
  readonly park: string | null;
  readonly place: string | null;
  /** Epoch ms. */
  readonly raisedAt: number;
  /** The alarm that brought it about; null when none is known. */
  readonly cause: string | null;
}

/** An alarm that nothing else caused, and all that follow from it. */
interface AlarmGroup<A extends CausedAlarm> {
  readonly root: A;
  /** Those raised first in front. */
  readonly children: readonly A[];
  /** Where it is felt, each once, sorted. */
  readonly parks: readonly string[];
  readonly places: readonly string[];
}

/**
 * Groups standing alarms under the alarm that caused them; a chain of causes belongs to its first one. An alarm whose
 * cause does not stand is a root. Causes in a circle, which no rule makes, count as caused by the one raised first.
 * The group with the newest root comes first.
 */
export function groupByCause<A extends CausedAlarm>(alarms: Iterable<A>): AlarmGroup<A>[] {
  const byId = new Map<string, A>();
  for (const alarm of alarms) byId.set(alarm.id, alarm);
  const roots = new Map<A, A>();
  const members = new Map<A, A[]>();
  for (const alarm of byId.values()) {
    const root = rootOf(alarm, byId, roots);
    const group = members.get(root);
    if (group) group.push(alarm);
    else members.set(root, [alarm]);
  }
  return Array.from(members, ([root, group]) => groupOf(root, group)).sort((a, b) => -older(a.root, b.root));
}

/** Walks to the root once per alarm: what was found is kept for every alarm on the way. */
function rootOf<A extends CausedAlarm>(alarm: A, byId: ReadonlyMap<string, A>, roots: Map<A, A>): A {
  const way = new Set<A>();
  let here = alarm;
  let root = roots.get(here);
  while (root === undefined) {
    if (way.has(here)) root = firstOf(circleFrom(way, here));
    else {
      way.add(here);
      const cause = here.cause === null ? undefined : byId.get(here.cause);
      root = cause === undefined ? here : roots.get(cause);
      if (root === undefined && cause !== undefined) here = cause;
    }
  }
  for (const passed of way) roots.set(passed, root);
  return root;
}

/** The part of the way that goes round. */
function circleFrom<A>(way: ReadonlySet<A>, start: A): A[] {
  const all = [...way];
  return all.slice(all.indexOf(start));
}

function firstOf<A extends CausedAlarm>(alarms: readonly A[]): A {
  return alarms.reduce((first, one) => (older(one, first) < 0 ? one : first));
}

function groupOf<A extends CausedAlarm>(root: A, members: readonly A[]): AlarmGroup<A> {
  return {
    root,
    children: members.filter((one) => one !== root).sort(older),
    parks: named(members.map((one) => one.park)),
    places: named(members.map((one) => one.place)),
  };
}

function named(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null))].sort();
}

function older(a: CausedAlarm, b: CausedAlarm): number {
  return a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
