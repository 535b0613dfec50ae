/**
 * Waiting times whose bound doubles from `first` to `most` milliseconds until something succeeds. Each is drawn anew
 * between half the bound and all of it, so that those who failed together do not come back together.
 */
export class Backoff {
  private next: number;

  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly random: () => number = Math.random,
  ) {
    this.next = first;
  }

  /** How long to wait before the next try. */
  delay(): number {
    const bound = this.next;
    this.next = Math.min(this.most, bound * 2);
    return (bound * (1 + this.random())) / 2;
  }

  succeeded(): void {
    this.next = this.first;
  }
}

/** A wait that can be cut short; once `close`d there is no more waiting. */
export class Pause {
  private wake: (() => void) | null = null;
  private closed = false;

  async wait(ms: number): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  end(): void {
    this.wake?.();
  }

  close(): void {
    this.closed = true;
    this.end();
  }
}

/** Waits for `work`, but no longer than `ms` milliseconds; whether it ended by then. @throws what it fails with until then */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
