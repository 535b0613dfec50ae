interface Window {
  count: number;
  /** On the clock that does not jump. */
  startedAt: number;
}

interface Left {
  readonly current: number;
  /** Milliseconds until the window is over. */
  readonly ttl: number;
}

type Answer = (error: Error | null, left: Left) => void;

interface LimiterOptions {
  /** Most keys whose counts are kept. */
  readonly cache?: number;
}

/**
 * The counts of @fastify/rate-limit on a clock that does not jump: its own store asks the time of day, so that a clock that
 * is set back keeps a limit exceeded until the day has caught up. The key unused for longest is forgotten first.
 */
export function steadyLimits(uptime: () => number = () => performance.now()) {
  return class SteadyLimits {
    readonly windows = new Map<string, Window>();
    readonly most: number;

    constructor({ cache = 5_000 }: LimiterOptions = {}) {
      this.most = cache;
    }

    incr(key: string, answer: Answer, timeWindow: number): void {
      const now = uptime();
      let window = this.windows.get(key);
      if (window === undefined || now - window.startedAt >= timeWindow) window = { count: 0, startedAt: now };
      window.count += 1;
      this.windows.delete(key);
      this.windows.set(key, window);
      const [oldest] = this.windows.keys();
      if (this.windows.size > this.most && oldest !== undefined) this.windows.delete(oldest);
      answer(null, { current: window.count, ttl: timeWindow - (now - window.startedAt) });
    }

    child(options: object): SteadyLimits {
      return new SteadyLimits({ cache: this.most, ...options });
    }
  };
}
