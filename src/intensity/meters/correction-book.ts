import type { HistorianQueries } from '../../historian/port/queries.js';
import { type FieldError, inPart, must } from '../../model/field-error.js';
import { parkOf } from '../../model/ids.js';
import { QUALITIES } from '../../model/reading.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import { isVoided, type MeterSwap, swapErrors, type Void, voidErrors } from '../model/quantity/corrections.js';
import { type GapRule, gapRuleErrors } from '../model/quantity/gaps.js';
import type { AsOf, Believed } from '../model/statistics/ledger.js';
import { IntensityRefusedError } from '../port.js';
import { boundsOf, type MeterFacts } from './facts.js';
import { meterFactKey, meterOfKey } from './kept.js';
import { OfMeters } from './of-meters.js';
import {
  type Author,
  METER_LIMITS,
  type MeterChange,
  type RecordedGapRule,
  type RecordedVoid,
  type Swap,
  type VoidedReadings,
} from './port.js';
import type { Recorder } from './recorder.js';
import { refuseFields } from './refuse.js';

export interface CorrectionDeps {
  readonly ledgers: Pick<Ledgers, 'swaps' | 'voids' | 'gapRules'>;
  readonly registry: MeterFacts;
  readonly historian: Pick<HistorianQueries, 'raw'>;
  readonly recorder: Recorder;
  readonly clock: () => number;
  /** Days for which readings are kept; left out: for ever. */
  readonly rawDays?: number;
}

/** Without the readings a correction has no effect. */
const KEPT = 'a time whose readings are still kept: without them a correction has no effect';

type OfMeter<T> = Believed<T> & { readonly meter: Meter };

/** Swaps, voids and gap rules of meters. */
export class CorrectionBook {
  readonly swaps: OfMeters<MeterSwap>;
  readonly voids: OfMeters<Void>;
  readonly gapRules: OfMeters<GapRule>;

  constructor(private readonly deps: CorrectionDeps) {
    this.swaps = new OfMeters(deps.ledgers.swaps);
    this.voids = new OfMeters(deps.ledgers.voids);
    this.gapRules = new OfMeters(deps.ledgers.gapRules);
  }

