import type { Historian } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import { Breath } from '../breath.js';
import { monthSpan } from '../local-months.js';
import type { QuantityOf } from '../model/boundary/scope.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import { RESTS_ON } from '../model/quantity/gaps.js';
import { consumption } from '../model/quantity/increment.js';
import { add, NO_QUANTITY, type Quantity } from '../model/quantity/quantity.js';
import type { AsOf } from '../model/statistics/ledger.js';
import { KeptQuantities, type MeterPart } from './kept-quantities.js';
import { type CountedMeter, type IncrementDeps, meterIncrements } from './meter-increments.js';
import { byMonth } from './months.js';
import { type HoursOf, hoursFrom, readAhead } from './read-ahead.js';

interface QuantityDeps extends IncrementDeps {
  /** Figures of time before this never change but by corrections, epoch ms; -Infinity where nothing is final. */
  readonly finalTo: () => number;
  /** As of `Historian`; left out: answers lack nothing. */
  readonly lagSince?: Historian['lagSince'] | undefined;
}

/** `noteLate` reports readings older than this: quantities of older readings alone are kept until it does. */
export const LATE_MS = 25 * DAY_MS;
/** The clock may be set back by less than this without harm. */
const MARGIN_MS = DAY_MS;
/** Meters whose readings are in memory at once, and months of them. */
const METERS_AT_ONCE = 16;
const METER_MONTHS_AT_ONCE = 384;

/** How a quantity is asked for. */
interface Asking {
  readonly asOf?: AsOf | undefined;
  /** Epoch ms: months that are open are read once for this moment. */
  readonly asAt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What meters consumed, each month of each meter by itself, so that longer periods are sums of months whatever was asked.
 * Months that are over for long are kept until something is said or heard of the meter: a restatement reads what it
 * touches. Of an answer that lacks readings nothing is kept but what is open.
 */
export class MeterQuantities {
  private readonly kept = new KeptQuantities();
  /** Devices that are being measured and had no late reading since that began. */
  private readonly undisturbed = new Set<Set<DeviceKey>>();
  private newest = Number.NEGATIVE_INFINITY;

  constructor(private readonly deps: QuantityDeps) {}

  /** Call it when somebody recorded something of these meters. */
  forget(meters: Iterable<Meter>): void {
    for (const { device } of meters) this.noteLate(device);
  }

  /** Call it when readings of the device arrive that are older than `LATE_MS`. */
  noteLate(device: DeviceKey): void {
    this.kept.forget(device);
    for (const measured of this.undisturbed) measured.delete(device);
  }

  /**
   * What `ask` answers when it has the quantities that it asks for. It is called twice, the first time with quantities of
   * nothing, and asks for the same each time. Periods end by now.
   * @throws HistorianUnavailableError, QueryTimedOutError
   */
  async answer<T>(ask: (quantityOf: QuantityOf) => T, asking: Asking = {}): Promise<T> {
    const pieces = new Map<string, MeterPart>();
    ask((meter, period) => {
      for (const part of byMonth(period, this.deps.zone)) {
        pieces.set(pieceKey(meter, part), { ...part, meter });
      }
      return NO_QUANTITY;
    });
    const known = await this.measured(pieces, asking);
    return ask((meter, period) =>
      byMonth(period, this.deps.zone).reduce(
        (sum, part) => add(sum, known.get(pieceKey(meter, part)) ?? NO_QUANTITY),
        NO_QUANTITY,
      ),
    );
  }

  private async measured(pieces: ReadonlyMap<string, MeterPart>, asking: Asking): Promise<Map<string, Quantity>> {
    this.watchClock();
    const finalTo = this.deps.finalTo();
    const known = new Map<string, Quantity>();
    const missing = new Map<string, MeterPart[]>();
    for (const [key, piece] of pieces) {
      const maxRate = this.maxRateOf(piece.meter);
      const kept = asking.asOf === undefined ? this.kept.find(piece, asking.asAt ?? null, finalTo, maxRate) : undefined;
      if (kept !== undefined) known.set(key, kept);
      else {
        const meter = `${meterKey(piece.meter)} ${piece.meter.carrier}`;
        const some = missing.get(meter);
        if (some === undefined) missing.set(meter, [piece]);
        else some.push(piece);
      }
    }
    const breath = new Breath();
    const byMeter = [...missing.values()];
    for (let i = 0; i < byMeter.length; i += METERS_AT_ONCE) {
      const group = byMeter.slice(i, i + METERS_AT_ONCE);
      const months = [...new Set(group.flatMap((some) => some.map(({ month }) => month)))].sort((a, b) => a - b);
      const atOnce = Math.max(1, Math.floor(METER_MONTHS_AT_ONCE / group.length));
      for (let m = 0; m < months.length; m += atOnce) {
        asking.signal?.throwIfAborted();
        await this.measure(group, new Set(months.slice(m, m + atOnce)), known, asking, breath);
      }
    }
    return known;
  }

