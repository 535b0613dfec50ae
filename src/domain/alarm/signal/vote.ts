import type { Reading } from '../../reading.js';
import { isBeyond } from './compare.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';
import type { VoteSpec } from './spec.js';

/** Most pairs of device and member kept as met; more are turned away and counted, so no vote can ask for more. */
export const VOTE_MET_LIMIT = 24;

interface Met {
  readonly device: string;
  readonly member: number;
  at: number;
}

/**
 * How many members are met. A member stays met until a reading of the same series says otherwise, or until it has said
 * nothing for longer than the gap bound. Only what is met is kept. A reading that is not good leaves its member as it
 * was, except that with `unless_serviced` it may be met (a faulty detector is believed when it warns), M and C never.
 * Series may be at different times: age is counted from the newest of them.
 */
export class VoteSignal implements Signal {
  #newest = Number.NEGATIVE_INFINITY;
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

  take(reading: Reading, at: number, device = this.context.subject): number | null {
    const good = reading.quality === 'good';
    const serviced = reading.flag === 'M' || reading.flag === 'C';
    if (!good && (serviced || this.context.evidence === 'good')) return null;
    let evidence = false;
    this.spec.members.forEach((member, index) => {
      if (member.metric !== reading.metric) return;
      const met = isBeyond(member.side, member.setpoint, member.inclusive, reading.value);
      if (!good && !met) return;
      if (!evidence) this.#age(at);
      evidence = true;
      this.#set(device, index, at, met);
    });
    return evidence ? this.#count() : null;
  }

  save(): SignalMemory | null {
    if (!Number.isFinite(this.#newest)) return null;
    const names = [...new Set(this.#met.map((met) => met.device))];
    const numbers = this.#met.flatMap((met) => [names.indexOf(met.device), met.member, this.#newest - met.at]);
    return { spec: this.fingerprint, numbers: [this.#newest, ...numbers], names };
  }

  #age(at: number): void {
    this.#newest = Math.max(this.#newest, at);
    if (this.#met.some((met) => this.#isStale(met.at))) this.#met = this.#met.filter((met) => !this.#isStale(met.at));
  }

  #isStale(at: number): boolean {
    return this.#newest - at > this.context.maxGapMs;
  }

  #set(device: string, member: number, at: number, met: boolean): void {
    const known = this.#met.findIndex((entry) => entry.member === member && entry.device === device);
    if (!met) {
      if (known >= 0) this.#met.splice(known, 1);
    } else if (this.#isStale(at)) {
      return;
    } else if (known >= 0) {
      this.#met[known]!.at = at;
    } else if (this.#met.length < VOTE_MET_LIMIT) {
      this.#met.push({ device, member, at });
    } else {
      this.#turnedAway += 1;
    }
  }

  #count(): number {
    return this.spec.distinct ? new Set(this.#met.map((met) => met.member)).size : this.#met.length;
  }

  #restore({ numbers, names }: SignalMemory): void {
    const newest = numbers[0] ?? Number.NEGATIVE_INFINITY;
    this.#newest = newest;
    for (let index = 1; index + 2 < numbers.length; index += 3) {
      const device = names?.[numbers[index]!];
      if (device === undefined) continue;
      this.#met.push({ device, member: numbers[index + 1]!, at: newest - numbers[index + 2]! });
    }
  }
}
