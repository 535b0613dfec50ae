import { DAY_MS } from '../../../model/time/duration.js';
import { messageOf } from '../../port/errors.js';
import type { Chore, HistorianStore } from '../../port/store.js';
import { Backoff } from '../pacing/waiting.js';
import { type BelievedTime, RetentionTime, SteadyTime } from './believed-time.js';

/** The time believed is written down when it has gone on by so much. */
const SAVE_EVERY_MS = 3_600_000;

interface HousekeepingOptions {
  readonly rawDays: number;
  /** Chores beside those of the store. */
  readonly more?: readonly Chore[];
  /** Time of receipt (epoch ms) until which the store has everything, as of `now`. */
  readonly settledTo: (now: number) => number;
  /** `again`: with the same words as before. */
  readonly onFailed: (error: unknown, again: boolean) => void;
  /** Told after every round, whatever came of it. */
  readonly onDone: () => void;
}

/** Where one chore stands. */
interface Standing {
  error: unknown;
  /** What of it fails by itself. */
  problem: string | null;
  readonly backoff: Backoff;
  quietUntil: number;
}

/**
 * Lets the store keep its house, one round at a time. Each chore fails for itself and is not tried at once again; the
 * others go on.
 */
export class Housekeeping {
  private readonly time: SteadyTime;
  private retention: RetentionTime | null = null;
  private readonly standings = new Map<string, Standing>();
  private busy = false;
  private stopped = false;

  constructor(
    private readonly store: Pick<HistorianStore, 'maintain' | 'chores' | 'times'>,
    private readonly options: HousekeepingOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.time = new SteadyTime(clock);
  }

  /** What a chore failed with without which the journal cannot be trimmed, else null. */
  get error(): unknown {
    for (const { name, vital } of this.chores()) {
      const error = this.standings.get(name)?.error ?? null;
      if (vital && error !== null) return error;
    }
    return null;
  }

  /** What each chore last failed with, if it did, or what of it fails by itself. */
  get failures(): Readonly<Record<string, string | null>> {
    return Object.fromEntries(
      this.chores().map(({ name }) => {
        const { error = null, problem = null } = this.standings.get(name) ?? {};
        return [name, error === null ? problem : messageOf(error)];
      }),
    );
  }

  /** Seals, rolls up, compacts and deletes what is due at `now` (epoch ms), unless that is going on or failed a moment ago. */
  tick(now: number): void {
    if (this.busy || this.stopped) return;
    const due = this.chores().filter(({ name }) => this.clock() >= this.standing(name).quietUntil);
    if (due.length === 0) return;
    this.busy = true;
    void this.round(due, now).finally(() => {
      this.busy = false;
      if (!this.stopped) this.options.onDone();
    });
  }

  /** Something that a chore will try again failed beside it. */
  failed(error: unknown, name = this.chores()[0]!.name): void {
    const standing = this.standing(name);
    const again = standing.error !== null && String(standing.error) === String(error);
    standing.error = error;
    this.options.onFailed(error, again);
  }

  /** There is hope: the next tick tries all of them, whatever failed before. */
  hurry(): void {
    for (const standing of this.standings.values()) standing.quietUntil = Number.NEGATIVE_INFINITY;
  }

  stop(): void {
    this.stopped = true;
  }

  private chores(): readonly Chore[] {
    const { store } = this;
    const own: readonly Chore[] = store.chores?.() ?? [
      {
        name: 'upkeep',
        vital: true,
        work: ({ now, keepFrom, settledTo }) => store.maintain(now, keepFrom, settledTo),
      },
    ];
    return [...own, ...(this.options.more ?? [])];
  }

  private async round(due: readonly Chore[], wall: number): Promise<void> {
    const { rawDays, settledTo } = this.options;
    const believed = this.time.read(wall);
    const times = {
      now: wall,
      keepFrom: this.retentionTime(wall, believed) - rawDays * DAY_MS,
      settledTo: settledTo(believed.now),
    };
    for (const { name, work, problem } of due) {
      if (this.stopped) return;
      const standing = this.standing(name);
      try {
        await work(times);
        standing.backoff.succeeded();
        standing.error = null;
      } catch (error) {
        if (this.stopped) return;
        standing.quietUntil = this.clock() + standing.backoff.delay();
        this.failed(error, name);
      }
      this.note(standing, problem?.() ?? null);
    }
  }

  private note(standing: Standing, problem: string | null): void {
    if (problem !== null && problem !== standing.problem) this.options.onFailed(new Error(problem), false);
    standing.problem = problem;
  }

  /** -Infinity while nothing may be deleted. */
  private retentionTime(wall: number, { now, steady }: BelievedTime): number {
    const { times } = this.store;
    // A store without any reading has none to delete; one that cannot say yet may have all of them.
    if (times && times.newest === null) return Number.NEGATIVE_INFINITY;
    this.retention ??= new RetentionTime(times?.believed ?? null, this.clock);
    const time = this.retention.read(wall, times ?? { own: null, newest: null });
    const { last } = this.retention;
    // A clock that was set back takes it along, or the way up again would look like no leap.
    if (times && last !== null && Math.abs(last - (times.believed ?? 0)) >= SAVE_EVERY_MS) times.believed = last;
    return steady ? Math.min(now, time) : Number.NEGATIVE_INFINITY;
  }

  private standing(name: string): Standing {
    let standing = this.standings.get(name);
    if (standing === undefined) {
      standing = {
        error: null,
        problem: null,
        backoff: new Backoff(1_000, 30_000),
        quietUntil: Number.NEGATIVE_INFINITY,
      };
      this.standings.set(name, standing);
    }
    return standing;
  }
}
