/** A quarter; of few places more, as one page asks several questions at once, but never the last. */
const shareOf = (limit: number) => Math.max(1, Math.floor(limit / 4), Math.min(4, limit - 1));

/** Whose bound is reached: that of the holder, or that of all. */
type Refusal = 'own' | 'all';

/** Places of which so many are held at once, in all and by each holder, so that none takes the places of all others. */
export class Shares {
  private readonly ofHolder = new Map<string, number>();
  private inAll = 0;

  constructor(
    readonly limit: number,
    /** Most places of one holder. */
    readonly share = shareOf(limit),
  ) {}

  get held(): number {
    return this.inAll;
  }

  /** Lends a place; `null` is the service itself, which has no share. Call the result to give it back. */
  lend(holder: string | null): (() => void) | Refusal {
    const own = holder === null ? 0 : (this.ofHolder.get(holder) ?? 0);
    if (own >= this.share) return 'own';
    if (this.inAll >= this.limit) return 'all';
    this.inAll += 1;
    if (holder !== null) this.ofHolder.set(holder, own + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.inAll -= 1;
      if (holder === null) return;
      const left = (this.ofHolder.get(holder) ?? 1) - 1;
      if (left > 0) this.ofHolder.set(holder, left);
      else this.ofHolder.delete(holder);
    };
  }
}