  /** Pieces of meters in some months. */
  private async measure(
    group: readonly MeterPart[][],
    months: ReadonlySet<number>,
    known: Map<string, Quantity>,
    asking: Asking,
    breath: Breath,
  ): Promise<void> {
    const { deps } = this;
    const byMonths = new Map<number, MeterPart[][]>();
    for (const some of group) {
      for (const month of months) {
        const own = some.filter((piece) => piece.month === month);
        if (own.length > 0) byMonths.set(month, [...(byMonths.get(month) ?? []), own]);
      }
    }
    const undisturbed = new Set(group.map(([piece]) => piece!.meter.device));
    this.undisturbed.add(undisturbed);
    const lag = deps.lagSince?.();
    try {
      const hours = await this.hoursOf(group, [...byMonths.keys()], asking.asOf);
      for (const [month, pieces] of byMonths) {
        const now = deps.clock();
        const { from, to } = monthSpan(deps.zone, month);
        const asked = pieces.map(([piece]) => piece!.meter);
        const maxRates = asked.map((meter) => this.maxRateOf(meter));
        const found = await meterIncrements(deps, asked, { from, to: Math.min(to, now) }, asking.asOf, hours, breath);
        const isWhole = (lag?.() ?? null) === null;
        const settledTo = isWhole ? Math.max(deps.finalTo(), now - LATE_MS - MARGIN_MS) : Number.NEGATIVE_INFINITY;
        for (const [n, { increments, restsOnTo, rawFrom }] of found.entries()) {
          for (const piece of pieces[n]!) {
            const quantity = consumption(increments, piece);
            known.set(pieceKey(piece.meter, piece), quantity);
            if (asking.asOf !== undefined || !undisturbed.has(piece.meter.device)) continue;
            const restsOn = { rawFrom, maxRate: maxRates[n] };
            if (restsOnTo <= settledTo) this.kept.keep(piece, quantity, restsOn);
            else if (asking.asAt !== undefined) this.kept.keepOpen(piece, asking.asAt, quantity, restsOn);
          }
          if (breath.isDue) await breath.pause();
        }
      }
    } finally {
      this.undisturbed.delete(undisturbed);
    }
  }

  /** Reads several months at once; a single month is read when it is needed. */
  private async hoursOf(
    group: readonly MeterPart[][],
    months: readonly number[],
    asOf: AsOf | undefined,
  ): Promise<HoursOf> {
    const { historian, zone, book, clock } = this.deps;
    if (months.length < 2) return hoursFrom(historian);
    const meters = group.map(([piece]) => piece!.meter);
    const isFilled = (meter: Meter) =>
      book.corrections(meter, asOf).gapRules.some(({ method }) => method === 'same_hours_before');
    const before = DAY_MS + (meters.some(isFilled) ? RESTS_ON.to : 0);
    const from = monthSpan(zone, Math.min(...months)).from - before;
    const to = Math.min(monthSpan(zone, Math.max(...months)).to + DAY_MS, clock());
    const series = meters.map(({ device, register }) => ({ device, metric: register }));
    return readAhead(
      historian,
      [...new Map(series.map((one) => [`${one.device} ${one.metric}`, one])).values()],
      { from, to },
      zone,
    );
  }

  private maxRateOf({ device, register }: Meter): number | undefined {
    return this.deps.registry.device(device)?.maxRates?.[register];
  }

  /** After the clock was set back, late readings cannot be told from others. */
  private watchClock(): void {
    const now = this.deps.clock();
    if (now < this.newest - MARGIN_MS) this.kept.clear();
    this.newest = now < this.newest - MARGIN_MS ? now : Math.max(this.newest, now);
  }
}

const pieceKey = ({ device, register, carrier }: CountedMeter, { from, to }: Period): string =>
  `${device} ${register} ${carrier} ${from} ${to}`;
