import { type Flood, FloodDetector, type FloodLimits } from '../live/flood.js';

/** Floods of a period that are listed, the worst. */
export const MAX_FLOODS = 100;

/** A flood as the period saw it: `to` is the end of the period where it lasted longer. */
export interface FloodEpisode extends Flood {
  readonly to: number;
  /** It had not ended when the period did. */
  readonly open: boolean;
}

/** The floods that touch `[from, to)`, from times that do not fall. */
export class FloodBook {
  readonly #detector: FloodDetector;
  /** Worst first. */
  readonly worst: FloodEpisode[] = [];
  count = 0;
  /** Time in flood within the period, ms. */
  durationMs = 0;

  constructor(
    private readonly period: { readonly from: number; readonly to: number },
    limits: FloodLimits,
  ) {
    this.#detector = new FloodDetector(limits);
  }

  append(at: number): void {
    const change = this.#detector.append(at);
    if (change?.event === 'ended') this.#add(change.flood, false);
  }

  /** The end of the period. */
  finish(): void {
    const change = this.#detector.tick(this.period.to);
    if (change) this.#add(change.flood, false);
    else if (this.#detector.flood) this.#add(this.#detector.flood, true);
  }

  #add(flood: Flood, open: boolean): void {
    const { from, to } = this.period;
    const end = Math.min(flood.to ?? to, to);
    if (end <= from) return;
    this.count += 1;
    this.durationMs += end - Math.max(from, flood.from);
    this.worst.push({ ...flood, to: end, open });
    this.worst.sort(worstFirst);
    if (this.worst.length > MAX_FLOODS) this.worst.pop();
  }
}

function worstFirst(a: Flood, b: Flood): number {
  return b.alarms - a.alarms || b.peak - a.peak || a.from - b.from;
}
