import { availableParallelism } from 'node:os';

export const SIGN_IN_BOUNDS = {
  /** Checks that run at the same time: scrypt takes a thread each, and one of the pool's four stays free for files. */
  running: Math.min(availableParallelism(), 3),
  waiting: 4_096,
  /** Most waiting checks of one address for one id. */
  waitingPerKey: 8,
  /** Milliseconds after which who waits is told to come later, while the check keeps its place. */
  patienceMs: 10_000,
};
export type CheckQueueBounds = Readonly<typeof SIGN_IN_BOUNDS>;

/** Address and id of a check. */
export interface Asker {
  readonly address: string;
  readonly id: string;
}

interface Waiting {
  readonly id: string;
  /** Number of earlier checks for the same id. */
  readonly nth: number;
  readonly done: (turn: 'go' | 'busy') => void;
}

/**
 * Runs slow checks, a few at a time. Addresses take turns, so that none can delay the others with many checks, and so
 * do the ids of one address: the second check for an id comes after the first ones for all others. When too many wait,
 * the address with most of them loses its last.
 */
export class CheckQueue {
  private running = 0;
  private waiting = 0;
  /** In the order of their turns. */
  private readonly lines = new Map<string, Waiting[]>();

  constructor(private readonly bounds: Omit<CheckQueueBounds, 'patienceMs'>) {}

  /** The result of `check`, or `busy` if too many wait. */
  async run<T>(asker: Asker, check: () => Promise<T>): Promise<T | 'busy'> {
    if (this.running < this.bounds.running) this.running += 1;
    else if ((await this.wait(asker)) === 'busy') return 'busy';
    try {
      return await check();
    } finally {
      this.next();
    }
  }

  private wait({ address, id }: Asker): Promise<'go' | 'busy'> {
    const line = this.lines.get(address) ?? [];
    const nth = line.reduce((count, one) => (one.id === id ? count + 1 : count), 0);
    if (nth >= this.bounds.waitingPerKey) return Promise.resolve('busy');
    if (this.waiting >= this.bounds.waiting && !this.makeRoom(line.length)) return Promise.resolve('busy');
    this.waiting += 1;
    this.lines.set(address, line);
    const behind = line.findLastIndex((one) => one.nth <= nth);
    return new Promise((done) => line.splice(behind + 1, 0, { id, nth, done }));
  }

  /** Refuses the last check of the longest line; returns false if no line is longer than `length`. */
  private makeRoom(length: number): boolean {
    const longest = [...this.lines.values()].reduce((most, line) => (line.length > most.length ? line : most), []);
    // A line with one place keeps it; a line that would become as long as the longest gets none.
    if (longest.length <= length + 1) return false;
    longest.pop()?.done('busy');
    this.waiting -= 1;
    return true;
  }

  /** Gives the free place to the first in line of the address whose turn it is. */
  private next(): void {
    const turn = this.lines.entries().next();
    if (turn.done) {
      this.running -= 1;
      return;
    }
    const [address, line] = turn.value;
    const first = line.shift();
    this.waiting -= 1;
    this.lines.delete(address);
    if (line.length > 0) this.lines.set(address, line);
    first?.done('go');
  }
}
