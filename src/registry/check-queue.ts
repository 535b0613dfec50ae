export interface CheckQueueBounds {
  /** Checks that run at the same time: scrypt holds a thread of the pool each. */
  readonly running: number;
  readonly waiting: number;
  /** Of those waiting, how many may be for one key, so that nobody fills the queue alone. */
  readonly waitingPerKey: number;
}

interface Waiting {
  readonly key: string;
  readonly start: () => void;
}

/** Runs slow checks a few at a time; turns away what would wait behind too many. */
export class CheckQueue {
  private running = 0;
  private readonly queue: Waiting[] = [];
  private readonly perKey = new Map<string, number>();

  constructor(private readonly bounds: CheckQueueBounds) {}

  /** The result of `check`, or `busy` when too many wait already. */
  async run<T>(key: string, check: () => Promise<T>): Promise<T | 'busy'> {
    if (this.running >= this.bounds.running) {
      const waiting = this.perKey.get(key) ?? 0;
      if (this.queue.length >= this.bounds.waiting || waiting >= this.bounds.waitingPerKey) return 'busy';
      this.perKey.set(key, waiting + 1);
      await new Promise<void>((start) => this.queue.push({ key, start }));
    } else {
      this.running += 1;
    }
    try {
      return await check();
    } finally {
      this.next();
    }
  }

  /** Hands the free place to who waits longest. */
  private next(): void {
    const next = this.queue.shift();
    if (!next) {
      this.running -= 1;
      return;
    }
    const left = (this.perKey.get(next.key) ?? 1) - 1;
    if (left === 0) this.perKey.delete(next.key);
    else this.perKey.set(next.key, left);
    next.start();
  }
}
