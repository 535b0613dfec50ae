import type { DeviceKey } from '../../domain/ids.js';
import type { ReadingsBatch } from '../port.js';
import { keyOf, stretches } from './replays.js';

const SERIES_A_QUESTION = 256;
/** Readings closer than this are looked up together. */
const SPAN_MS = 3_600_000;

/** Readings that may be the second of their series and time. */
export type SecondOnes = ReadonlyMap<DeviceKey, ReadonlySet<string>>;

export interface Question {
  readonly series: readonly { readonly device: DeviceKey; readonly metric: string }[];
  readonly from: number;
  readonly to: number;
}

/** Few questions that read little besides: hours in which the same series are asked become one. */
export function questionsOf(batches: readonly ReadingsBatch[], second: SecondOnes): Question[] {
  const hours = new Map<number, { readings: { ts: number }[]; series: Map<string, Question['series'][number]> }>();
  for (const { messages } of batches) {
    for (const { device, readings } of messages) {
      const keys = second.get(device);
      if (keys === undefined) continue;
      for (const { metric, ts } of readings) {
        if (!keys.has(keyOf(device, metric, ts))) continue;
        const at = Math.floor(ts / SPAN_MS);
        let hour = hours.get(at);
        if (hour === undefined) {
          hour = { readings: [], series: new Map() };
          hours.set(at, hour);
        }
        hour.readings.push({ ts });
        hour.series.set(`${device} ${metric}`, { device, metric });
      }
    }
  }
  const bySeries = new Map<string, { readings: { ts: number }[]; series: Question['series'] }>();
  for (const at of [...hours.keys()].sort((a, b) => a - b)) {
    const { readings, series } = hours.get(at)!;
    const names = [...series.keys()].sort().join('\n');
    const same = bySeries.get(names);
    if (same === undefined) bySeries.set(names, { readings, series: [...series.values()] });
    else for (const reading of readings) same.readings.push(reading);
  }
  const questions: Question[] = [];
  for (const { readings, series } of bySeries.values()) {
    for (const { from, to } of stretches(readings)) {
      for (let i = 0; i < series.length; i += SERIES_A_QUESTION) {
        questions.push({ series: series.slice(i, i + SERIES_A_QUESTION), from, to });
      }
    }
  }
  return questions;
}

/** All that the batches hold. */
export function allOf(batches: readonly ReadingsBatch[]): SecondOnes {
  const all = new Map<DeviceKey, Set<string>>();
  for (const { messages } of batches) {
    for (const { device, readings } of messages) {
      const keys = all.get(device) ?? new Set();
      all.set(device, keys);
      for (const { metric, ts } of readings) keys.add(keyOf(device, metric, ts));
    }
  }
  return all;
}

/** How many series of one device the keys are of. */
export const seriesAmong = (keys: ReadonlySet<string>) =>
  new Set([...keys].map((key) => key.slice(0, key.lastIndexOf(' ')))).size;
