/** The part of a standing alarm that grouping needs. */
export interface CausedAlarm {
  readonly id: string;
  readonly park: string | null;
  readonly place: string | null;
  /** Epoch ms. */
  readonly raisedAt: number;
  /** The alarm that caused it; null when none is known. */
  readonly cause: string | null;
}

/** An alarm without a cause, and all that follow from it. */
interface AlarmGroup<A extends CausedAlarm> {
  readonly root: A;
  /** In order of raise. */
  readonly children: readonly A[];
  /** Affected parks, each once, sorted. */
  readonly parks: readonly string[];
  readonly places: readonly string[];
}

/**
 * Groups standing alarms under the alarm that caused them; a chain of causes belongs to its first one. An alarm whose
 * cause does not stand is a root. In a circle of causes, which no rule makes, the alarm raised first is the root. The
 * group with the newest root comes first.
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

/** Walks to the root once per alarm and caches it for every alarm on the way. */
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
