/** Waiting times that double from `first` to `most` milliseconds until something succeeds. */
export class Backoff {
  private next: number;

  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {
    this.next = first;
  }

  /** How long to wait before the next try. */
  delay(): number {
    const delay = this.next;
    this.next = Math.min(this.most, delay * 2);
    return delay;
  }

  succeeded(): void {
    this.next = this.first;
  }
}
