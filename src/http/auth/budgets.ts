interface BudgetBounds {
  /** Budget of one key in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Most keys with a budget of their own. */
  readonly keys: number;
}

interface Window {
  start: number;
  used: number;
}

/** Shared key for callers beyond `keys`. */
const OTHERS = '\nothers';

/**
 * Tracks what each key has spent in its time window, by a monotonic clock. At the bound of keys, new keys share one
 * budget until a window ends: many addresses get neither more memory nor more work.
 */
export class Budgets {
  private readonly windows = new Map<string, Window>();

  constructor(
    readonly bounds: BudgetBounds,
    private readonly uptime: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.windows.size;
  }

  /** Spends `cost`; returns false, and spends nothing, if less than that is left in the window. */
  spend(key: string, cost = 1): boolean {
    const window = this.windowOf(key);
    if (window.used + cost > this.bounds.limit) return false;
    window.used += cost;
    return true;
  }

  /** Returns what `spend` took in this window. */
  giveBack(key: string, cost = 1): void {
    const window = this.windows.get(key) ?? this.windows.get(OTHERS);
    if (window !== undefined) window.used = Math.max(0, window.used - cost);
  }

  left(key: string): number {
    return this.bounds.limit - this.windowOf(key).used;
  }

  /** Whole seconds until the key's budget is full again, at least one. */
  waitS(key: string): number {
    const { start } = this.windowOf(key);
    return Math.max(1, Math.ceil((start + this.bounds.windowMs - this.uptime()) / 1_000));
  }

  private windowOf(key: string): Window {
    const now = this.uptime();
    const known = this.windows.get(key);
    if (known !== undefined && now - known.start < this.bounds.windowMs) return known;
    this.windows.delete(key);
    if (key !== OTHERS && !this.hasRoom(now)) return this.windowOf(OTHERS);
    const window = { start: now, used: 0 };
    this.windows.set(key, window);
    return window;
  }

  /** Windows are in order of their start: if the oldest has not ended, none has. */
  private hasRoom(now: number): boolean {
    if (this.windows.size < this.bounds.keys) return true;
    for (const [key, { start }] of this.windows) {
      if (now - start < this.bounds.windowMs) return false;
      this.windows.delete(key);
      return true;
    }
    return false;
  }
}
