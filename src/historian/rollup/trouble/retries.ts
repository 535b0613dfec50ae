import { HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import { messageOf } from '../../port/errors.js';

/** What failed, and when it is tried again. */
interface Trouble {
  readonly reason: string;
  readonly since: number;
  readonly tries: number;
  readonly quietUntil: number;
}

/** Kinds of what can fail alone. */
type Kind = 'hour' | 'day' | 'series' | 'chore';

const [FIRST_MS, LONGEST_MS] = [MINUTE_MS, HOUR_MS];
/** What is known of that fail; beyond, more of them wait until there is room again. */
const MOST = 10_000;
/** What has failed for so long is not waited for any more: readings are not kept because of it. */
const PATIENCE_MS = 48 * HOUR_MS;
const REASON_LENGTH = 300;

/**
 * Hours, days and series whose roll-ups fail by themselves, each with a back-off of its own: tried again at once the
 * first time, after a minute the second, and after an hour at most. In memory: after a restart all are tried at once.
 */
export class Retries {
  private readonly troubles = new Map<string, Trouble>();

  /** @param uptime milliseconds of a clock that does not jump */
  constructor(private readonly uptime: () => number) {}

  /** Returns how often it has failed by now. */
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

  /** Whether readings that it needs are still kept for it. */
  isWaitedFor(kind: Kind, name: string | number): boolean {
    if (this.troubles.size === 0) return true;
    const known = this.troubles.get(`${kind} ${name}`);
    return known === undefined ? this.troubles.size < MOST : this.uptime() - known.since < PATIENCE_MS;
  }

  reasonOf(kind: Kind, name: string | number): string | null {
    return this.troubles.get(`${kind} ${name}`)?.reason ?? null;
  }

  /** Names of those that failed again when they were tried again. */
  setAside(kind: Kind): string[] {
    const names: string[] = [];
    for (const [key, { tries }] of this.troubles) {
      if (tries >= 2 && key.startsWith(`${kind} `)) names.push(key.slice(kind.length + 1));
    }
    return names;
  }

  /** Forgets those of a kind that need not be done any more. */
  forget(kind: Kind, isDone: (name: string) => boolean): void {
    for (const key of this.troubles.keys()) {
      if (key.startsWith(`${kind} `) && isDone(key.slice(kind.length + 1))) this.troubles.delete(key);
    }
  }
}
