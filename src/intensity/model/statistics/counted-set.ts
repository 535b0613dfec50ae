import { type FieldError, inPart, must } from '../../../model/field-error.js';
import type { InSteps } from '../steps.js';

/**
 * The enterprises above designated size (规上) whose added value the statistics of one year cover. The set changes each
 * year; last year is restated on this year's set before the two are compared.
 */
export interface CountedSet {
  /** `park:{id}`, `district:{id}` or `city`. */
  readonly scope: string;
  readonly year: number;
  /** `enterprise:{park}/{id}`, each once. */
  readonly members: readonly string[];
}

/** The key under which the ledger keeps a set. */
export const setKey = ({ scope, year }: Pick<CountedSet, 'scope' | 'year'>): string => `${scope} ${year}`;

/** What is wrong with sets that came together, by path such as `sets.0.members.2`. */
export function* checkingSets(
  sets: readonly CountedSet[],
  enterprisesOf: (scope: string) => ReadonlySet<string>,
): InSteps<readonly FieldError[]> {
  const seen = new Map<string, number>();
  const wrong: FieldError[] = [];
  for (const [index, set] of sets.entries()) {
    const twin = seen.get(setKey(set));
    seen.set(setKey(set), index);
    const part = `sets.${index}`;
    wrong.push(
      ...inPart(part, must(twin === undefined, 'year', `one set for each scope and year: sets.${twin} has it already`)),
      ...inPart(part, must(set.members.length > 0, 'members', 'at least one enterprise')),
    );
    const allowed = enterprisesOf(set.scope);
    yield;
    const members = new Set<string>();
    for (const [place, member] of set.members.entries()) {
      const field = `${part}.members.${place}`;
      wrong.push(
        ...must(!members.has(member), field, 'each enterprise once'),
        ...must(allowed.has(member), field, `an enterprise of ${set.scope}`),
      );
      members.add(member);
      yield;
    }
  }
  return wrong;
}

/** Ids of the members of this year's set alone, and of last year's alone. */
interface SetChange {
  readonly entered: readonly string[];
  readonly left: readonly string[];
}

/** How this year's set differs from that of the year before. */
export function setChange(current: readonly string[], previous: readonly string[]): SetChange {
  const now = new Set(current);
  const before = new Set(previous);
  return {
    entered: current.filter((member) => !before.has(member)),
    left: previous.filter((member) => !now.has(member)),
  };
}
