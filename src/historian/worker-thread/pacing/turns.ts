/** A bounded number of turns; a caller waits while all are in use, first come first served. */
export class Turns {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /** Requests one turn. */
  turn() {
    let held = false;
    return {
      /** Waits for the turn; a caller whose `signal` fires meanwhile gets none. */
      wait: async (signal: AbortSignal): Promise<void> => {
        if (held || signal.aborted) return;
        if (this.free > 0) this.free -= 1;
        else if (!(await this.handed(signal))) return;
        held = true;
      },
      /** Releases the turn; a second call does nothing. */
      leave: (): void => {
        if (!held) return;
        held = false;
        this.handOn();
      },
    };
  }

  /** Whether the caller got a turn before the signal fired. */
  private handed(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (got: boolean) => {
        this.waiting.delete(next);
        signal.removeEventListener('abort', gone);
        resolve(got);
      };
      const next = () => end(true);
      const gone = () => end(false);
      signal.addEventListener('abort', gone, { once: true });
      this.waiting.add(next);
    });
  }

  private handOn(): void {
    const [next] = this.waiting;
    if (next === undefined) this.free += 1;
    else next();
  }
}
