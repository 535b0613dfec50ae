/** A bounded number of places; who comes when all are taken waits, first come first served. */
export class Turns {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /** A place among those who work at the same time. */
  turn() {
    let held = false;
    return {
      /** Waits for the place; what has fired `signal` meanwhile has none and needs none. */
      wait: async (signal: AbortSignal): Promise<void> => {
        if (held || signal.aborted) return;
        if (this.free > 0) this.free -= 1;
        else if (!(await this.handed(signal))) return;
        held = true;
      },
      /** Gives the place back; once it is given back nothing happens. */
      leave: (): void => {
        if (!held) return;
        held = false;
        this.handOn();
      },
    };
  }

  /** Whether a place was handed on before the signal fired. */
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
