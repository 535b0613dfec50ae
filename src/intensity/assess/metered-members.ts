import { type Historian, type HistoryLag, olderLag } from '../../historian/port/queries.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthAt } from '../local-months.js';
import type { Metering } from '../model/assess/quantity-book.js';
import { parkOfMember } from '../model/assess/scope.js';
import { type Month, monthOf } from '../model/statistics/period.js';
import type { Consumption } from '../port.js';
import type { Known } from './known.js';
import { type Metered, meteredOf } from './park-books.js';

/** How long an answer from the meters may be given again, since readings come all the time. */
const FRESH_MS = 60_000;
/** Reading the meters again may use this share of the time. */
const MAX_DUTY = 0.05;
/** An answer older than this is not given: the client waits for a newer one. */
const STALE_MS = 900_000;
/** Most members kept, each counted once for energy and once for wastewater. */
const MAX_KEPT = 4_000;

interface Kept {
  readonly stamp: string;
  readonly made: Promise<Metered>;
}

/** What was read for one moment: of all scopes the same, so that a city's figure is the sum of its parks'. */
export interface ReadMembers {
  /** Epoch ms. */
  readonly asAt: number;
  readonly members: Map<string, Kept & { readonly member: string; readonly tracked: Metering }>;
  /** What some of it lacks. */
  lag: HistoryLag | null;
}

interface MeteredDeps {
  readonly consumption: Consumption;
  /** As of `Historian`; left out: answers lack nothing. */
  readonly lagSince?: Historian['lagSince'] | undefined;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/**
 * What the meters of members say, as read at one moment. A later moment is read beside, while the earlier one answers;
 * what somebody said of the meters of a park is read at once.
 */
export class MeteredMembers {
  #reading: ReadMembers;
  #next: Promise<void> | null = null;
  #tookMs = 0;
  readonly #late = new Map<string, number>();
  readonly #read = new Set<string>();
  #isClosed = false;

  constructor(private readonly deps: MeteredDeps) {
    this.#reading = { asAt: deps.clock(), members: new Map(), lag: null };
  }

  /** The data of the answers given now. A call may begin the next reading of the meters. */
  current(known: () => Known): ReadMembers {
    const age = Math.abs(this.deps.clock() - this.#reading.asAt);
    if (this.#reading.members.size === 0 || age >= STALE_MS) {
      if (age > 0) this.#reading = { asAt: this.deps.clock(), members: new Map(), lag: null };
    } else if (age >= Math.max(FRESH_MS, this.#tookMs / MAX_DUTY)) void this.renew(known).catch(() => undefined);
    return this.#reading;
  }

  /** Whether the service has read all of these members before, so that an answer is quick. */
  isWarm(members: Iterable<string>, tracked: Metering): boolean {
    for (const member of members) if (!this.#read.has(`${member} ${tracked}`)) return false;
    return true;
  }

  /** @throws HistorianUnavailableError */
  of(reading: ReadMembers, member: string, tracked: Metering, known: Known): Promise<Metered> {
    const { asAt, members } = reading;
    const { consumption, lagSince, zone } = this.deps;
    const key = `${member} ${tracked}`;
    const park = parkOfMember(member);
    const first: Month = monthOf(known.policy.baseYear, 1);
    const stamp = `${first} ${known.meterStampOf(park)} ${this.#late.get(park) ?? 0}`;
    const before = members.get(key);
    if (before?.stamp === stamp) return before.made;
    const lag = lagSince?.();
    const made = meteredOf(consumption, member, tracked, { first, last: monthAt(zone, asAt), asAt });
    members.delete(key);
    members.set(key, { stamp, made, member, tracked });
    for (const oldest of members.keys()) if (members.size > MAX_KEPT) members.delete(oldest);
    made.then(
      () => {
        this.#read.add(key);
        reading.lag = olderLag(reading.lag, lag?.() ?? null);
      },
      // The client that asked gets the error; the next one tries again.
      () => {
        if (members.get(key)?.made === made) members.delete(key);
      },
    );
    return made;
  }

  /** Readings arrived of a park for months that are long over. */
  late(park: string): void {
    this.#late.set(park, (this.#late.get(park) ?? 0) + 1);
  }

  /** Reads everything for this moment that was asked for before. @throws HistorianUnavailableError where nothing can be read */
  renew(known: () => Known): Promise<void> {
    this.#next ??= this.#renew(known).finally(() => {
      this.#next = null;
    });
    return this.#next;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #renew(known: () => Known): Promise<void> {
    const startedAt = performance.now();
    const before = this.#reading;
    const next: ReadMembers = { asAt: this.deps.clock(), members: new Map(), lag: null };
    let failure: unknown = null;
    for (const { member, tracked } of before.members.values()) {
      if (this.#isClosed) return;
      // One that cannot be read keeps the others from being read as little as those who ask for them.
      await this.of(next, member, tracked, known()).catch((error: unknown) => {
        failure = error;
      });
    }
    if (failure !== null && next.members.size === 0) throw failure;
    // A client may have asked for newer answers meanwhile.
    if (this.#reading === before) this.#reading = next;
    this.#tookMs = performance.now() - startedAt;
  }
}
