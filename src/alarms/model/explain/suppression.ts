import type { Alarm, AlarmEvent } from '../alarm.js';
import { SUPPRESSIONS, type SuppressionName } from '../state.js';
import { SUPPRESSION_BEGUN_BY, SUPPRESSION_ENDED_BY } from '../transition.js';

/** A time during which an alarm could not ask for attention. Epoch milliseconds; null: before the period, or still. */
export interface SuppressionSpan {
  readonly kind: SuppressionName;
  readonly from: number | null;
  readonly to: number | null;
  /** Token id of who did it, and what they said; null where it was by design. */
  readonly by: string | null;
  readonly why: string | null;
  /** The alarm that silenced it by design. */
  readonly cause: string | null;
}

/** The suppressions of a period: what held when it began, as the alarm was then, and what its events tell. */
export function suppressionSpans(before: Alarm | null, events: readonly AlarmEvent[]): readonly SuppressionSpan[] {
  const open = new Map<SuppressionName, SuppressionSpan>();
  const spans: SuppressionSpan[] = [];
  for (const kind of SUPPRESSIONS) {
    if (before !== null && holdsOf(before, kind)) open.set(kind, spanOf(before, kind, null));
  }
  for (const { event, receivedAt, alarm } of events) {
    const begun = SUPPRESSION_BEGUN_BY.get(event);
    if (begun !== undefined) open.set(begun, spanOf(alarm, begun, receivedAt));
    const ended = SUPPRESSION_ENDED_BY.get(event);
    if (ended === undefined) continue;
    const span = open.get(ended) ?? { kind: ended, from: null, to: null, by: null, why: null, cause: null };
    spans.push({ ...span, to: receivedAt });
    open.delete(ended);
  }
  return [...spans, ...open.values()];
}

function holdsOf({ shelved, outOfService, cause }: Alarm, kind: SuppressionName): boolean {
  if (kind === 'shelved') return shelved !== null;
  return kind === 'out_of_service' ? outOfService !== null : cause !== null;
}

function spanOf(alarm: Alarm, kind: SuppressionName, from: number | null): SuppressionSpan {
  const { shelved, outOfService, cause } = alarm;
  const act = kind === 'shelved' ? shelved : kind === 'out_of_service' ? outOfService : null;
  return {
    kind,
    from: act?.at ?? from,
    to: null,
    by: act?.by ?? null,
    why: act?.why ?? null,
    cause: kind === 'suppressed_by_design' ? cause : null,
  };
}

/** What suppresses at a time, the most lasting first; null: nothing. For times that rise from call to call. */
export class SuppressionClock {
  private known: { readonly from: number; readonly until: number; readonly name: SuppressionName | null } | null = null;

  constructor(private readonly spans: readonly SuppressionSpan[]) {}

  at(time: number): SuppressionName | null {
    if (this.known === null || time < this.known.from || time >= this.known.until) this.known = this.look(time);
    return this.known.name;
  }

  private look(time: number) {
    const edges = this.spans.flatMap(({ from, to }) => [from, to]).filter((edge) => edge !== null && edge > time);
    const holding = new Set(
      this.spans
        .filter(({ from, to }) => (from === null || from <= time) && (to === null || to > time))
        .map(({ kind }) => kind),
    );
    const name = (['out_of_service', 'shelved', 'suppressed_by_design'] as const).find((kind) => holding.has(kind));
    return { from: time, until: Math.min(...(edges as number[]), Number.POSITIVE_INFINITY), name: name ?? null };
  }
}
