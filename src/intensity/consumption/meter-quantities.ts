import { HistorianUnavailableError, QueryTimedOutError } from '../../historian/port/errors.js';
import type { Historian } from '../../historian/port/queries.js';
import { grouped } from '../../model/grouped.js';
import type { DeviceKey } from '../../model/ids.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import { breath, inSlices } from '../breath.js';
import { monthSpan } from '../local-months.js';
import type { QuantityOf } from '../model/boundary/scope.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import { RESTS_ON } from '../model/quantity/gaps.js';
import { consumption } from '../model/quantity/increment.js';
import { add, NO_QUANTITY, type Quantity } from '../model/quantity/quantity.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { InSteps } from '../model/steps.js';
import { KeptQuantities } from './kept-quantities.js';
import type { KeptStore } from './kept-store.js';
import type { CountedMeter } from './loaded-meter.js';
import { type IncrementDeps, meterIncrements } from './meter-increments.js';
import { byMonth } from './months.js';
import { type HoursOf, hoursFrom, readAhead } from './read-ahead.js';
import { type Missing, type Step, stepsOf } from './steps.js';

interface QuantityDeps extends IncrementDeps {
  /** Figures of time before this never change but by corrections, epoch ms; -Infinity where nothing is final. */
  readonly finalTo: () => number;
  /** Where settled months are between a stop and the next start; left out: nowhere. */
  readonly keptStore?: Pick<KeptStore, 'read' | 'write'> | undefined;
  /** As of `Historian`; left out: answers lack nothing. */
  readonly lagSince?: Historian['lagSince'] | undefined;
}

