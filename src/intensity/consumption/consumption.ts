import type { Historian } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { type Period, windowEdges } from '../../model/time/windows.js';
import { monthSpan } from '../local-months.js';
import { type Carrier, meteringOf, registerOf } from '../model/boundary/carriers.js';
import { type Losses, type LossLimits, lossesBelow } from '../model/boundary/losses.js';
import {
  type CountedSpan,
  countedAt,
  countedSpans,
  type MeterScope,
  type QuantityOf,
  scopeQuantity,
  sumOf,
} from '../model/boundary/scope.js';
import {
  type Meter,
  type MeterTree,
  type MeterVersion,
  meterKey,
  sameMeter,
  stretchesOf,
} from '../model/boundary/tree.js';
import { add, NO_QUANTITY, type Quantity } from '../model/quantity/quantity.js';
import type { AsOf } from '../model/statistics/ledger.js';
import { type Month, monthText } from '../model/statistics/period.js';
import type { InSteps } from '../model/steps.js';
import type {
  Consumption,
  ConsumptionAnswer,
  ConsumptionQuery,
  ConsumptionRow,
  MeterBook,
  MonthConsumption,
  NotApplied,
  RowPart,
} from '../port.js';
import { correctionsOf } from './corrections-of-months.js';
import type { KeptStore } from './kept-store.js';
import type { IncrementDeps } from './meter-increments.js';
import { MeterQuantities } from './meter-quantities.js';

interface ConsumptionDeps extends IncrementDeps {
  readonly book: MeterBook & {
    /** Called with every change of trees and corrections. */
    onChanged(listener: (change: { readonly meters: readonly Meter[] }) => void): void;
  };
  readonly historian: Pick<Historian, 'buckets' | 'raw' | 'stats'> & Partial<Pick<Historian, 'lagSince'>>;
  readonly keptStore?: KeptStore;
}

/** Consumption that has to be notified of late readings. */
interface RunningConsumption extends Consumption {
  /** Call it when readings of the device arrive that are older than `LATE_MS`, before the next question. */
  noteLate(device: DeviceKey): void;
  /** Keeps what is settled for the next start: when nothing is asked, said or heard any more. @throws StorageUnavailableError */
  close(): void;
}

/** What scopes consumed, computed on request from the history of their meters. */
export function openConsumption(deps: ConsumptionDeps): RunningConsumption {
  const { book, historian, zone, clock } = deps;
  const finalTo = () => historian.stats.rollups.finalTo ?? Number.NEGATIVE_INFINITY;
  const quantities = new MeterQuantities({ ...deps, finalTo, lagSince: historian.lagSince?.bind(historian) });
  book.onChanged(({ meters }) => quantities.forget(meters));
  const pastOf = ({ from, to }: Period): Period => ({ from, to: Math.min(to, clock()) });

  return {
    noteLate: (device) => quantities.noteLate(device),
    close: () => quantities.close(),

    async months(scope, carrier, first, last, asAt) {
      const tree = book.tree(scope.park);
      const end = Math.min(monthSpan(zone, last).to, asAt ?? clock(), clock());
      const whole = { from: monthSpan(zone, first).from, to: end };
      if (whole.from >= whole.to) return [];
      // The same meters count in all rows: only the sums differ.
      const spans = countedSpans(tree, scope, carrier, whole);
      if (spans.length === 0) return [];
      const months: { readonly month: Month; readonly spans: readonly CountedSpan[] }[] = [];
      for (let month = first; month <= last; month += 1) {
        const own = within(spans, monthSpan(zone, month));
        if (own.length > 0) months.push({ month, spans: own });
      }
      const unit = unitOf(carrier);
      const said = correctionsOf(
        book,
        spans.map(({ meter }) => meter),
      );
      return quantities.answer(
        function* (quantityOf): InSteps<MonthConsumption[]> {
          const rows: MonthConsumption[] = [];
          for (const { month, spans: own } of months) {
            const parts = own.map((span) => partOf(span, quantityOf));
            const corrections = own.flatMap((span) => said(span.meter, span));
            const all = { month: monthText(month), unit, quantity: sumOf(parts), parts };
            rows.push(corrections.length > 0 ? { ...all, corrections } : all);
            yield;
          }
          return rows;
        },
        { asAt },
      );
    },

    async readTogether(scopes, carriers, { first, last, asAt }) {
      const whole = { from: monthSpan(zone, first).from, to: Math.min(monthSpan(zone, last).to, asAt, clock()) };
      if (whole.from >= whole.to) return;
      await quantities.readTogether(
        (function* () {
          for (const scope of scopes) {
            const tree = book.tree(scope.park);
            for (const carrier of carriers) yield* countedSpans(tree, scope, carrier, whole);
          }
        })(),
        asAt,
      );
    },

    async rows(query, signal) {
      const { park, carrier, asOf } = query;
      const tree = book.tree(park, asOf);
      const lossLimits = book.lossLimits(park, asOf);
      const meters = new Set(tree.filter((one) => one.carrier === carrier).map(meterKey)).size;
      const maxRows = Math.min(query.maxRows, Math.floor(query.maxCells / Math.max(1, meters)));
      const edges = windowEdges(query.from, query.to, { count: 1, unit: UNITS[query.every] }, zone, maxRows);
      const now = clock();
      const windows = [...edges.subarray(1)].map((to, i) => ({ from: edges[i]!, to }));
      const whole = pastOf({ from: edges[0]!, to: edges.at(-1)! });
      const answer = await quantities.answer(
        function* (quantityOf): InSteps<ConsumptionAnswer> {
          const rows: ConsumptionRow[] = [];
          for (const window of windows) {
            rows.push(rowOf(tree, query, window, now, quantityOf));
            yield;
          }
          const isPark = query.of.kind === 'park' && whole.from < whole.to;
          const losses = isPark ? yield* lossesOf(tree, query, whole, quantityOf, lossLimits) : [];
          const [from, to] = [edges[0]!, edges.at(-1)!];
          return { from, to, unit: unitOf(carrier), rows, losses, lossLimits, notApplied: [] };
        },
        { asOf, signal },
      );
      return { ...answer, notApplied: notApplied(book, answer, asOf) };
    },
  };
}

