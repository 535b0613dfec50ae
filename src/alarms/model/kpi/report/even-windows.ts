/** Upper ends of the bins of a distribution; the last bin has none. */
const DISTRIBUTION_BINS = [0, 1, 2, 5, 10, 20, 50, 100] as const;

/**
 * Counts what comes in windows of one length that begin at `from` and cover `[from, to)`. One pass over times that do
 * not fall; memory is fixed. Windows without anything count.
 */
export class EvenWindows {
  readonly #bins = new Array<number>(DISTRIBUTION_BINS.length + 1).fill(0);
  #window = 0;
  #count = 0;
  #total = 0;
  #above = 0;
  #filled = 0;
  #peak = 0;
  #peakWindow = 0;

  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly lengthMs: number,
    private readonly limit: number,
  ) {}

  append(at: number): void {
    const window = Math.floor((at - this.from) / this.lengthMs);
    if (window !== this.#window) this.#close(window);
    this.#count += 1;
    this.#total += 1;
  }

  finish() {
    this.#close(this.#window);
    const windows = Math.ceil((this.to - this.from) / this.lengthMs);
    const bins = [windows - this.#filled, ...this.#bins.slice(1)];
    return {
      /** Empty ones and a shorter last one included. */
      windows,
      /** Per whole window: the number over the length of the period, not over the windows that had any. */
      mean: (this.#total * this.lengthMs) / (this.to - this.from),
      peak: this.#peak,
      /** Start of the first window with the peak; null when nothing came. */
      peakAt: this.#peak === 0 ? null : this.from + this.#peakWindow * this.lengthMs,
      /** Percent of windows with more than the limit. */
      abovePct: (100 * this.#above) / windows,
      /** Windows by how many came in them: at least, and at most; null without end. */
      distribution: bins.map((count, index) => ({
        least: index === 0 ? 0 : DISTRIBUTION_BINS[index - 1]! + 1,
        most: DISTRIBUTION_BINS[index] ?? null,
        windows: count,
      })),
    };
  }

  #close(next: number): void {
    if (this.#count > 0) {
      const bin = DISTRIBUTION_BINS.findIndex((most) => this.#count <= most);
      this.#bins[bin < 0 ? DISTRIBUTION_BINS.length : bin]! += 1;
      this.#filled += 1;
      if (this.#count > this.limit) this.#above += 1;
      if (this.#count > this.#peak) {
        this.#peak = this.#count;
        this.#peakWindow = this.#window;
      }
    }
    this.#window = next;
    this.#count = 0;
  }
}
