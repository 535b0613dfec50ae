import type { Scope } from '../../../intensity/model/assess/scope.js';
import { CARRIERS } from '../../../intensity/model/boundary/carriers.js';
import type { MeterBook } from '../../../intensity/port.js';
import { deviceOf } from '../../../model/ids.js';
import type { IntensityAnswer, WireTexts } from '../wire.js';

/** A meter that the figures rest on, for as long as the tree says so. */
export interface ReportMeter {
  readonly device: string;
  readonly register: string;
  readonly carrier: string;
  readonly role: string;
  readonly owner: string;
  readonly from: string;
  /** Null while it still counts. */
  readonly to: string | null;
}

/**
 * The meters of a park or enterprise that count in the year; as the tree was known when the answer was published. A
 * district or the city opens into the reports of its parks.
 */
export function metersOf(
  book: Pick<MeterBook, 'tree'>,
  scope: Scope,
  answer: IntensityAnswer,
  { time }: WireTexts,
): ReportMeter[] {
  if (scope.kind !== 'park' && scope.kind !== 'enterprise') return [];
  const published = answer.asKnown === 'published' && answer.published !== null ? answer.published : null;
  const known = published === null ? undefined : { time: Date.parse(published.recordedAt) };
  const wanted = CARRIERS.filter((one) => (one === 'wastewater') === (answer.carrier === 'wastewater'));
  const [from, to] = [Date.UTC(answer.year, 0, 1), Date.UTC(answer.year + 1, 0, 1)];
  return book
    .tree(scope.kind === 'park' ? scope.id : scope.park, known)
    .filter((one) => scope.kind === 'park' || (one.owner.kind === 'enterprise' && one.owner.id === scope.id))
    .filter((one) => wanted.includes(one.carrier) && one.from < to && one.to > from)
    .map((one) => ({
      ...{ device: deviceOf(one.device), register: one.register, carrier: one.carrier, role: one.role },
      ...{ owner: one.owner.id, from: time(one.from), to: Number.isFinite(one.to) ? time(one.to) : null },
    }));
}
