import type { Values } from './model/device.js';
import { type ExpectedAlarm, ExpectedAlarms } from './verdict/expected.js';

/** What a run sent of one series, and how much of it the service acknowledged. */
export interface SeriesTruth {
  readonly device: string;
  readonly metric: string;
  sent: number;
  acknowledged: number;
  /** Sum of the acknowledged values, in order of acknowledgement; booleans count 1 and 0. */
  sum: number;
  min: number;
  max: number;
  firstTs: number;
  lastTs: number;
}

/** One fact of a run; a test compares it with what the service stored. */
export interface TruthRecord {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Keeps the ground truth of a run: facts as they happen, and per series what was sent and acknowledged. */
export class Truth {
  readonly alarms = new ExpectedAlarms();
  private readonly series = new Map<string, Map<string, SeriesTruth>>();

  constructor(private readonly write: (record: TruthRecord) => void) {}

  record(record: TruthRecord): void {
    this.write(record);
  }

  /** Adds an alarm that the run will cause. */
  expect(alarm: ExpectedAlarm): void {
    this.alarms.add(alarm);
    this.write({ type: 'declared_alarm', ...alarm });
  }

  sent(device: string, ts: number, values: Values): void {
    for (const metric of Object.keys(values)) {
      const entry = this.entry(device, metric, ts);
      entry.sent += 1;
    }
  }

  acknowledged(device: string, ts: number, values: Values): void {
    for (const [metric, given] of Object.entries(values)) {
      const entry = this.entry(device, metric, ts);
      const value = Number(given);
      entry.acknowledged += 1;
      entry.sum += value;
      entry.min = Math.min(entry.min, value);
      entry.max = Math.max(entry.max, value);
      entry.firstTs = Math.min(entry.firstTs, ts);
      entry.lastTs = Math.max(entry.lastTs, ts);
    }
  }

  /** Writes one record for each series. */
  report(): void {
    for (const entry of this.list()) this.write({ type: 'series', ...entry });
  }

  list(): SeriesTruth[] {
    return [...this.series.values()].flatMap((metrics) => [...metrics.values()]);
  }

  private entry(device: string, metric: string, ts: number): SeriesTruth {
    const metrics = this.series.get(device) ?? new Map<string, SeriesTruth>();
    this.series.set(device, metrics);
    const entry = metrics.get(metric) ?? {
      device,
      metric,
      sent: 0,
      acknowledged: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      firstTs: ts,
      lastTs: ts,
    };
    metrics.set(metric, entry);
    return entry;
  }
}