const UNITS = { hour: 'h', day: 'd', month: 'mo', year: 'y' } as const;

/** Of the usual register; those of one carrier have one unit. */
const unitOf = (carrier: Carrier): string => {
  const [usual] = meteringOf(carrier).registers;
  return (usual !== undefined && registerOf(carrier, usual)?.unit) || '';
};

/** The parts of the spans within a period. */
const within = (spans: readonly CountedSpan[], { from, to }: Period): CountedSpan[] =>
  spans.flatMap((span) => {
    const [begins, ends] = [Math.max(span.from, from), Math.min(span.to, to)];
    return begins < ends ? [{ meter: span.meter, sign: span.sign, from: begins, to: ends }] : [];
  });

const partOf = ({ meter, sign, from, to }: CountedSpan, quantityOf: QuantityOf): RowPart => ({
  meter,
  sign,
  from,
  to,
  quantity: quantityOf(meter, { from, to }),
});

function rowOf(
  tree: MeterTree,
  query: ConsumptionQuery,
  window: Period,
  now: number,
  quantityOf: QuantityOf,
): ConsumptionRow {
  const past = { from: window.from, to: Math.min(window.to, now) };
  if (past.from >= past.to) return { ...window, quantity: NO_QUANTITY, parts: [] };
  const { of, park, carrier } = query;
  if (of.kind === 'meter') return { ...window, ...meterQuantity(tree, query, of.meter, past, quantityOf) };
  const scope: MeterScope = of.kind === 'park' ? { kind: 'park', park } : { kind: 'owner', park, owner: of.owner };
  return { ...window, ...scopeQuantity(tree, scope, carrier, past, quantityOf) };
}

/** One meter, for the time in which the tree has it with that carrier. */
function meterQuantity(
  tree: MeterTree,
  { carrier }: ConsumptionQuery,
  meter: Meter,
  period: Period,
  quantityOf: QuantityOf,
): { readonly quantity: Quantity; readonly parts: readonly RowPart[] } {
  const parts = tree
    .filter((one) => sameMeter(one, meter) && one.carrier === carrier && one.from < period.to && one.to > period.from)
    .sort((a, b) => a.from - b.from)
    .map((one): RowPart => {
      const span = { from: Math.max(one.from, period.from), to: Math.min(one.to, period.to) };
      return { meter: one, sign: 1, ...span, quantity: quantityOf(one, span) };
    });
  return { quantity: parts.reduce((sum, one) => add(sum, one.quantity), NO_QUANTITY), parts };
}

/** Corrections of an answer's meters whose readings are no longer kept. */
function notApplied(book: MeterBook, { rows, from, to }: ConsumptionAnswer, asOf: AsOf | undefined): NotApplied[] {
  const keptSince = book.keptSince();
  if (from >= keptSince) return [];
  const meters = new Map(rows.flatMap(({ parts }) => parts).map(({ meter }) => [meterKey(meter), meter]));
  const isOut = (one: Period) => one.from < keptSince && one.from < to && one.to > from;
  return [...meters.values()].flatMap(({ device, register }) => {
    const meter = { device, register };
    const { swaps, voids } = book.corrections(meter, asOf);
    return [
      ...swaps.map(({ ts }) => ({ what: 'swap' as const, meter, from: ts, to: ts + 1 })),
      ...voids.map((one) => ({ what: 'void' as const, meter, from: one.from, to: one.to })),
    ].filter(isOut);
  });
}

/** Below each meter that counted for the park and had meters below it. */
function* lossesOf(
  tree: MeterTree,
  { park, carrier }: ConsumptionQuery,
  period: Period,
  quantityOf: QuantityOf,
  limits: LossLimits,
): InSteps<(Losses & { readonly meter: Meter })[]> {
  const ofCarrier = tree.filter((one) => one.park === park && one.carrier === carrier);
  const mains = new Map<string, MeterVersion>();
  for (const { from } of stretchesOf(ofCarrier, period)) {
    for (const { meter } of countedAt(ofCarrier, { kind: 'park', park }, carrier, from)) {
      mains.set(meterKey(meter), meter);
    }
  }
  // Most mains have nothing below them.
  const parents = new Set(ofCarrier.flatMap(({ parent }) => (parent === null ? [] : [meterKey(parent)])));
  const found: (Losses & { readonly meter: Meter })[] = [];
  for (const { device, register } of mains.values()) {
    const meter = { device, register };
    if (!parents.has(meterKey(meter))) continue;
    const losses = lossesBelow(ofCarrier, meter, period, quantityOf, limits);
    if (losses.comparedMs > 0) found.push({ meter, ...losses });
    yield;
  }
  return found;
}
