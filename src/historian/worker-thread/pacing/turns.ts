/** Turns in all, and of one asker: fewer, so that nobody holds all of them. */
interface TurnBounds {
  readonly inAll: number;
  readonly ofOne: number;
}

interface Asker {
  held: number;
  /** First come first served. */
  readonly waiting: Set<() => void>;
}

/** A bounded number of turns; callers wait while all are in use, and their askers are served one after the other. */
export class Turns {
  /** Askers with a turn or a caller that waits, the one next in line first. */
  private readonly askers = new Map<string, Asker>();
  private held = 0;

  constructor(private readonly bounds: TurnBounds) {}

  /** Requests one turn on behalf of `by`. */
  turn(by: string) {
    let held = false;
    return {
      /** Waits for the turn; a caller whose `signal` fires meanwhile gets none. */
      wait: async (signal: AbortSignal): Promise<void> => {
        if (held || signal.aborted) return;
        if (this.isFree(by)) this.begin(by);
        else if (!(await this.handed(by, signal))) return;
        held = true;
      },
      /** Releases the turn; a second call does nothing. */
      leave: (): void => {
        if (!held) return;
        held = false;
        this.end(by);
      },
      /** Whether another asker waits for this turn. */
      isWanted: (): boolean => held && this.next(by) !== null,
    };
  }

  private isFree(by: string): boolean {
    return this.held < this.bounds.inAll && (this.askers.get(by)?.held ?? 0) < this.bounds.ofOne;
  }

  private askerOf(by: string): Asker {
    const known = this.askers.get(by);
    if (known !== undefined) return known;
    const asker = { held: 0, waiting: new Set<() => void>() };
    this.askers.set(by, asker);
    return asker;
  }

  private begin(by: string): void {
    const asker = this.askerOf(by);
    asker.held += 1;
    this.held += 1;
    // To the end of the line.
    this.askers.delete(by);
    this.askers.set(by, asker);
  }

  private end(by: string): void {
    const asker = this.askerOf(by);
    asker.held -= 1;
    this.held -= 1;
    const next = this.next();
    if (next !== null) {
      const [to, go] = next;
      this.begin(to);
      go();
    }
    this.forget(by);
  }

  /** Who is next in line, but for the asker `besides`. */
  private next(besides?: string): [by: string, go: () => void] | null {
    for (const [by, { held, waiting }] of this.askers) {
      const [go] = waiting;
      if (go !== undefined && by !== besides && held < this.bounds.ofOne) return [by, go];
    }
    return null;
  }

  private forget(by: string): void {
    const asker = this.askers.get(by);
    if (asker?.held === 0 && asker.waiting.size === 0) this.askers.delete(by);
  }

  /** Whether the caller got a turn before the signal fired. */
  private handed(by: string, signal: AbortSignal): Promise<boolean> {
    const { waiting } = this.askerOf(by);
    return new Promise((resolve) => {
      const end = (got: boolean) => {
        waiting.delete(next);
        signal.removeEventListener('abort', gone);
        resolve(got);
      };
      const next = () => end(true);
      const gone = () => {
        end(false);
        this.forget(by);
      };
      signal.addEventListener('abort', gone, { once: true });
      waiting.add(next);
    });
  }
}
