import type { Reading } from '../../../model/reading.js';
import { isBeyond } from './compare.js';
import type { ArrivalTimes, Signal, SignalContext, SignalMemory } from './signal.js';
import type { VoteSpec } from './spec.js';

/** Most pairs of device and member kept as met; the signal counts those beyond, so no setpoint above it is reached. */
export const VOTE_MET_LIMIT = 24;

interface Met {
  readonly device: string;
  readonly member: number;
  /** Event time of the newest reading, and how long it holds. */
  at: number;
  holdMs: number;
}

/**
 * Number of members met. A member stays met until a newer reading of its series is not, or until its newest one no
 * longer holds, each by its own interval. Keeps only members that are met. A reading that is not good leaves its member
 * as it was, except that with `unless_serviced` it may be met (a faulty detector is believed when it warns), M and C
 * never. The caller leaves out readings older than the newest of their series.
 */
export class VoteSignal implements Signal {
  /** Last receipt: the time at which members are counted. */
  #now = Number.NEGATIVE_INFINITY;
  #met: Met[] = [];
  #turnedAway = 0;

  constructor(
    private readonly spec: VoteSpec,
    private readonly context: Pick<SignalContext, 'subject' | 'maxGapMs' | 'evidence'>,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    if (memory !== null) this.#restore(memory);
  }

  get turnedAway(): number {
    return this.#turnedAway;
  }

  measure(reading: Reading, at: number, device = this.context.subject, heard?: ArrivalTimes): number | null {
    const good = reading.quality === 'good';
    const serviced = reading.flag === 'M' || reading.flag === 'C';
    if (!good && (serviced || this.context.evidence === 'good')) return null;
    // A live reading counts at its receipt, since voters report over different ways; a late one at its own time.
    const own =
      heard === undefined ? at : heard.lagMs === null ? Math.min(reading.ts, heard.receivedAt) : heard.receivedAt;
    const holdMs = heard?.holdMs ?? this.context.maxGapMs;
    let evidence = false;
    this.spec.members.forEach((member, index) => {
      if (member.metric !== reading.metric) return;
      const met = isBeyond(member.side, member.setpoint, member.inclusive, reading.value);
      if (!good && !met) return;
      if (!evidence) this.#age(heard?.receivedAt ?? Math.max(this.#now, at));
      evidence = true;
      this.#set(device, index, own, holdMs, met);
    });
    return evidence ? this.#count() : null;
  }

  save(): SignalMemory | null {
    if (!Number.isFinite(this.#now)) return null;
    const names = [...new Set(this.#met.map((met) => met.device))];
    const numbers = this.#met.flatMap(({ device, member, at, holdMs }) => {
      const name = names.indexOf(device);
      const usual = holdMs === this.context.maxGapMs;
      return [name, member, this.#now - at, ...(usual ? [] : [name, HOLD + member, holdMs])];
    });
    return { spec: this.fingerprint, numbers: [this.#now, ...numbers], names };
  }

  #age(now: number): void {
    // The service's clock was set back: no reading is later than now.
    if (now < this.#now) for (const met of this.#met) met.at = Math.min(met.at, now);
    this.#now = now;
    if (this.#met.some((met) => this.#isStale(met.at, met.holdMs))) {
      this.#met = this.#met.filter((met) => !this.#isStale(met.at, met.holdMs));
    }
  }

  #isStale(at: number, holdMs: number): boolean {
    return this.#now - at > holdMs;
  }

  #set(device: string, member: number, at: number, holdMs: number, met: boolean): void {
    const known = this.#met.findIndex((entry) => entry.member === member && entry.device === device);
    if (!met) {
      if (known >= 0) this.#met.splice(known, 1);
    } else if (this.#isStale(at, holdMs)) {
      return;
    } else if (known >= 0) {
      Object.assign(this.#met[known]!, { at, holdMs });
    } else if (this.#met.length < VOTE_MET_LIMIT) {
      this.#met.push({ device, member, at, holdMs });
    } else {
      this.#turnedAway += 1;
    }
  }

  /** In a place only devices vote: one with two metrics is one voter, however many members it meets. */
  #count(): number {
    if (this.spec.scope === 'device' || this.#met.length < 2) return this.#met.length;
    return this.spec.distinct ? this.#matching() : new Set(this.#met.map((met) => met.device)).size;
  }

  /** Most members with a different device each. */
  #matching(): number {
    const standsFor = new Map<string, number>();
    const assign = (member: number, tried: Set<string>): boolean =>
      this.#met.some((met) => {
        if (met.member !== member || tried.has(met.device)) return false;
        tried.add(met.device);
        const other = standsFor.get(met.device);
        if (other !== undefined && !assign(other, tried)) return false;
        standsFor.set(met.device, member);
        return true;
      });
    return this.spec.members.filter((_, member) => assign(member, new Set())).length;
  }

  #restore({ numbers, names }: SignalMemory): void {
    const now = numbers[0] ?? Number.NEGATIVE_INFINITY;
    this.#now = now;
    for (let index = 1; index + 2 < numbers.length; index += 3) {
      const device = names?.[numbers[index]!];
      const [member, number] = [numbers[index + 1]!, numbers[index + 2]!];
      if (device === undefined) continue;
      if (member >= HOLD) this.#met.at(-1)!.holdMs = number;
      else this.#met.push({ device, member, at: now - number, holdMs: this.context.maxGapMs });
    }
  }
}

/** In a memory, marks a hold of the member before that differs from the usual one. */
const HOLD = 1_000;
