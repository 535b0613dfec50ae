interface BudgetBounds {
  /** What one key may spend in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are counted apart. */
  readonly keys: number;
}

interface Window {
  start: number;
  used: number;
}

/** Whoever comes while no further key has room. */
const OTHERS = '\nothers';

/**
 * What each key has spent in its window of time, by a clock that does not jump. When the bound of keys is reached and
 * none has run out, new keys share one budget: many addresses buy neither memory nor more work.
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

  /** Spends `cost`; false when the window has not that much left, and then nothing is spent. */
  spend(key: string, cost = 1): boolean {
    const window = this.windowOf(key);
    if (window.used + cost > this.bounds.limit) return false;
    window.used += cost;
    return true;
  }

  /** Undoes a `spend` of this window. */
  giveBack(key: string, cost = 1): void {
    const window = this.windows.get(key) ?? this.windows.get(OTHERS);
    if (window !== undefined) window.used = Math.max(0, window.used - cost);
  }

  left(key: string): number {
    return this.bounds.limit - this.windowOf(key).used;
  }

  /** Whole seconds until the key has its full budget again, at least one. */
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

  /** Windows stand in order of their start: when the oldest has not run out, none has. */
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
