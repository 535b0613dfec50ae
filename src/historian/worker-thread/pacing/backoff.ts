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
