import { describe, expect, it, vi } from 'vitest';
import { backfill, messagesOf, slicesOf } from '../../../simulators/backfill.js';
import { buildFleet } from '../../../simulators/fleet.js';
import type { DeviceModel } from '../../../simulators/model/device.js';
import { linkTo, TestBroker } from './broker.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TO = Date.parse('2026-11-23T08:07:30+08:00');

const instants = (from: number, to: number) =>
  slicesOf(from, to).flatMap((slice) => {
    const list: number[] = [];
    for (let ts = slice.from; ts < slice.to; ts += slice.step) list.push(ts);
    return list;
  });

describe('past data', () => {
  it('has hourly steps, and ten-minute steps for the last three days, without gap or repetition', () => {
    const list = instants(TO - 30 * DAY, TO);
    const gaps = list.slice(1).map((ts, i) => ts - list[i]!);
    const fine = list.findIndex((_, i) => gaps[i] === HOUR / 6);
    expect(gaps.slice(0, fine).every((gap) => gap === HOUR)).toBe(true);
    expect(gaps.slice(fine).every((gap) => gap === HOUR / 6)).toBe(true);
    expect(TO - list[fine]!).toBeLessThanOrEqual(3 * DAY);
    expect(TO - list[fine]!).toBeGreaterThan(3 * DAY - HOUR);
    expect(list[0]! - (TO - 30 * DAY)).toBeLessThan(HOUR);
    expect(TO - list.at(-1)!).toBeLessThan(HOUR / 6);
  });

  it('has nothing for an empty stretch, and ten-minute steps alone for a short one', () => {
    expect(slicesOf(TO, TO)).toEqual([]);
    expect(instants(TO - HOUR, TO)).toHaveLength(6);
  });

  it('keeps messages within 1,000 items and 256 KiB', () => {
    const wide: DeviceModel = {
      id: 'd',
      park: 'p1',
      domain: 'energy',
      values: () => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`a_rather_long_metric_name_${i}`, 1 / 3])),
    };
    const narrow: DeviceModel = { ...wide, values: () => ({ active_power_kw: 1 }) };
    for (const model of [wide, narrow]) {
      const messages = [...messagesOf(model, { from: 0, to: 2_500 * HOUR, step: HOUR })];
      const items = messages.map(({ payload }) => JSON.parse(payload) as unknown[]);
      expect(items.flat()).toHaveLength(2_500);
      expect(Math.max(...items.map((list) => list.length))).toBeLessThanOrEqual(1_000);
      expect(Math.max(...messages.map(({ payload }) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(256 * 1024);
      expect(messages.reduce((sum, { readings }) => sum + readings, 0)).toBe(
        2_500 * Object.keys(model.values(0)).length,
      );
    }
  });

  it('arrives in full at a real broker, oldest first for each device, and is counted as acknowledged', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    const fleet = buildFleet([{ id: 'p1', areaMu: 60, industry: 'digital' }], () => link, 1);
    const reports: number[] = [];
    const result = await backfill({
      fleet,
      from: TO - 5 * DAY,
      to: TO,
      onProgress: ({ messages }) => reports.push(messages),
    });
    const received = broker.readings();
    const series = new Map<string, number[]>();
    let readings = 0;
    for (const { topic, payload, qos } of received) {
      expect(qos).toBe(1);
      for (const { ts, values } of JSON.parse(payload) as { ts: number; values: object }[]) {
        series.set(topic, [...(series.get(topic) ?? []), ts]);
        readings += Object.keys(values).length;
      }
    }
    expect(readings).toBe(result.readings);
    expect(result).toMatchObject({ dropped: 0, messages: result.totalMessages });
    expect(series.size).toBe(fleet[0]!.devices.length);
    for (const list of series.values()) expect(list).toEqual(instants(TO - 5 * DAY, TO));
    expect(reports.at(-1)).toBe(result.totalMessages);
  });

  it('stops when it is told to', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    const fleet = buildFleet([{ id: 'p1', areaMu: 60, industry: 'digital' }], () => link, 1);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const result = await backfill({ fleet, from: TO - 30 * DAY, to: TO, signal: stop.signal, onProgress });
    expect(result.messages).toBeLessThan(result.totalMessages / 2);
  });

  it('stops at once when it is told to while nothing is acknowledged', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    broker.holding = true;
    const fleet = buildFleet([{ id: 'p1', areaMu: 60, industry: 'digital' }], () => link, 1);
    const stop = new AbortController();
    const filling = backfill({ fleet, from: TO - 30 * DAY, to: TO, signal: stop.signal });
    await vi.waitFor(() => expect(broker.readings().length).toBeGreaterThan(0));
    stop.abort();
    expect((await filling).readings).toBe(0);
  });
});
