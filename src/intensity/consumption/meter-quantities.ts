import type { Period } from '../../model/time/windows.js';
import type { QuantityOf } from '../model/boundary/scope.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import { consumption } from '../model/quantity/increment.js';
import { add, NO_QUANTITY, type Quantity } from '../model/quantity/quantity.js';
import type { AsOf } from '../model/statistics/ledger.js';
import { type CountedMeter, type IncrementDeps, meterIncrements } from './meter-increments.js';
import { byMonth, periodOfMonth } from './months.js';

interface QuantityDeps extends IncrementDeps {
  /** Figures of time before this never change but by corrections, epoch ms; -Infinity where nothing is final. */
  readonly finalTo: () => number;
}

/** Quantities kept at most, over all meters: some tens of megabytes. */
const MAX_KEPT = 200_000;
/** Meters whose increments of a month are in memory at once. */
const METERS_AT_ONCE = 16;

/** Part of a month of one meter. */
interface Piece extends Period {
  readonly meter: CountedMeter;
  readonly month: number;
}

/**
 * What meters consumed, each month of each meter by itself, so that longer periods are sums of months whatever was asked.
 * Finished months whose readings are gone can only change by corrections, and are kept.
 */
export class MeterQuantities {
  private readonly kept = new Map<string, Map<string, Quantity>>();
  private keptCount = 0;
  private changes = 0;

  constructor(private readonly deps: QuantityDeps) {}

  /** Something was recorded of these meters. */
  forget(meters: Iterable<Meter>): void {
    this.changes += 1;
    for (const meter of meters) {
      this.keptCount -= this.kept.get(meterKey(meter))?.size ?? 0;
      this.kept.delete(meterKey(meter));
    }
  }

  /**
   * What `ask` answers when it has the quantities that it asks for. It is called twice, the first time with quantities of
   * nothing, and asks for the same each time. Periods end by now.
   * @throws HistorianUnavailableError, QueryTimedOutError
   */
  async answer<T>(ask: (quantityOf: QuantityOf) => T, asOf?: AsOf, signal?: AbortSignal): Promise<T> {
    const pieces = new Map<string, Piece>();
    ask((meter, period) => {
      for (const part of byMonth(period, this.deps.zone)) {
        pieces.set(pieceKey(meter, part), { ...part, meter });
      }
      return NO_QUANTITY;
    });
    const known = new Map<string, Quantity>();
    const missing = new Map<number, Piece[]>();
    for (const [key, piece] of pieces) {
      const kept = asOf === undefined ? this.kept.get(meterKey(piece.meter))?.get(periodKey(piece)) : undefined;
      if (kept !== undefined) known.set(key, kept);
      else missing.set(piece.month, [...(missing.get(piece.month) ?? []), piece]);
    }
    for (const [month, some] of missing) await this.measure(month, some, known, asOf, signal);
    return ask((meter, period) =>
      byMonth(period, this.deps.zone).reduce(
        (sum, part) => add(sum, known.get(pieceKey(meter, part)) ?? NO_QUANTITY),
        NO_QUANTITY,
      ),
    );
  }

  private async measure(
    month: number,
    pieces: readonly Piece[],
    known: Map<string, Quantity>,
    asOf: AsOf | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { deps, changes } = this;
    const { from, to } = periodOfMonth(month, deps.zone);
    const byMeter = new Map<string, Piece[]>();
    for (const piece of pieces) {
      const key = meterKey(piece.meter);
      const some = byMeter.get(key);
      if (some === undefined) byMeter.set(key, [piece]);
      else some.push(piece);
    }
    const meters = [...byMeter.values()];
    for (let i = 0; i < meters.length; i += METERS_AT_ONCE) {
      signal?.throwIfAborted();
      const group = meters.slice(i, i + METERS_AT_ONCE);
      const asked = group.map(([piece]) => piece!.meter);
      const found = await meterIncrements(deps, asked, { from, to: Math.min(to, deps.clock()) }, asOf);
      found.forEach(({ increments, restsOnTo }, n) => {
        const isFinal = asOf === undefined && restsOnTo <= deps.finalTo() && changes === this.changes;
        for (const piece of group[n]!) {
          const quantity = consumption(increments, piece);
          known.set(pieceKey(piece.meter, piece), quantity);
          if (isFinal) this.keep(piece, quantity);
        }
      });
    }
  }

  private keep(piece: Piece, quantity: Quantity): void {
    if (this.keptCount >= MAX_KEPT) {
      this.kept.clear();
      this.keptCount = 0;
    }
    const key = meterKey(piece.meter);
    const ofMeter = this.kept.get(key) ?? new Map<string, Quantity>();
    if (!ofMeter.has(periodKey(piece))) this.keptCount += 1;
    ofMeter.set(periodKey(piece), quantity);
    this.kept.set(key, ofMeter);
  }
}

const periodKey = ({ from, to }: Period): string => `${from} ${to}`;
const pieceKey = (meter: CountedMeter, period: Period): string => `${meterKey(meter)} ${periodKey(period)}`;
