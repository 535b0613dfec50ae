import { type Historian, type HistoryLag, olderLag } from '../../historian/port/queries.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthAt } from '../local-months.js';
import { carriersOf, type Metering } from '../model/assess/quantity-book.js';
import { meterScopeOf, parkOfMember } from '../model/assess/scope.js';
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
/** Media are asked for rarely: once nobody does for this long, they are not read any more. */
const MEDIA_ASKED_MS = 3_600_000;
/** Most members kept, each counted once for energy and once for wastewater. */
const MAX_KEPT = 4_000;
/** Members whose meters are read together. */
export const MEMBERS_AT_ONCE = 32;

interface Kept {
  readonly stamp: string;
  readonly made: Promise<Metered>;
  readonly member: string;
  readonly tracked: Metering;
  /** When a client asked for it last, epoch ms. */
  askedAt: number;
}

/** What was read for one moment: of all scopes the same, so that a city's figure is the sum of its parks'. */
export interface ReadMembers {
  /** Epoch ms. */
  readonly asAt: number;
  readonly members: Map<string, Kept>;
  /** What is being read together, by the keys of `members`. */
  readonly together: Map<string, Promise<void>>;
  /** What some of it lacks. */
  lag: HistoryLag | null;
}

const readingOf = (asAt: number): ReadMembers => ({ asAt, members: new Map(), together: new Map(), lag: null });

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
    this.#reading = readingOf(deps.clock());
  }

  /** The data of the answers given now. A call may begin the next reading of the meters. */
  current(known: () => Known): ReadMembers {
    const age = Math.abs(this.deps.clock() - this.#reading.asAt);
    const { members, together } = this.#reading;
    if ((members.size === 0 && together.size === 0) || age >= STALE_MS) {
      if (age > 0) this.#reading = readingOf(this.deps.clock());
    } else if (age >= Math.max(FRESH_MS, this.#tookMs / MAX_DUTY)) void this.renew(known).catch(() => undefined);
    return this.#reading;
  }

  /** Whether the service has read all of these members before, so that an answer is quick. */
  isWarm(members: Iterable<string>, tracked: Metering): boolean {
    for (const member of members) if (!this.#read.has(`${member} ${tracked}`)) return false;
    return true;
  }

  /**
   * Reads together what `of` would read of these members one by one; what cannot be read is left to it. Ask for some
   * members at a time: what was read waits for those who ask for it.
   */
  async readTogether(reading: ReadMembers, members: readonly string[], tracked: Metering, known: Known): Promise<void> {
    const { together, asAt } = reading;
    const lacking = members.filter((member) => {
      return reading.members.get(`${member} ${tracked}`)?.stamp !== this.#stampOf(member, known);
    });
    const fresh = lacking.filter((member) => !together.has(`${member} ${tracked}`));
    const first: Month = monthOf(known.policy.baseYear, 1);
    if (fresh.length > 0) {
      const span = { first, last: monthAt(this.deps.zone, asAt), asAt };
      const lag = this.deps.lagSince?.();
      const read = this.deps.consumption
        .readTogether(fresh.map(meterScopeOf), carriersOf(tracked), span)
        .catch(() => undefined)
        .then(() => {
          reading.lag = olderLag(reading.lag, lag?.() ?? null);
        });
      for (const member of fresh) together.set(`${member} ${tracked}`, read);
      void read.then(() => {
        for (const member of fresh) together.delete(`${member} ${tracked}`);
      });
    }
    await Promise.all(lacking.map((member) => together.get(`${member} ${tracked}`)));
  }

  /** All of these members, some at a time. What cannot be read is left to those who ask for it; of two parks, all that is left is. */
  async ofAll(reading: ReadMembers, members: readonly string[], tracked: Metering, known: Known): Promise<void> {
    const unread = new Set<string>();
    for (let i = 0; i < members.length; i += MEMBERS_AT_ONCE) {
      const some = members.slice(i, i + MEMBERS_AT_ONCE).filter((member) => !unread.has(parkOfMember(member)));
      await this.readTogether(reading, some, tracked, known);
      for (const member of some) {
        if (this.#isClosed || unread.size > 1) return;
        if (unread.has(parkOfMember(member))) continue;
        await this.of(reading, member, tracked, known).catch(() => unread.add(parkOfMember(member)));
      }
    }
  }

  /** @throws HistorianUnavailableError */
  of(reading: ReadMembers, member: string, tracked: Metering, known: Known): Promise<Metered> {
    return this.#of(reading, { member, tracked, askedAt: this.deps.clock() }, known);
  }

  #of(
    reading: ReadMembers,
    { member, tracked, askedAt }: Pick<Kept, 'member' | 'tracked' | 'askedAt'>,
    known: Known,
  ): Promise<Metered> {
    const { asAt, members } = reading;
    const { consumption, lagSince, zone } = this.deps;
    const key = `${member} ${tracked}`;
    const first: Month = monthOf(known.policy.baseYear, 1);
    const stamp = this.#stampOf(member, known);
    const before = members.get(key);
    if (before?.stamp === stamp) {
      before.askedAt = askedAt;
      return before.made;
    }
    const lag = lagSince?.();
    const made = meteredOf(consumption, member, tracked, { first, last: monthAt(zone, asAt), asAt });
    members.delete(key);
    members.set(key, { stamp, made, member, tracked, askedAt });
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

  /** Another value whenever its meters have to be read again. */
  #stampOf(member: string, known: Known): string {
    const park = parkOfMember(member);
    return `${known.policy.baseYear} ${known.meterStampOf(park)} ${this.#late.get(park) ?? 0}`;
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

  #isStillAsked({ member, tracked, askedAt }: Kept): boolean {
    if (tracked !== 'media' || Math.abs(this.deps.clock() - askedAt) < MEDIA_ASKED_MS) return true;
    this.#read.delete(`${member} ${tracked}`);
    return false;
  }

  async #renew(known: () => Known): Promise<void> {
    const startedAt = performance.now();
    const before = this.#reading;
    const next: ReadMembers = readingOf(this.deps.clock());
    let failure: unknown = null;
    // What is asked for meanwhile is read too.
    for (const alike of inChunks(before.members.values())) {
      const asked = alike.filter((one) => this.#isStillAsked(one));
      const members = asked.map(({ member }) => member);
      if (!this.#isClosed) await this.readTogether(next, members, alike[0]!.tracked, known());
      for (const one of asked) {
        if (this.#isClosed) return;
        // One that cannot be read keeps the others from being read as little as those who ask for them.
        await this.#of(next, one, known()).catch((error: unknown) => {
          failure = error;
        });
      }
    }
    if (failure !== null && next.members.size === 0) throw failure;
    // A client may have asked for newer answers meanwhile.
    if (this.#reading === before) this.#reading = next;
    this.#tookMs = performance.now() - startedAt;
  }
}

/** Those that follow each other and are tracked alike, as many as are read together. */
function* inChunks(all: Iterable<Kept>): Generator<Kept[]> {
  let some: Kept[] = [];
  for (const one of all) {
    if (some.length >= MEMBERS_AT_ONCE || (some.length > 0 && some[0]!.tracked !== one.tracked)) {
      yield some;
      some = [];
    }
    some.push(one);
  }
  if (some.length > 0) yield some;
}