/** `noteLate` reports readings older than this: quantities of older readings alone are kept until it does. */
export const LATE_MS = 25 * DAY_MS;
/** The clock may be set back by less than this without harm. */
const MARGIN_MS = DAY_MS;
/** Quantities that are worked out ahead at most, before those who ask for them take them. */
const MAX_AHEAD = 50_000;

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

  constructor(private readonly deps: QuantityDeps) {
    const kept = deps.keptStore?.read() ?? null;
    if (kept === null) return;
    this.newest = kept.newest;
    this.kept.takeBack(kept.registers);
  }

  /**
   * Keeps what is settled for the next start. Nothing may be said or heard of any meter after it.
   * @throws StorageUnavailableError
   */
  close(): void {
    const { newest } = this;
    if (Number.isFinite(newest)) this.deps.keptStore?.write({ newest, registers: this.kept.wholeMonths() });
  }

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
   * What `ask` answers when it has the quantities that it asks for. Where some have to be worked out it is called twice, the
   * first time with less, and asks for the same in the same order each time. Periods end by now.
   * @throws HistorianUnavailableError, QueryTimedOutError
   */
  async answer<T>(ask: (quantityOf: QuantityOf) => InSteps<T>, asking: Asking = {}): Promise<T> {
    const { zone } = this.deps;
    this.watchClock();
    const finalTo = this.deps.finalTo();
    const found: Quantity[] = [];
    const missing: Missing[] = [];
    const answer = await inSlices(
      ask((meter, period) => {
        const maxRate = this.maxRateOf(meter);
        let sum = NO_QUANTITY;
        for (const part of byMonth(period, zone)) {
          const piece = { ...part, meter };
          const kept =
            asking.asOf === undefined ? this.kept.find(piece, asking.asAt ?? null, finalTo, maxRate) : undefined;
          if (kept === undefined) missing.push({ piece, at: found.length });
          found.push(kept ?? NO_QUANTITY);
          sum = sum === NO_QUANTITY && kept !== undefined ? kept : add(sum, kept ?? NO_QUANTITY);
        }
        return sum;
      }),
    );
    if (missing.length === 0) return answer;
    await this.measured(missing, found, asking);
    let at = 0;
    return inSlices(
      ask((_, period) => {
        let sum = NO_QUANTITY;
        for (let left = byMonth(period, zone).length; left > 0; left -= 1, at += 1) sum = add(sum, found[at]!);
        return sum;
      }),
    );
  }

  /**
   * Works out for a moment of reading what is not there of the meters in these periods, and keeps it for `answer`. What
   * cannot be read is left out. Periods end by now.
   */
  async readTogether(spans: Iterable<Period & { readonly meter: CountedMeter }>, asAt: number): Promise<void> {
    this.watchClock();
    const missing = await inSlices(this.missingOf(spans, asAt));
    for (const step of stepsOf(missing)) {
      try {
        await this.measure(step, [], { asAt });
      } catch (error) {
        // Where nothing can be read, each step may wait until its time is up; one bad meter spoils its own step alone.
        if (error instanceof HistorianUnavailableError || error instanceof QueryTimedOutError) return;
      }
      if (breath.isDue) await breath.take();
    }
  }

  private *missingOf(
    spans: Iterable<Period & { readonly meter: CountedMeter }>,
    asAt: number,
  ): InSteps<readonly Missing[]> {
    const finalTo = this.deps.finalTo();
    const missing = new Map<string, Missing>();
    for (const { meter, ...period } of spans) {
      const maxRate = this.maxRateOf(meter);
      for (const part of byMonth(period, this.deps.zone)) {
        if (missing.size >= MAX_AHEAD) return [...missing.values()];
        const piece = { ...part, meter };
        if (this.kept.find(piece, asAt, finalTo, maxRate) !== undefined) continue;
        // A meter of an enterprise may be one of the park's too.
        const key = `${meterKey(meter)} ${meter.carrier} ${part.from} ${part.to}`;
        if (!missing.has(key)) missing.set(key, { piece, at: missing.size });
      }
      yield;
    }
    return [...missing.values()];
  }

  /** Works out what is missing, each into its place of `found`. */
  private async measured(missing: readonly Missing[], found: Quantity[], asking: Asking): Promise<void> {
    for (const step of stepsOf(missing)) {
      asking.signal?.throwIfAborted();
      await this.measure(step, found, asking);
      if (breath.isDue) await breath.take();
    }
  }

  /** One step of what is missing. */
  private async measure({ group, months }: Step, found: Quantity[], asking: Asking): Promise<void> {
    const { deps } = this;
    const byMonths = new Map<number, Missing[][]>();
    for (const some of group) {
      for (const [month, own] of grouped(some, ({ piece }) => piece.month)) {
        if (!months.has(month)) continue;
        const ofMonth = byMonths.get(month);
        if (ofMonth === undefined) byMonths.set(month, [own]);
        else ofMonth.push(own);
      }
    }
    const undisturbed = new Set(group.map(([one]) => one!.piece.meter.device));
    this.undisturbed.add(undisturbed);
    const lag = deps.lagSince?.();
    try {
      const hours = await this.hoursOf(group, [...byMonths.keys()], asking.asOf);
      for (const [month, wanted] of byMonths) {
        const now = deps.clock();
        const { from, to } = monthSpan(deps.zone, month);
        const asked = wanted.map(([one]) => one!.piece.meter);
        const maxRates = asked.map((meter) => this.maxRateOf(meter));
        const span = { from, to: Math.min(to, now) };
        for await (const one of meterIncrements(deps, asked, span, asking.asOf, hours)) {
          const { at: n, increments, restsOnTo, rawFrom } = one;
          const isWhole = (lag?.() ?? null) === null;
          const settledTo = isWhole ? Math.max(deps.finalTo(), now - LATE_MS - MARGIN_MS) : Number.NEGATIVE_INFINITY;
          for (const { piece, at } of wanted[n]!) {
            const quantity = consumption(increments, piece);
            found[at] = quantity;
            if (asking.asOf !== undefined || !undisturbed.has(piece.meter.device)) continue;
            const restsOn = { rawFrom, maxRate: maxRates[n] };
            if (restsOnTo <= settledTo) this.kept.keep(piece, quantity, restsOn);
            else if (asking.asAt !== undefined) this.kept.keepOpen(piece, asking.asAt, quantity, restsOn);
          }
        }
      }
    } finally {
      this.undisturbed.delete(undisturbed);
    }
  }

  /** Reads several months at once; a single month is read when it is needed. */
  private async hoursOf(
    group: readonly (readonly Missing[])[],
    months: readonly number[],
    asOf: AsOf | undefined,
  ): Promise<HoursOf> {
    const { historian, zone, book, clock } = this.deps;
    if (months.length < 2) return hoursFrom(historian);
    const meters = group.map(([one]) => one!.piece.meter);
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
