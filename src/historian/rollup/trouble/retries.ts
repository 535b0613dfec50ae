import { HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import { messageOf } from '../../port/errors.js';

/** A failure, and when the next try is due. */
interface Trouble {
  readonly reason: string;
  readonly since: number;
  readonly tries: number;
  readonly quietUntil: number;
}

/** Kinds of work that can fail alone. */
type Kind = 'hour' | 'day' | 'series' | 'chore';

const [FIRST_MS, LONGEST_MS] = [MINUTE_MS, HOUR_MS];
/** Most failures remembered; beyond, further ones wait until there is space. */
const MOST = 10_000;
/** Readings are no longer kept for work that has failed this long. */
const PATIENCE_MS = 48 * HOUR_MS;
const REASON_LENGTH = 300;

/**
 * Failures of hours, days, series and chores, each with its own back-off: the first retry is immediate, the second
 * after a minute, later ones after at most an hour. In memory: a restart tries all of them at once.
 */
export class Retries {
  private readonly troubles = new Map<string, Trouble>();

  /** @param uptime monotonic milliseconds */
  constructor(private readonly uptime: () => number) {}

  /** Returns the number of failures so far. */
  failed(kind: Kind, name: string | number, error: unknown): number {
    const key = `${kind} ${name}`;
    const known = this.troubles.get(key);
    if (known === undefined && this.troubles.size >= MOST) return 1;
    const tries = (known?.tries ?? 0) + 1;
    const now = this.uptime();
    const quiet = tries < 2 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 2));
    const reason = messageOf(error).slice(0, REASON_LENGTH);
    this.troubles.set(key, { reason, tries, since: known?.since ?? now, quietUntil: now + quiet });
    return tries;
  }

  succeeded(kind: Kind, name: string | number): void {
    if (this.troubles.size > 0) this.troubles.delete(`${kind} ${name}`);
  }

  isDue(kind: Kind, name: string | number): boolean {
    if (this.troubles.size === 0) return true;
    const known = this.troubles.get(`${kind} ${name}`);
    return known === undefined ? this.troubles.size < MOST : this.uptime() >= known.quietUntil;
  }

  /** Whether readings are still kept for this work. */
  isWaitedFor(kind: Kind, name: string | number): boolean {
    if (this.troubles.size === 0) return true;
    const known = this.troubles.get(`${kind} ${name}`);
    return known === undefined ? this.troubles.size < MOST : this.uptime() - known.since < PATIENCE_MS;
  }

  reasonOf(kind: Kind, name: string | number): string | null {
    return this.troubles.get(`${kind} ${name}`)?.reason ?? null;
  }

  /** Names whose retry failed too. */
  setAside(kind: Kind): string[] {
    const names: string[] = [];
    for (const [key, { tries }] of this.troubles) {
      if (tries >= 2 && key.startsWith(`${kind} `)) names.push(key.slice(kind.length + 1));
    }
    return names;
  }

  /** Forgets failures of a kind that are done or no longer needed. */
  forget(kind: Kind, isDone: (name: string) => boolean): void {
    for (const key of this.troubles.keys()) {
      if (key.startsWith(`${kind} `) && isDone(key.slice(kind.length + 1))) this.troubles.delete(key);
    }
  }
}