  /** Epoch ms: readings before it may be dropped, and with them the effect of what was said of them. */
  keptSince(): number {
    return this.deps.clock() - (this.deps.rawDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
  }

  /** Of the meters of a park, by meter and time. */
  list<T>(of: OfMeters<T>, park: string, asOf: AsOf, timeOf: (value: T) => number): OfMeter<T>[] {
    return [...of.byMeter(asOf)]
      .filter(([key]) => key.startsWith(`${park}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, all]) => [...all].sort((a, b) => timeOf(a.value) - timeOf(b.value)))
      .map((one) => ({ ...one, meter: meterOf(one.key) }));
  }

  recordSwap(meter: Meter, said: Pick<MeterSwap, 'ts' | 'closing' | 'opening'>, author: Author): Swap {
    const { registry, clock, recorder } = this.deps;
    const bounds = boundsOf(registry, meter);
    const now = clock();
    const swap: MeterSwap = { ...said, by: author.by, at: now, why: author.reason };
    const others = this.swaps.of(meter, 'latest');
    refuseFields(must(said.ts >= this.keptSince(), 'ts', KEPT));
    refuseFields(
      swapErrors(
        swap,
        others.map(({ value }) => value),
        bounds,
        now,
      ),
    );
    refuseMany(others.length, 'exchanges');
    const { ts, closing, opening } = said;
    const detail = { ts, closing, opening };
    const key = meterFactKey(meter, ts);
    recorder.record(
      this.swaps.store,
      [[key, swap]],
      author,
      { action: 'meter_swap.record', target: meterKey(meter), detail },
      changeOf('swap', meter, { from: ts, to: ts + 1 }),
    );
    return this.recorded(this.swaps, meter, key);
  }

  withdrawSwap(park: string, version: number, author: Author): void {
    const { key, meter, value } = this.find(this.swaps, park, version, 'unknown_swap', 'exchange');
    const { ts, closing, opening } = value;
    this.deps.recorder.record(
      this.swaps.store,
      [[key, null]],
      author,
      { action: 'meter_swap.withdraw', target: meterKey(meter), detail: { ts, closing, opening } },
      changeOf('swap', meter, { from: ts, to: ts + 1 }),
    );
  }

  /** @throws the refusals of history */
  async readingsOf(meter: Meter, period: Period): Promise<VoidedReadings> {
    const { registry, historian } = this.deps;
    boundsOf(registry, meter);
    refuseFields(this.periodErrors(period));
    const voids = this.voids.of(meter, 'latest').map(({ value }) => value);
    const series = [{ device: meter.device, metric: meter.register }];
    let [readings, voidedBefore] = [0, 0];
    for await (const { ts, quality } of historian.raw({ series, ...period, limit: METER_LIMITS.voidReadings })) {
      for (const [i, at] of ts.entries()) {
        // A reading of another quality does not count anyway.
        if (QUALITIES[quality[i]!] !== 'good') continue;
        readings += 1;
        if (isVoided(at, voids)) voidedBefore += 1;
      }
    }
    return { readings, voidedBefore };
  }

  /** @throws the refusals of history */
  async recordVoid(meter: Meter, period: Period, author: Author): Promise<RecordedVoid & VoidedReadings> {
    const authored = { ...period, by: author.by, at: this.deps.clock(), why: author.reason };
    refuseFields([...voidErrors(authored), ...must(period.from >= this.keptSince(), 'from', KEPT)]);
    const found = await this.readingsOf(meter, period);
    const said: Void = { ...authored, readings: found.readings };
    refuseFields(must(found.readings > 0, 'from', 'a time of which there are good readings: there is none to void'));
    const key = meterFactKey(meter, period.from, period.to);
    const others = this.voids.of(meter, 'latest');
    if (others.some((one) => one.key === key)) {
      throw new IntensityRefusedError('conflict', 'already_voided', 'there is a void of exactly this time already');
    }
    refuseMany(others.length, 'voids');
    this.deps.recorder.record(
      this.voids.store,
      [[key, said]],
      author,
      { action: 'meter_void.record', target: meterKey(meter), detail: { ...period, ...found } },
      changeOf('void', meter, period),
    );
    return { ...this.recorded(this.voids, meter, key), ...found };
  }

  withdrawVoid(park: string, version: number, author: Author): void {
    const { key, meter, value } = this.find(this.voids, park, version, 'unknown_void', 'void');
    const { from, to } = value;
    this.deps.recorder.record(
      this.voids.store,
      [[key, null]],
      author,
      { action: 'meter_void.withdraw', target: meterKey(meter), detail: { from, to } },
      changeOf('void', meter, { from, to }),
    );
  }

  putGapRules(meter: Meter, rules: readonly GapRule[], author: Author): readonly RecordedGapRule[] {
    boundsOf(this.deps.registry, meter);
    const isTwice = ({ from }: GapRule, i: number) => rules.findIndex((other) => other.from === from) < i;
    refuseFields(
      rules.flatMap((rule, i) =>
        inPart(`rules.${i}`, [
          ...gapRuleErrors(rule),
          ...must(!isTwice(rule, i), 'from', 'another time than that of a rule before'),
        ]),
      ),
    );
    const before = new Map(this.gapRules.of(meter, 'latest').map(({ key, value }) => [key, value]));
    const after = new Map(rules.map((rule) => [meterFactKey(meter, rule.from), rule]));
    const items: [string, GapRule | null][] = [];
    for (const [key, rule] of after) {
      const known = before.get(key);
      if (known?.method !== rule.method || known.longerThanMs !== rule.longerThanMs) items.push([key, rule]);
    }
    for (const key of before.keys()) if (!after.has(key)) items.push([key, null]);
    if (items.length > 0) {
      const from = Math.min(...items.map(([key, rule]) => (rule ?? before.get(key)!).from));
      this.deps.recorder.record(
        this.gapRules.store,
        items,
        author,
        {
          action: 'meter_gap_rules.put',
          target: meterKey(meter),
          detail: { rules: rules.length, changed: items.length },
        },
        changeOf('gap_rules', meter, { from, to: Number.POSITIVE_INFINITY }),
      );
    }
    return this.list(this.gapRules, parkOf(meter.device), 'latest', ({ from }) => from).filter(
      (one) => meterKey(one.meter) === meterKey(meter),
    );
  }

  private periodErrors({ from, to }: Period): readonly FieldError[] {
    const days = METER_LIMITS.voidDays;
    const now = this.deps.clock();
    return [
      ...must(from < to, 'to', 'a time after from'),
      ...must(to - from <= days * DAY_MS, 'to', `at most ${days} days after from`),
      // A device whose clock is ahead has already sent readings of the next minutes.
      ...must(to <= now + HOUR_MS, 'to', 'a time that has been'),
    ];
  }

  private find<T>(of: OfMeters<T>, park: string, version: number, code: string, what: string): OfMeter<T> {
    for (const [meter, all] of of.byMeter('latest')) {
      const found = meter.startsWith(`${park}/`) ? all.find((one) => one.version === version) : undefined;
      if (found !== undefined) return { ...found, meter: meterOf(found.key) };
    }
    throw new IntensityRefusedError('missing', code, `there is no ${what} ${version} in park ${park}`);
  }

  private recorded<T>(of: OfMeters<T>, meter: Meter, key: string): OfMeter<T> {
    const found = of.of(meter, 'latest').find((one) => one.key === key)!;
    return { ...found, meter };
  }
}

function meterOf(key: string): Meter {
  const [device, register] = meterOfKey(key).split(' ') as [Meter['device'], string];
  return { device, register };
}

const changeOf = (what: MeterChange['what'], meter: Meter, period: Period): MeterChange => ({
  ...{ what, park: parkOf(meter.device), meters: [meter] },
  ...period,
});

function refuseMany(known: number, what: string): void {
  const most = METER_LIMITS.correctionsOfMeter;
  if (known < most) return;
  throw new IntensityRefusedError('conflict', 'correction_limit', `a meter has at most ${most} ${what}`);
}
