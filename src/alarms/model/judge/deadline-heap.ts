/** Items by the time they are due, earliest first: a binary heap, O(log n) to push and to pop. */
export class DeadlineHeap<T> {
  readonly #ats: number[] = [];
  readonly #items: T[] = [];
  readonly #first: (a: T, b: T) => boolean;

  /** @param first whether `a` goes before `b` where both are due at once; otherwise their order is left open */
  constructor(first: (a: T, b: T) => boolean = () => false) {
    this.#first = first;
  }

  get size(): number {
    return this.#items.length;
  }

  /** When the earliest item is due; infinite where there is none. */
  get earliest(): number {
    return this.#ats[0] ?? Number.POSITIVE_INFINITY;
  }

  push(at: number, item: T): void {
    let hole = this.#items.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(at, item, parent)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#ats[hole] = at;
    this.#items[hole] = item;
  }

  /** Removes and returns the earliest item if it is due by `now`. */
  popDue(now: number): T | undefined {
    if (this.#items.length === 0 || this.earliest > now) return undefined;
    const first = this.#items[0]!;
    const at = this.#ats.pop()!;
    const item = this.#items.pop()!;
    if (this.#items.length > 0) this.#sink(at, item);
    return first;
  }

  /** Drops all other items, in O(n log n). */
  keepOnly(keep: (item: T) => boolean): void {
    const ats = this.#ats.splice(0);
    this.#items.splice(0).forEach((item, index) => {
      if (keep(item)) this.push(ats[index]!, item);
    });
  }

  #sink(at: number, item: T): void {
    const size = this.#items.length;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < size && this.#isBefore(this.#ats[right]!, this.#items[right]!, child)) child = right;
      if (!this.#isAfter(at, item, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#ats[hole] = at;
    this.#items[hole] = item;
  }

  #isBefore(at: number, item: T, index: number): boolean {
    return at < this.#ats[index]! || (at === this.#ats[index] && this.#first(item, this.#items[index]!));
  }

  #isAfter(at: number, item: T, index: number): boolean {
    return at > this.#ats[index]! || (at === this.#ats[index] && this.#first(this.#items[index]!, item));
  }

  #move(from: number, to: number): void {
    this.#ats[to] = this.#ats[from]!;
    this.#items[to] = this.#items[from]!;
  }
}
