/** Random delays up to a bound that doubles from `first` to `most` ms: clients that failed together retry apart. */
export class Backoff {
  private next: number;

  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly random: () => number = Math.random,
  ) {
    this.next = first;
  }

  /** Milliseconds to wait before the next try. */
  delay(): number {
    const bound = this.next;
    this.next = Math.min(this.most, bound * 2);
    return (bound * (1 + this.random())) / 2;
  }

  succeeded(): void {
    this.next = this.first;
  }
}

/** A wait that `wake` ends early; after `close` no wait starts. */
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
